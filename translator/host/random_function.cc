#include "translator/host/random_function.h"

#include <cassert>

#include "translator/host/random_writer.h"

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
    {0, 24, Type::kI64},  {192, 20, Type::kF64}, {352, 6, Type::kI32},  {376, 6, Type::kF32},
    {400, 4, Type::kI16}, {408, 8, Type::kI8},   {512, 8, Type::kV128},
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
constexpr Type kIntegers[] = {Type::kI8, Type::kI16, Type::kI32, Type::kI64};
constexpr Op kTruthOps[] = {Op::kAnd, Op::kOr, Op::kXor, Op::kEq, Op::kNe};

}  // namespace

ir::Function RandomWriter::Write() {
  // Few values at a time, or many more than there are registers.
  recent_only_ = Below(3) != 0;
  const uint64_t steps = 1 + Below(Below(4) == 0 ? 70 : 25);
  page_offset_ = static_cast<uint32_t>(2 * Below(1000));
  start_ = page_offset_;
  builder_.StartBlock(builder_.NewBlock());
  BeginInsn();
  if (Below(3) == 0) WriteCountdown();
  if (!recent_only_) {
    for (uint32_t number = 0; number < 18; ++number) Keep(Get(Below(2) ? Type::kI64 : Type::kF64));
  }
  const bool crowds_floats = !recent_only_ && Below(2) == 0;
  if (crowds_floats) WriteManyFloats();
  for (uint64_t step = 0; step < steps; ++step) WriteStep();
  if (crowds_floats) UseManyFloats();
  for (uint64_t sets = Below(recent_only_ ? 4 : 30); sets > 0; --sets) WriteSet();
  WriteEnd();
  return std::move(function_);
}

void RandomWriter::WriteCountdown() {
  loops_ = true;
  const Slot slot = {kCountdown, Type::kI64};
  const Value left = builder_.Get(slot);
  const ir::BlockId out = builder_.NewBlock();
  const ir::BlockId on = builder_.NewBlock();
  builder_.BrCond(builder_.Binary(Op::kEq, left, builder_.I64(0)), out, on);
  builder_.StartBlock(out);
  builder_.GotoGuest(start_ + 2);
  builder_.StartBlock(on);
  BeginInsn();
  builder_.Set(slot, builder_.Binary(Op::kSub, left, builder_.I64(1)));
  changed_ = true;
}

Slot RandomWriter::RandomSlot(Type type) {
  for (const SlotFamily& family : kSlots) {
    if (family.type != type) continue;
    const uint64_t number = Below(family.count);
    return {static_cast<uint16_t>(family.offset + number * ir::BytesOf(type)), type};
  }
  assert(false && "no slots of this type");
  return {};
}

Value RandomWriter::Make(Type type) {
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

Value RandomWriter::Pointer() {
  const Slot slot = {static_cast<uint16_t>(8 * Below(kPointerSlots)), Type::kI64};
  if (pointers_.empty() || Below(4) == 0) pointers_.push_back(builder_.Get(slot));
  Value pointer = pointers_[Below(pointers_.size())];
  if (Below(4) == 0) {
    pointer = builder_.Binary(Op::kAdd, pointer, builder_.I64(Below(200) - 100));
    pointers_.push_back(pointer);
  }
  return Below(50) == 0 ? Pick(Type::kI64) : pointer;
}

void RandomWriter::WriteStep() {
  switch (Below(18)) {
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
    case 15:
      WriteLaneMove();
      break;
    case 16:
      WriteVector();
      break;
    default:
      WriteRare();
      break;
  }
}

void RandomWriter::WriteInteger() {
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

void RandomWriter::WriteTruth() {
  if (Below(3) == 0) {
    Keep(builder_.Binary(OneOf(kTruthOps), Pick(Type::kI1), Pick(Type::kI1)));
  } else {
    const Type word = Word();
    Keep(builder_.Binary(OneOf(kComparisons), Pick(word), Pick(word)));
  }
}

void RandomWriter::WriteExtension() {
  const Type to = Below(3) == 0 ? OneOf(kIntegers) : Type::kI64;
  constexpr Type kNarrow[] = {Type::kI1, Type::kI8, Type::kI16, Type::kI32};
  const Type from = OneOf(kNarrow);
  if (ir::BitsOf(from) >= ir::BitsOf(to)) {
    if (from != to) Keep(builder_.Convert(Op::kTruncate, to, Pick(from)));
    return;
  }
  Keep(builder_.Convert(Below(2) == 0 ? Op::kSignExtend : Op::kZeroExtend, to, Pick(from)));
}

void RandomWriter::WriteSelect() {
  const Type type = Below(4) == 0   ? Type::kI1
                    : Below(2) == 0 ? Type::kI64
                    : Below(2) == 0 ? OneOf(kIntegers)
                                    : OneOf(kStorable);
  const Value condition = Pick(Type::kI1);
  Keep(builder_.Select(condition, Pick(type), Pick(type)));
}

uint8_t RandomWriter::AccessAttr(Type type) {
  if (!ir::IsInteger(type) || Below(4) != 0) return 0;
  return Below(2) == 0 ? ir::kMustAlign : ir::kOtherSpace;
}

void RandomWriter::WriteLoad() {
  const Type type = OneOf(kStorable);
  const Value pointer = Pointer();
  // Neighbours, as a function's prologue and epilogue have them.
  for (uint64_t count = Below(3) == 0 ? 3 : 1; count > 0; --count) {
    BeforeLeaving();
    const uint8_t attr = AccessAttr(type);
    const Value loaded =
        builder_.Load(type, pointer, attr == ir::kMustAlign ? 0 : Displacement(), attr);
    if (ir::IsInteger(type) && type != Type::kI64 && Below(2) == 0) {
      const Op extension = Below(2) == 0 ? Op::kSignExtend : Op::kZeroExtend;
      Keep(builder_.Convert(extension, Type::kI64, loaded));
      if (Below(4) != 0) continue;
    }
    Keep(loaded);
  }
}

void RandomWriter::WriteProbedStores(Value pointer) {
  constexpr uint32_t kBytes = 16;
  const auto displacement = static_cast<int32_t>(Displacement());
  BeforeLeaving();
  builder_.Probe(pointer, displacement, kBytes, ir::kForWrite);
  for (const int32_t offset : {0, 8}) {
    builder_.Store(pointer, displacement + offset, Pick(Type::kI64));
  }
  changed_ = true;
}

void RandomWriter::WriteStore() {
  const Value pointer = Pointer();
  if (Below(4) == 0) return WriteProbedStores(pointer);
  for (uint64_t count = Below(3) == 0 ? 3 : 1; count > 0; --count) {
    const Type type = OneOf(kStorable);
    const Value value = Pick(type);
    BeforeLeaving();
    const uint8_t attr = AccessAttr(type);
    builder_.Store(pointer, attr == ir::kMustAlign ? 0 : Displacement(), value, attr);
    changed_ = true;
  }
}

void RandomWriter::WriteSet() {
  const Type type = Below(4) == 0 ? OneOf(kStorable) : Below(2) == 0 ? Type::kI64 : Type::kF64;
  const Value value = Pick(type);
  Slot slot = RandomSlot(type);
  // The pointers mostly stay what they are.
  if (slot.offset < 8 * kPointerSlots && Below(8) != 0) slot.offset += 8 * kPointerSlots;
  builder_.Set(slot, value);
  changed_ = true;
}

void RandomWriter::WriteBranch() {
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

void RandomWriter::WriteRare() {
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

void RandomWriter::WriteEnd() {
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

bool SeesNoNan(const ir::Function& function) {
  // Exact NaNs are seen, and want exact ones.
  const auto is_arithmetic = [](const ir::Inst& inst) {
    const bool computes = (inst.op >= Op::kFAdd && inst.op <= Op::kFMaximum) ||
                          inst.op == Op::kFConvert || inst.op == Op::kFFromHalf;
    return computes && (inst.attr & ir::kPropagateNan) == 0;
  };
  const auto takes_any = [&](const ir::Inst& inst) {
    const Op op = inst.op;
    return is_arithmetic(inst) || (op >= Op::kFEq && op <= Op::kFCompare) || op == Op::kFToS ||
           op == Op::kFToU || op == Op::kCanon ||
           (op == Op::kFToHalf && (inst.attr & ir::kPropagateNan) == 0);
  };
  for (const ir::Inst& inst : function.insts) {
    for (const ir::ValueId id : {inst.a, inst.b, inst.c}) {
      if (id == ir::ValueId::kNone) continue;
      const bool may_be_nan = is_arithmetic(function.inst(id));
      if (may_be_nan && !takes_any(inst)) return false;
      if (inst.op == Op::kCanon && !may_be_nan) return false;
    }
  }
  return true;
}

bool CountsItsRounds(const ir::Function& function) {
  const auto is = [&function](const ir::Inst& inst, Op op, uint64_t imm) {
    return inst.op == op && inst.imm == imm && &inst != &function.insts.back();
  };
  const uint64_t start = function.insts[0].imm & 0xffff'ffff;
  bool loops = false;
  bool counts = false;
  for (const ir::Inst& inst : function.insts) {
    loops = loops || (inst.op == Op::kGotoGuest && inst.imm == start);
    if (inst.op != Op::kSetSlot || inst.imm != kCountdown) continue;
    const ir::Inst& less = function.inst(inst.a);
    counts = less.op == Op::kSub && is(function.inst(less.a), Op::kGetSlot, kCountdown) &&
             is(function.inst(less.b), Op::kConst, 1);
  }
  if (!loops) return true;
  const ir::Inst& branch = function.insts[function.blocks[0].end - 1];
  if (!counts || branch.op != Op::kBrCond) return false;
  const ir::Inst& ends = function.inst(branch.a);
  return ends.op == Op::kEq && is(function.inst(ends.a), Op::kGetSlot, kCountdown) &&
         is(function.inst(ends.b), Op::kConst, 0);
}

ir::Function WriteRandomFunction(Random& random) { return RandomWriter(random).Write(); }

}  // namespace emu::translator
