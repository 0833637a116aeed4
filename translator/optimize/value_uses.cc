#include "translator/optimize/value_uses.h"

#include <algorithm>

namespace emu::translator {
namespace {

using ir::Inst;
using ir::Op;
using ir::ValueId;

bool IsComparison(Op op) { return op >= Op::kEq && op <= Op::kGeU; }

// Operations to which a NaN is a NaN, whatever its bits.
bool IsFloatArithmetic(const Inst& inst) {
  const Op op = inst.op;
  const bool computes =
      (op >= Op::kFAdd && op <= Op::kFCompare) || (op >= Op::kFConvert && op <= Op::kFToU);
  return computes && (inst.attr & ir::kPropagateNan) == 0;
}

// What may be made where it is stored.
bool MayBeLazy(const ir::Function& function, const Inst& inst) {
  if (inst.op == Op::kVScalar) return ir::IsFloat(function.inst(inst.a).type);
  return inst.op == Op::kCanon || inst.op == Op::kBox;
}

bool IsNeeded(const Inst& inst, const ValueUse& use) {
  const uint16_t effects = ir::InfoOf(inst.op).effects;
  return use.count != 0 || (effects & ~(ir::kPure | ir::kReadsState)) != 0;
}

}  // namespace

bool ValueUses::IsAlias(const Inst& inst) {
  return inst.op == Op::kTruncate ||
         (inst.op == Op::kVExtract && inst.imm == 0 && ir::IsFloat(inst.type));
}

ValueId ValueUses::Source(const ir::Function& function, ValueId id) {
  while (id != ValueId::kNone && IsAlias(function.inst(id))) id = function.inst(id).a;
  return id;
}

void ValueUses::Analyze(const ir::Function& function) {
  const auto size = static_cast<uint32_t>(function.insts.size());
  uses_.assign(size, {});
  user_.assign(size, 0);
  observed_.assign(size, 0);
  overwritten_.clear();
  for (uint32_t index = size; index-- > 0;) {
    const Inst& inst = function.insts[index];
    ValueUse& use = uses_[index];
    if (!IsNeeded(inst, use) || IsAlias(inst)) continue;
    if (IsOverwritten(inst)) {
      use.is_folded = true;
      continue;
    }
    uint32_t user_index = index;
    if (IsComparison(inst.op) && use.count == 1) {
      const Inst& user = function.insts[user_[index]];
      const bool tests =
          user.op == Op::kBrCond || user.op == Op::kSelect || user.op == Op::kZeroExtend;
      use.is_folded = tests && user.a == ValueId{index};
    } else if (MayBeLazy(function, inst) && observed_[index] == 0) {
      use.is_folded = true;
    }
    // What is folded needs its operands where it is used.
    if (use.is_folded) user_index = use.last_use;
    for (const ValueId operand : {inst.a, inst.b, inst.c}) {
      Count(function, operand, index, user_index);
    }
    // What is lazy hands all its uses on.
    if (use.is_folded && !IsComparison(inst.op)) {
      const ValueId source = Source(function, inst.a);
      uses_[static_cast<uint32_t>(source)].count += use.count;
    }
  }
}

bool ValueUses::IsOverwritten(const Inst& inst) {
  const auto at = std::find(overwritten_.begin(), overwritten_.end(), inst.imm);
  const bool is_known = at != overwritten_.end();
  if (inst.op == Op::kSetSlot) {
    if (!is_known) overwritten_.push_back(inst.imm);
    return is_known;
  }
  if (inst.op == Op::kGetSlot && is_known) overwritten_.erase(at);
  const uint16_t effects = ir::InfoOf(inst.op).effects;
  if ((effects & (ir::kMayExit | ir::kCall | ir::kTerminal)) != 0) overwritten_.clear();
  return false;
}

void ValueUses::Count(const ir::Function& function, ValueId operand, uint32_t user_index,
                      uint32_t last_use) {
  if (operand == ValueId::kNone) return;
  const auto source = static_cast<uint32_t>(Source(function, operand));
  ValueUse& use = uses_[source];
  ++use.count;
  use.last_use = std::max(use.last_use, last_use);
  user_[source] = user_index;
  const Inst& maker = function.insts[source];
  const Inst& user = function.insts[user_index];
  const bool keeps_lazy =
      user.op == Op::kSetSlot ||
      (maker.op == Op::kCanon &&
       (IsFloatArithmetic(user) || (user.op == Op::kBox && uses_[user_index].is_folded)));
  if (MayBeLazy(function, maker) && !keeps_lazy) observed_[source] = 1;
}

}  // namespace emu::translator
