#include "translator/host/random_function.h"

#include <array>
#include <cassert>
#include <vector>

#include "translator/ir/builder.h"
#include "translator/ir/evaluate.h"

namespace emu::translator {
namespace {

using ir::Op;
using ir::Slot;
using ir::Type;
using ir::Value;

// Slots by type, one after the other: {first offset, count, type}.
struct SlotFamily {
  uint16_t offset;
  uint16_t count;
  Type type;
};
constexpr SlotFamily kSlots[] = {
    {0, 24, Type::kI64},  {192, 20, Type::kF64}, {352, 6, Type::kI32},
    {376, 6, Type::kF32}, {400, 4, Type::kI16},  {408, 8, Type::kI8},
};

constexpr Op kWordOps[] = {Op::kAdd,  Op::kSub,  Op::kMul,    Op::kDivS,     Op::kDivU,
                           Op::kRemS, Op::kRemU, Op::kAnd,    Op::kOr,       Op::kXor,
                           Op::kAdd,  Op::kSub,  Op::kAndNot, Op::kShl,      Op::kShrU,
                           Op::kShrS, Op::kRotL, Op::kRotR,   Op::kNot,      Op::kClz,
                           Op::kCtz,  Op::kAdd,  Op::kAnd,    Op::kPopCount, Op::kByteSwap};
constexpr Op kWideOps[] = {Op::kMulHighS,        Op::kMulHighU,     Op::kMulHighSU,
                           Op::kClMulLow,        Op::kClMulHigh,    Op::kOrCombine,
                           Op::kByteLookup,      Op::kNibbleLookup, Op::kAesEncrypt,
                           Op::kAesEncryptLast,  Op::kAesDecrypt,   Op::kAesDecryptLast,
                           Op::kAesInvMixColumns};
constexpr Op kComparisons[] = {Op::kEq, Op::kNe, Op::kLtS, Op::kGeS, Op::kLtU, Op::kGeU};
constexpr Op kTruthOps[] = {Op::kAnd, Op::kOr, Op::kXor, Op::kEq, Op::kNe};
constexpr Op kFloatOps[] = {Op::kFAdd,    Op::kFSub, Op::kFMul, Op::kFDiv,   Op::kFSqrt,
                            Op::kFMulAdd, Op::kFMin, Op::kFMax, Op::kFRound, Op::kFRoundExact};
constexpr Op kFloatComparisons[] = {Op::kFEq, Op::kFLt, Op::kFLe, Op::kFLtQuiet, Op::kFLeQuiet};
constexpr Type kIntegers[] = {Type::kI8, Type::kI16, Type::kI32, Type::kI64};
constexpr Type kStorable[] = {Type::kI8,  Type::kI16, Type::kI32,
                              Type::kI64, Type::kF32, Type::kF64};

class Writer {
 public:
  explicit Writer(Random& random)
      : random_(random),
        builder_(function_,
                 Below(2) == 0 ? ir::Builder::Folding::kOff : ir::Builder::Folding::kOn) {}

  ir::Function Write() {
    // Few values at a time, or many more than there are registers.
    recent_only_ = Below(3) != 0;
    const uint64_t steps = 1 + Below(Below(4) == 0 ? 70 : 25);
    page_offset_ = static_cast<uint32_t>(2 * Below(1000));
    builder_.StartBlock(builder_.NewBlock());
    BeginInsn();
    if (!recent_only_) {
      for (uint32_t number = 0; number < 18; ++number)
        Keep(Get(Below(2) ? Type::kI64 : Type::kF64));
    }
    const bool crowds_floats = !recent_only_ && Below(2) == 0;
    if (crowds_floats) WriteManyFloats();
    for (uint64_t step = 0; step < steps; ++step) WriteStep();
    if (crowds_floats) UseManyFloats();
    for (uint64_t sets = Below(recent_only_ ? 4 : 30); sets > 0; --sets) WriteSet();
    WriteEnd();
    return std::move(function_);
  }

 private:
  static constexpr auto kDynamic = static_cast<uint8_t>(ir::Rounding::kDynamic);

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  template <typename T, size_t size>
  T OneOf(const T (&all)[size]) {
    return all[Below(size)];
  }
  Type Word() { return Below(3) == 0 ? Type::kI32 : Type::kI64; }
  Type FloatType() { return Below(2) == 0 ? Type::kF32 : Type::kF64; }
  uint8_t Rounding() {
    return static_cast<uint8_t>(Below(4) != 0 ? ir::Rounding::kDynamic : ir::Rounding(Below(5)));
  }

  void BeginInsn() {
    builder_.Insn(page_offset_, 4);
    page_offset_ += 4;
    changed_ = false;
  }
  // The next operation may leave: nothing of its guest instruction has changed anything yet.
  void BeforeLeaving() {
    if (changed_ || Below(4) == 0) BeginInsn();
  }

  std::vector<Value>& Pool(Type type) { return pools_[static_cast<size_t>(type)]; }
  // Floats whose NaNs may have any payload.
  std::vector<Value>& RawPool(Type type) { return pools_[type == Type::kF32 ? 9 : 10]; }
  void Keep(Value value) { Pool(value.type).push_back(value); }
  void KeepRaw(Value value) { RawPool(value.type).push_back(value); }

  Slot RandomSlot(Type type) {
    for (const SlotFamily& family : kSlots) {
      if (family.type != type) continue;
      const uint64_t number = Below(family.count);
      return {static_cast<uint16_t>(family.offset + number * ir::BytesOf(type)), type};
    }
    assert(false && "no slots of this type");
    return {};
  }
  Value Get(Type type) { return builder_.Get(RandomSlot(type)); }

  Value Make(Type type) {
    if (type == Type::kI1) {
      const Type word = Word();
      return builder_.Binary(OneOf(kComparisons), Pick(word), Pick(word));
    }
    if (Below(3) == 0) return builder_.Const(type, OddBits(random_));
    if (type == Type::kI64 && Below(8) == 0) {
      return builder_.Pc(static_cast<int64_t>(Below(8192)) - 2048);
    }
    const bool narrow = type == Type::kI8 || type == Type::kI16 || type == Type::kI32;
    if (narrow && Below(2) == 0) return builder_.Convert(Op::kTruncate, type, Pick(Type::kI64));
    return Get(type);
  }
  Value PickFrom(const std::vector<Value>& pool) {
    const size_t window = recent_only_ && pool.size() > 4 ? 4 : pool.size();
    return pool[pool.size() - 1 - Below(window)];
  }
  Value Pick(Type type) {
    if (Pool(type).empty() || Below(8) == 0) Keep(Make(type));
    return PickFrom(Pool(type));
  }
  Value PickForArithmetic(Type type) {
    return !RawPool(type).empty() && Below(2) == 0 ? PickFrom(RawPool(type)) : Pick(type);
  }
  Value Pointer() {
    const Slot slot = {static_cast<uint16_t>(8 * Below(kPointerSlots)), Type::kI64};
    if (pointers_.empty() || Below(4) == 0) pointers_.push_back(builder_.Get(slot));
    Value pointer = pointers_[Below(pointers_.size())];
    if (Below(4) == 0) {
      pointer = builder_.Binary(Op::kAdd, pointer, builder_.I64(Below(200) - 100));
      pointers_.push_back(pointer);
    }
    return Below(50) == 0 ? Pick(Type::kI64) : pointer;
  }
  int64_t Displacement() {
    return static_cast<int64_t>(Below(8) == 0 ? Below(4096) : 8 * Below(12)) - 32;
  }

  // More values than there are registers for floats, and at the end somebody who wants all.
  void WriteManyFloats() {
    for (uint32_t number = 0; number < 20; ++number) {
      const Type type = Below(3) == 0 ? Type::kF32 : Type::kF64;
      const Value sum = builder_.Binary(Op::kFAdd, Get(type), Get(type), kDynamic);
      KeepArithmetic(sum);
      if (Below(4) == 0) builder_.Set(RandomSlot(type), builder_.Unary(Op::kCanon, sum));
    }
  }
  void UseManyFloats() {
    for (const Type type : {Type::kF32, Type::kF64}) {
      Value sum = Pick(type);
      for (const Value& value : RawPool(type)) {
        sum = builder_.Binary(Op::kFAdd, value, sum, kDynamic);
      }
      changed_ = true;
      if (!RawPool(type).empty()) Keep(builder_.Unary(Op::kCanon, sum));
      builder_.Set(RandomSlot(type), Pick(type));
    }
  }

  void WriteStep() {
    switch (Below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        WriteInteger();
        break;
      case 4:
        WriteTruth();
        break;
      case 5:
        WriteExtension();
        break;
      case 6:
        WriteSelect();
        break;
      case 7:
      case 8:
        WriteFloat();
        break;
      case 9:
        WriteFloatConversion();
        break;
      case 10:
        WriteLoad();
        break;
      case 11:
        WriteStore();
        break;
      case 12:
      case 13:
        WriteSet();
        break;
      case 14:
        WriteBranch();
        break;
      default:
        WriteRare();
        break;
    }
  }

  void WriteInteger() {
    if (Below(40) == 0) {
      Keep(builder_.Unary(Op::kAesSubWord, Pick(Type::kI32)));
      return;
    }
    const bool wide = Below(5) == 0;
    const Type type = wide ? Type::kI64 : Word();
    const Op op = wide ? OneOf(kWideOps) : OneOf(kWordOps);
    if (ir::InfoOf(op).operand_count == 1) {
      Keep(builder_.Unary(op, Pick(type)));
    } else {
      Keep(builder_.Binary(op, Pick(type), Pick(type)));
    }
  }

  void WriteTruth() {
    if (Below(3) == 0) {
      Keep(builder_.Binary(OneOf(kTruthOps), Pick(Type::kI1), Pick(Type::kI1)));
    } else {
      const Type word = Word();
      Keep(builder_.Binary(OneOf(kComparisons), Pick(word), Pick(word)));
    }
  }

  void WriteExtension() {
    const Type to = Below(3) == 0 ? OneOf(kIntegers) : Type::kI64;
    constexpr Type kNarrow[] = {Type::kI1, Type::kI8, Type::kI16, Type::kI32};
    const Type from = OneOf(kNarrow);
    if (ir::BitsOf(from) >= ir::BitsOf(to)) {
      if (from != to) Keep(builder_.Convert(Op::kTruncate, to, Pick(from)));
      return;
    }
    Keep(builder_.Convert(Below(2) == 0 ? Op::kSignExtend : Op::kZeroExtend, to, Pick(from)));
  }

  void WriteSelect() {
    const Type type = Below(4) == 0 ? Type::kI1 : Below(2) == 0 ? Type::kI64 : OneOf(kIntegers);
    const Value condition = Pick(Type::kI1);
    Keep(builder_.Select(condition, Pick(type), Pick(type)));
  }

  void WriteFloat() {
    const Type type = FloatType();
    if (Below(4) == 0) {
      changed_ = true;
      Keep(builder_.Binary(OneOf(kFloatComparisons), PickForArithmetic(type),
                           PickForArithmetic(type)));
      return;
    }
    if (Below(8) == 0) {
      Keep(builder_.Unary(Op::kFNeg, Pick(type)));
      return;
    }
    const Op op = OneOf(kFloatOps);
    const bool rounds = op != Op::kFMin && op != Op::kFMax;
    const uint8_t attr = rounds ? Rounding() : 0;
    const Value a = PickForArithmetic(type);
    Value result;
    if (ir::InfoOf(op).operand_count == 1) {
      result = builder_.Unary(op, a, attr);
    } else if (op == Op::kFMulAdd) {
      result = builder_.Ternary(op, a, PickForArithmetic(type), PickForArithmetic(type), attr);
    } else {
      result = builder_.Binary(op, a, PickForArithmetic(type), attr);
    }
    KeepArithmetic(result);
  }
  void KeepArithmetic(Value result) {
    changed_ = true;
    KeepRaw(result);
    if (Below(3) != 0) Keep(builder_.Unary(Op::kCanon, result));
  }

  void WriteFloatConversion() {
    const Type type = FloatType();
    const Type other = type == Type::kF32 ? Type::kF64 : Type::kF32;
    switch (Below(9)) {
      case 7:
        KeepArithmetic(builder_.Convert(Op::kFFromHalf, type, Pick(Type::kI16)));
        break;
      case 8:
        changed_ = true;
        Keep(builder_.Convert(Op::kFToHalf, Type::kI16, PickForArithmetic(type), Rounding()));
        break;
      case 0:
        KeepArithmetic(builder_.Convert(Op::kFConvert, other, PickForArithmetic(type), Rounding()));
        break;
      case 1:
        changed_ = true;
        Keep(builder_.Convert(Below(2) == 0 ? Op::kFToS : Op::kFToU, Word(),
                              PickForArithmetic(type), Rounding()));
        break;
      case 2:
        changed_ = true;
        Keep(builder_.Convert(Below(2) == 0 ? Op::kSToF : Op::kUToF, type, Pick(Word()),
                              Rounding()));
        break;
      case 3:
        Keep(builder_.Convert(Op::kUnbox, Type::kF32, Pick(Type::kF64)));
        break;
      case 4: {
        const Value boxed = builder_.Convert(Op::kBox, Type::kF64, Pick(Type::kF32));
        Keep(boxed);
        if (Below(2) == 0) builder_.Set(RandomSlot(Type::kF64), boxed), changed_ = true;
        break;
      }
      case 5:
        Keep(builder_.Convert(Op::kBitCast, type == Type::kF32 ? Type::kI32 : Type::kI64,
                              Pick(type)));
        break;
      default:
        Keep(builder_.Convert(Op::kBitCast, type,
                              Pick(type == Type::kF32 ? Type::kI32 : Type::kI64)));
        break;
    }
  }

  void WriteLoad() {
    const Type type = OneOf(kStorable);
    const Value pointer = Pointer();
    // Neighbours, as a function's prologue and epilogue have them.
    for (uint64_t count = Below(3) == 0 ? 3 : 1; count > 0; --count) {
      BeforeLeaving();
      const Value loaded = builder_.Load(type, pointer, Displacement());
      if (ir::IsInteger(type) && type != Type::kI64 && Below(2) == 0) {
        const Op extension = Below(2) == 0 ? Op::kSignExtend : Op::kZeroExtend;
        Keep(builder_.Convert(extension, Type::kI64, loaded));
        if (Below(4) != 0) continue;
      }
      Keep(loaded);
    }
  }

  // Stores that come after others of their instruction, as none of them can fault.
  void WriteProbedStores(Value pointer) {
    constexpr uint32_t kBytes = 16;
    const auto displacement = static_cast<int32_t>(Displacement());
    BeforeLeaving();
    builder_.Probe(pointer, displacement, kBytes, ir::kForWrite);
    for (const int32_t offset : {0, 8}) {
      builder_.Store(pointer, displacement + offset, Pick(Type::kI64));
    }
    changed_ = true;
  }

  void WriteStore() {
    const Value pointer = Pointer();
    if (Below(4) == 0) return WriteProbedStores(pointer);
    for (uint64_t count = Below(3) == 0 ? 3 : 1; count > 0; --count) {
      const Value value = Pick(OneOf(kStorable));
      BeforeLeaving();
      builder_.Store(pointer, Displacement(), value);
      changed_ = true;
    }
  }

  void WriteSet() {
    const Type type = Below(4) == 0 ? OneOf(kStorable) : Below(2) == 0 ? Type::kI64 : Type::kF64;
    const Value value = Pick(type);
    Slot slot = RandomSlot(type);
    // The pointers mostly stay what they are.
    if (slot.offset < 8 * kPointerSlots && Below(8) != 0) slot.offset += 8 * kPointerSlots;
    builder_.Set(slot, value);
    changed_ = true;
  }

  void WriteBranch() {
    const Value condition = Pick(Type::kI1);
    const bool raises = Below(4) == 0;
    const Value word = Pick(Type::kI64);
    if (raises) BeforeLeaving();
    const ir::BlockId taken = builder_.NewBlock();
    const ir::BlockId not_taken = builder_.NewBlock();
    builder_.BrCond(condition, taken, not_taken);
    builder_.StartBlock(taken);
    if (raises) {
      builder_.Raise(Below(16), Below(2) == 0 ? word : Value());
    } else {
      builder_.GotoGuest(Target());
    }
    builder_.StartBlock(not_taken);
    BeginInsn();
  }
  int64_t Target() { return 2 * static_cast<int64_t>(Below(3000)) - 512; }

  void WriteRare() {
    const Type type = Word();
    // Values first: what may leave comes before what changes anything.
    const Value pointer = Pointer();
    const Value b = Pick(type);
    const Value c = Pick(type);
    const Value first = Pick(Type::kI64);
    const Value second = Pick(Type::kI64);
    const Value third = Pick(Type::kI64);
    BeforeLeaving();
    switch (Below(6)) {
      case 0:
        Keep(builder_.Rmw(ir::RmwKind(Below(9)), pointer, b, 0));
        break;
      case 1:
        Keep(builder_.CompareSwap(pointer, b, c, 0));
        break;
      case 2:
        Keep(builder_.LoadReserved(type, pointer, 0));
        break;
      case 3:
        if (Below(2) == 0) {
          Keep(builder_.LoadReserved(type, pointer, 0));
          BeginInsn();
        }
        Keep(builder_.StoreConditional(pointer, b, 0));
        break;
      case 4:
        builder_.Fence(ir::MemoryOrder(Below(5)));
        break;
      default: {
        // The helpers of effect, which have odd numbers, take two operands.
        const auto helper = static_cast<uint32_t>(Below(kTestHelpers));
        const Type result = Below(3) == 0 ? Type::kVoid : Type::kI64;
        const Value value =
            builder_.Call(helper, result, first, second, helper % 2 == 0 ? third : Value());
        if (result != Type::kVoid) Keep(value);
        break;
      }
    }
    changed_ = true;
  }

  void WriteEnd() {
    const Value word = Pick(Type::kI64);
    switch (Below(8)) {
      case 0:
        BeforeLeaving();
        builder_.Raise(Below(16), Below(2) == 0 ? word : Value());
        break;
      case 1:
        builder_.Exit(word);
        break;
      case 2:
        builder_.Wait(word);
        break;
      case 3:
      case 4:
        builder_.GotoIndirect(word, ir::JumpHint::kJump);
        break;
      default:
        builder_.GotoGuest(Target());
        break;
    }
  }

  Random& random_;
  ir::Function function_;
  ir::Builder builder_;
  std::array<std::vector<Value>, 11> pools_;
  std::vector<Value> pointers_;
  uint32_t page_offset_ = 0;
  bool changed_ = false;
  bool recent_only_ = false;
};

}  // namespace

bool SeesNoNan(const ir::Function& function) {
  const auto is_arithmetic = [](Op op) {
    return (op >= Op::kFAdd && op <= Op::kFMax) || op == Op::kFConvert || op == Op::kFFromHalf;
  };
  const auto takes_any = [&](Op op) {
    return is_arithmetic(op) || (op >= Op::kFEq && op <= Op::kFLe) || op == Op::kFToS ||
           op == Op::kFToU || op == Op::kFToHalf || op == Op::kCanon;
  };
  for (const ir::Inst& inst : function.insts) {
    for (const ir::ValueId id : {inst.a, inst.b, inst.c}) {
      if (id == ir::ValueId::kNone) continue;
      const bool may_be_nan = is_arithmetic(function.inst(id).op);
      if (may_be_nan && !takes_any(inst.op)) return false;
      if (inst.op == Op::kCanon && !may_be_nan) return false;
    }
  }
  return true;
}

ir::Function WriteRandomFunction(Random& random) { return Writer(random).Write(); }

}  // namespace emu::translator
