#include "translator/ir/verifier.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "translator/ir/attributes.h"
#include "translator/ir/evaluate.h"
#include "translator/ir/vector_rules.h"

namespace emu::ir {
namespace {

uint32_t IndexOf(ValueId id) { return static_cast<uint32_t>(id); }
uint32_t IndexOf(BlockId id) { return static_cast<uint32_t>(id); }

bool IsTerminal(Op op) { return (InfoOf(op).effects & kTerminal) != 0; }
bool MayLeave(Op op) { return (InfoOf(op).effects & kMayExit) != 0 || op == Op::kRaise; }

// What cannot be taken back when a later operation of the same guest instruction faults.
bool Changes(Op op) {
  const bool writes_memory = op == Op::kStore || op == Op::kAtomicRmw || op == Op::kCompareSwap ||
                             op == Op::kStoreConditional || op == Op::kHostStore;
  return writes_memory || (InfoOf(op).effects & (kWritesState | kFpFlags | kCall)) != 0;
}

class Verifier {
 public:
  Verifier(const Function& function, uint32_t state_bytes)
      : function_(function), state_bytes_(state_bytes) {}

  std::string Run() {
    const bool is_sound = CheckLayout() && CheckInstructions() && CheckDominance() &&
                          CheckSlots() && CheckPrecision() && CheckHostAddresses();
    return is_sound ? "" : error_;
  }

 private:
  bool Fail(uint32_t index, std::string_view why) {
    error_ = std::string("instruction ").append(std::to_string(index)) + " (" +
             std::string(InfoOf(function_.insts[index].op).text) + "): " + std::string(why);
    return false;
  }
  bool FailBlock(size_t block, std::string_view why) {
    error_ = std::string("block ").append(std::to_string(block)) + ": " + std::string(why);
    return false;
  }

  bool CheckLayout() {
    if (function_.blocks.empty()) {
      error_ = "no blocks";
      return false;
    }
    block_of_.assign(function_.insts.size(), kNoBlock);
    uint32_t markers = 0;
    for (uint32_t number = 0; number < function_.blocks.size(); ++number) {
      const Block& block = function_.blocks[number];
      if (block.first >= block.end || block.end > function_.insts.size()) {
        return FailBlock(number, "not a range of instructions");
      }
      for (uint32_t index = block.first; index < block.end; ++index) {
        const Op op = function_.insts[index].op;
        if (block_of_[index] != kNoBlock) return Fail(index, "in two blocks");
        block_of_[index] = number;
        if (IsTerminal(op) != (index + 1 == block.end)) {
          return Fail(index, "a block's last instruction, and it alone, is a terminal");
        }
        markers += op == Op::kInsn;
      }
      if (!CheckSuccessors(number)) return false;
    }
    const auto stray = std::find(block_of_.begin(), block_of_.end(), kNoBlock);
    if (stray != block_of_.end()) {
      return Fail(static_cast<uint32_t>(stray - block_of_.begin()), "in no block");
    }
    if (function_.insts[function_.blocks[0].first].op != Op::kInsn) {
      return FailBlock(0, "does not begin with a guest instruction");
    }
    if (markers != function_.guest_instruction_count) {
      return FailBlock(0, "guest_instruction_count is not the number of markers");
    }
    return true;
  }

  bool CheckSuccessors(uint32_t number) {
    const Block& block = function_.blocks[number];
    const uint32_t count = SuccessorCount(function_.insts[block.end - 1].op);
    const BlockId targets[] = {block.taken, block.not_taken};
    for (uint32_t i = 0; i < 2; ++i) {
      const bool is_block = IndexOf(targets[i]) < function_.blocks.size();
      if (i < count ? !is_block : targets[i] != BlockId::kNone) {
        return FailBlock(number, "its terminal goes elsewhere");
      }
    }
    return true;
  }

  Type TypeOf(ValueId id) const {
    return id == ValueId::kNone ? Type::kVoid : function_.inst(id).type;
  }

  bool CheckInstructions() {
    for (uint32_t index = 0; index < function_.insts.size(); ++index) {
      const Inst& inst = function_.insts[index];
      const OperandRule rule = OperandRuleOf(inst.op);
      const ValueId operands[] = {inst.a, inst.b, inst.c};
      for (uint32_t i = 0; i < 3; ++i) {
        const ValueId id = operands[i];
        if (id == ValueId::kNone) {
          if (i < rule.count && !rule.is_optional) return Fail(index, "an operand is missing");
          continue;
        }
        if (i >= rule.count) return Fail(index, "an operand too many");
        if (IndexOf(id) >= function_.insts.size() || TypeOf(id) == Type::kVoid) {
          return Fail(index, "an operand is no value");
        }
      }
      if (!ResultIsSound(inst)) return Fail(index, "wrong type of result");
      if (!OperandsAreSound(inst)) return Fail(index, "wrong type of operand");
      if (!AttributeIsSound(inst)) return Fail(index, "wrong attribute");
      if (!ImmediateIsSound(inst)) return Fail(index, "wrong immediate");
    }
    return true;
  }

  bool ResultIsSound(const Inst& inst) const {
    switch (InfoOf(inst.op).result) {
      case ResultRule::kVoid:
        return inst.type == Type::kVoid;
      case ResultRule::kI1:
        return inst.type == Type::kI1;
      case ResultRule::kSame:
        return inst.type != Type::kVoid && inst.type == TypeOf(inst.a);
      case ResultRule::kGiven:
        return inst.type != Type::kVoid || inst.op == Op::kCall;
    }
    return false;
  }

  bool OperandsAreSound(const Inst& inst) const {
    const Type result = inst.type;
    const Type a = TypeOf(inst.a);
    const Type b = TypeOf(inst.b);
    const Type c = TypeOf(inst.c);
    const auto is_word = [](Type type) { return type == Type::kI32 || type == Type::kI64; };
    const auto is_lane = [&inst](Type type) { return type == static_cast<Type>(inst.attr); };
    switch (inst.op) {
      case Op::kConst:
      case Op::kGetSlot:
      case Op::kSetSlot:
      case Op::kInsn:
      case Op::kFence:
      case Op::kCall:
      case Op::kBr:
      case Op::kGotoGuest:
      case Op::kRaise:
        return true;
      case Op::kGetPc:
        return is_word(result);

      case Op::kAdd:
      case Op::kSub:
      case Op::kMul:
      case Op::kMulHighS:
      case Op::kMulHighU:
      case Op::kMulHighSU:
      case Op::kDivS:
      case Op::kDivU:
      case Op::kRemS:
      case Op::kRemU:
      case Op::kAnd:
      case Op::kOr:
      case Op::kXor:
      case Op::kAndNot:
      case Op::kShl:
      case Op::kShrU:
      case Op::kShrS:
      case Op::kRotL:
      case Op::kRotR:
      case Op::kClMulLow:
      case Op::kClMulHigh:
      case Op::kEq:
      case Op::kNe:
      case Op::kLtS:
      case Op::kGeS:
      case Op::kLtU:
      case Op::kGeU:
        return IsInteger(a) && a == b;
      case Op::kNot:
      case Op::kClz:
      case Op::kCtz:
      case Op::kPopCount:
      case Op::kByteSwap:
      case Op::kOrCombine:
        return IsInteger(a);
      case Op::kByteLookup:
      case Op::kNibbleLookup:
      case Op::kAesEncrypt:
      case Op::kAesEncryptLast:
      case Op::kAesDecrypt:
      case Op::kAesDecryptLast:
        return a == Type::kI64 && b == Type::kI64;
      case Op::kAesInvMixColumns:
        return a == Type::kI64;
      case Op::kAesSubWord:
        return a == Type::kI32;
      case Op::kSelect:
        return a == Type::kI1 && b == c && b == result;
      case Op::kSignExtend:
      case Op::kZeroExtend:
        return IsInteger(a) && IsInteger(result) && BitsOf(a) < BitsOf(result);
      case Op::kTruncate:
        return IsInteger(a) && IsInteger(result) && BitsOf(a) > BitsOf(result);
      case Op::kBitCast:
        return BitsOf(a) == BitsOf(result) &&
               ((IsInteger(a) && IsFloat(result)) || (IsFloat(a) && IsInteger(result)));

      case Op::kLoad:
        return is_word(a) && result != Type::kI1;
      case Op::kStore:
        return is_word(a) && b != Type::kI1;
      case Op::kAtomicRmw:
        return is_word(a) && IsInteger(b) && b != Type::kI1 && b == result;
      case Op::kCompareSwap:
        return is_word(a) && IsInteger(b) && b != Type::kI1 && b == c && b == result;
      case Op::kLoadReserved:
        return is_word(a) && IsInteger(result) && result != Type::kI1;
      case Op::kStoreConditional:
        return is_word(a) && IsInteger(b) && b != Type::kI1;
      case Op::kProbe:
        return is_word(a);
      case Op::kTranslate:
        return is_word(a) && result == Type::kI64;
      case Op::kHostLoad:
        return a == Type::kI64 && result != Type::kI1;
      case Op::kHostStore:
        return a == Type::kI64 && b != Type::kI1;

      case Op::kFAdd:
      case Op::kFSub:
      case Op::kFMul:
      case Op::kFDiv:
      case Op::kFMin:
      case Op::kFMax:
      case Op::kFMinNum:
      case Op::kFMaxNum:
      case Op::kFMinimum:
      case Op::kFMaximum:
      case Op::kFEq:
      case Op::kFLtQuiet:
      case Op::kFLeQuiet:
      case Op::kFLt:
      case Op::kFLe:
        return IsFloat(a) && a == b;
      case Op::kFCompareQuiet:
      case Op::kFCompare:
        return IsFloat(a) && a == b && is_word(result);
      case Op::kFMulAdd:
        return IsFloat(a) && a == b && b == c;
      case Op::kFSqrt:
      case Op::kFRound:
      case Op::kFRoundExact:
      case Op::kFNeg:
      case Op::kFAbs:
      case Op::kCanon:
        return IsFloat(a);
      case Op::kFConvert:
        return IsFloat(a) && IsFloat(result) && a != result;
      case Op::kFFromHalf:
        return a == Type::kI16 && IsFloat(result);
      case Op::kFToHalf:
        return IsFloat(a) && result == Type::kI16;
      case Op::kFToS:
      case Op::kFToU:
        return IsFloat(a) && is_word(result);
      case Op::kSToF:
      case Op::kUToF:
        return is_word(a) && IsFloat(result);
      case Op::kBox:
        return a == Type::kF32 && result == Type::kF64;
      case Op::kUnbox:
        return a == Type::kF64 && result == Type::kF32;

      case Op::kVSplat:
      case Op::kVScalar:
        return is_lane(a) && result == Type::kV128;
      case Op::kVExtract:
        return a == Type::kV128 && is_lane(result);
      case Op::kVInsert:
        return a == Type::kV128 && is_lane(b) && result == Type::kV128;
#define EMU_IR_OP(name, text, operands, result, effects)
#define EMU_IR_TERMINAL(name, text)
#define EMU_IR_VECTOR_OP(name, text, operands, lanes, imm, effects) case Op::k##name:
#include "translator/ir/ops.inc"
        return VectorsAreSound(inst);

      case Op::kBrCond:
        return a == Type::kI1;
      case Op::kGotoIndirect:
      case Op::kExit:
      case Op::kWait:
        return is_word(a);
    }
    return false;
  }

  bool VectorsAreSound(const Inst& inst) const {
    for (const ValueId id : {inst.a, inst.b, inst.c}) {
      if (id != ValueId::kNone && TypeOf(id) != Type::kV128) return false;
    }
    return true;
  }

  bool ImmediateIsSound(const Inst& inst) const {
    constexpr uint64_t kLongestInsn = 16;
    switch (AttrKindOf(inst.op)) {
      case AttrKind::kLane:
        if (const VectorRule* rule = VectorRuleOf(inst.op)) {
          return TakesImmediate(*rule, static_cast<Type>(inst.attr), inst.imm);
        }
        if (inst.op != Op::kVExtract && inst.op != Op::kVInsert) return inst.imm == 0;
        return inst.imm < 128 / std::max(1u, BitsOf(static_cast<Type>(inst.attr)));
      case AttrKind::kMemory:
      case AttrKind::kTranslate:
      case AttrKind::kNone:
      case AttrKind::kRounding:
      case AttrKind::kNan:
      case AttrKind::kHint:
        break;
    }
    if (inst.op == Op::kConst) return inst.imm == MaskTo(inst.type, inst.imm);
    if (inst.op == Op::kAtomicRmw) return inst.imm <= static_cast<uint64_t>(RmwKind::kMaxU);
    if (inst.op == Op::kTranslate || inst.op == Op::kProbe) return inst.imm >> 32 != 0;
    if (inst.op == Op::kInsn) {
      const uint64_t length = inst.imm >> 32;
      return (inst.imm & 0xffff'ffff) <= 0xffff && length >= 1 && length <= kLongestInsn;
    }
    const bool has_one = inst.op == Op::kGetSlot || inst.op == Op::kSetSlot ||
                         inst.op == Op::kGetPc || inst.op == Op::kLoad || inst.op == Op::kStore ||
                         inst.op == Op::kHostLoad || inst.op == Op::kHostStore ||
                         inst.op == Op::kCall || inst.op == Op::kGotoGuest || inst.op == Op::kRaise;
    return has_one || inst.imm == 0;
  }

  bool MayBeElsewhere(const Inst& inst) const {
    if ((inst.attr & kMustAlign) != 0) return false;
    return (inst.op == Op::kLoad && IsInteger(inst.type)) ||
           (inst.op == Op::kStore && IsInteger(TypeOf(inst.b)));
  }

  bool AttributeIsSound(const Inst& inst) const {
    const AttrKind kind = AttrKindOf(inst.op);
    const uint8_t bits = kMustAlign | (kind == AttrKind::kMemory ? kOtherSpace : kForWrite);
    const uint8_t order = inst.attr & ~bits;
    switch (kind) {
      case AttrKind::kNone:
        return inst.attr == 0;
      case AttrKind::kMemory:
        if ((inst.attr & kOtherSpace) != 0 && !MayBeElsewhere(inst)) return false;
        return order <= static_cast<uint8_t>(MemoryOrder::kSequential);
      case AttrKind::kTranslate:
        return order <= static_cast<uint8_t>(MemoryOrder::kSequential);
      case AttrKind::kRounding: {
        const bool to_integer = inst.op == Op::kFToS || inst.op == Op::kFToU;
        const uint8_t rules = to_integer ? kNanIsZero : kPropagateNan | kTinyBeforeRounding;
        return (inst.attr & ~(kRoundingMask | rules)) == 0 &&
               RoundingOf(inst.attr) <= Rounding::kDynamic;
      }
      case AttrKind::kNan:
        return (inst.attr & ~kPropagateNan) == 0;
      case AttrKind::kLane:
        if (const VectorRule* rule = VectorRuleOf(inst.op)) {
          return inst.attr <= static_cast<uint8_t>(Type::kV128) &&
                 TakesLane(*rule, static_cast<Type>(inst.attr));
        }
        return inst.attr > static_cast<uint8_t>(Type::kI1) &&
               inst.attr < static_cast<uint8_t>(Type::kV128);
      case AttrKind::kHint:
        return inst.attr <= static_cast<uint8_t>(JumpHint::kReturn);
    }
    return false;
  }

  template <typename Visit>
  void VisitSuccessors(uint32_t number, Visit&& visit) const {
    const Block& block = function_.blocks[number];
    if (block.taken != BlockId::kNone) visit(IndexOf(block.taken));
    if (block.not_taken != BlockId::kNone) visit(IndexOf(block.not_taken));
  }

  // dominators[b][d]: every way from the entry to b leads through d. By iteration: functions are
  // small.
  bool CheckDominance() {
    const size_t count = function_.blocks.size();
    std::vector<std::vector<bool>> dominators(count, std::vector<bool>(count, true));
    dominators[0].assign(count, false);
    dominators[0][0] = true;
    for (bool is_changed = true; is_changed;) {
      is_changed = false;
      for (uint32_t from = 0; from < count; ++from) {
        VisitSuccessors(from, [&](uint32_t to) {
          for (uint32_t d = 0; d < count; ++d) {
            if (d == to || !dominators[to][d] || dominators[from][d]) continue;
            dominators[to][d] = false;
            is_changed = true;
          }
        });
      }
    }
    for (uint32_t index = 0; index < function_.insts.size(); ++index) {
      const Inst& inst = function_.insts[index];
      for (const ValueId id : {inst.a, inst.b, inst.c}) {
        if (id == ValueId::kNone) continue;
        const uint32_t definition = IndexOf(id);
        const bool is_defined = block_of_[definition] == block_of_[index]
                                    ? definition < index
                                    : dominators[block_of_[index]][block_of_[definition]];
        if (!is_defined) return Fail(index, "uses a value that is not defined on every way here");
      }
    }
    return true;
  }

  bool CheckSlots() {
    std::vector<Slot> slots;
    for (uint32_t index = 0; index < function_.insts.size(); ++index) {
      const Inst& inst = function_.insts[index];
      if (inst.op != Op::kGetSlot && inst.op != Op::kSetSlot) continue;
      const Type type = inst.op == Op::kGetSlot ? inst.type : TypeOf(inst.a);
      if (inst.imm + BytesOf(type) > state_bytes_) return Fail(index, "a slot outside the state");
      const Slot slot = {static_cast<uint16_t>(inst.imm), type};
      for (const Slot& other : slots) {
        const bool overlaps = slot.offset < other.offset + BytesOf(other.type) &&
                              other.offset < slot.offset + BytesOf(slot.type);
        if (overlaps && !(slot == other)) return Fail(index, "slots overlap");
      }
      if (std::find(slots.begin(), slots.end(), slot) == slots.end()) slots.push_back(slot);
    }
    return true;
  }

  bool CheckPrecision() {
    // Whether the guest instruction that is under way at a block's start may have changed anything.
    std::vector<bool> is_changed_at(function_.blocks.size(), false);
    std::vector<uint32_t> work;
    for (uint32_t number = 0; number < function_.blocks.size(); ++number) work.push_back(number);
    while (!work.empty()) {
      const uint32_t number = work.back();
      work.pop_back();
      bool is_changed = is_changed_at[number];
      const Block& block = function_.blocks[number];
      std::vector<uint32_t> probes;  // of the guest instruction, in this block
      for (uint32_t index = block.first; index < block.end; ++index) {
        const Op op = function_.insts[index].op;
        if (op == Op::kInsn) {
          is_changed = false;
          probes.clear();
        }
        if (op == Op::kProbe) probes.push_back(index);
        if (op == Op::kCall) probes.clear();
        if (is_changed && MayLeave(op) && !IsProbed(index, probes)) {
          return Fail(index, "may leave a guest instruction that has changed something");
        }
        is_changed = is_changed || Changes(op);
      }
      if (!is_changed) continue;
      VisitSuccessors(number, [&](uint32_t to) {
        if (is_changed_at[to]) return;
        is_changed_at[to] = true;
        work.push_back(to);
      });
    }
    return true;
  }

  // Whether one of these has found that the access at `index` does not fault.
  bool IsProbed(uint32_t index, const std::vector<uint32_t>& probes) const {
    const Inst& access = function_.insts[index];
    if (access.op != Op::kLoad && access.op != Op::kStore) return false;
    if ((access.attr & kOtherSpace) != 0) return false;
    const bool is_write = access.op == Op::kStore;
    const auto first = static_cast<int64_t>(access.imm);
    const int64_t end = first + BytesOf(is_write ? TypeOf(access.b) : access.type);
    return std::ranges::any_of(probes, [&](uint32_t number) {
      const Inst& probe = function_.insts[number];
      const int64_t start = static_cast<int32_t>(probe.imm);
      const int64_t probed_end = start + static_cast<int64_t>(probe.imm >> 32);
      return probe.a == access.a && is_write == ((probe.attr & kForWrite) != 0) && start <= first &&
             end <= probed_end;
    });
  }

  bool CheckHostAddresses() {
    for (uint32_t index = 0; index < function_.insts.size(); ++index) {
      const Inst& inst = function_.insts[index];
      if (inst.op != Op::kHostLoad && inst.op != Op::kHostStore) continue;
      const uint32_t origin = IndexOf(inst.a);
      const Inst& translate = function_.insts[origin];
      const auto is_call = [](const Inst& other) { return other.op == Op::kCall; };
      if (translate.op != Op::kTranslate || block_of_[origin] != block_of_[index] ||
          std::any_of(function_.insts.begin() + origin, function_.insts.begin() + index, is_call)) {
        return Fail(index, "a host address that is not valid here");
      }
      const Type type = inst.op == Op::kHostLoad ? inst.type : TypeOf(inst.b);
      if (inst.imm + BytesOf(type) > translate.imm >> 32) {
        return Fail(index, "beyond what was translated");
      }
      if (inst.op == Op::kHostStore && (translate.attr & kForWrite) == 0) {
        return Fail(index, "writes what was translated for reading");
      }
    }
    return true;
  }

  static constexpr uint32_t kNoBlock = UINT32_MAX;
  const Function& function_;
  const uint32_t state_bytes_;
  std::vector<uint32_t> block_of_;
  std::string error_;
};

}  // namespace

std::string Verify(const Function& function, uint32_t state_bytes) {
  return Verifier(function, state_bytes).Run();
}

}  // namespace emu::ir
