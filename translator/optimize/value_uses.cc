#include "translator/optimize/value_uses.h"

#include <algorithm>

namespace emu::translator {
namespace {

using ir::Inst;
using ir::Op;
using ir::ValueId;

bool IsComparison(Op op) { return op >= Op::kEq && op <= Op::kGeU; }

// Operations to which a NaN is a NaN, whatever its bits.
bool IsFloatArithmetic(Op op) {
  return (op >= Op::kFAdd && op <= Op::kFLe) || (op >= Op::kFConvert && op <= Op::kFToU);
}

bool IsNeeded(const Inst& inst, const ValueUse& use) {
  const uint16_t effects = ir::InfoOf(inst.op).effects;
  return use.count != 0 || (effects & ~(ir::kPure | ir::kReadsState)) != 0;
}

}  // namespace

ValueId ValueUses::Source(const ir::Function& function, ValueId id) {
  while (id != ValueId::kNone && function.inst(id).op == Op::kTruncate) id = function.inst(id).a;
  return id;
}

void ValueUses::Analyze(const ir::Function& function) {
  const auto size = static_cast<uint32_t>(function.insts.size());
  uses_.assign(size, {});
  user_.assign(size, 0);
  observed_.assign(size, 0);
  for (uint32_t index = size; index-- > 0;) {
    const Inst& inst = function.insts[index];
    ValueUse& use = uses_[index];
    if (!IsNeeded(inst, use) || inst.op == Op::kTruncate) continue;
    uint32_t user_index = index;
    if (IsComparison(inst.op) && use.count == 1) {
      const Inst& user = function.insts[user_[index]];
      const bool tests =
          user.op == Op::kBrCond || user.op == Op::kSelect || user.op == Op::kZeroExtend;
      use.is_folded = tests && user.a == ValueId{index};
    } else if ((inst.op == Op::kCanon || inst.op == Op::kBox) && observed_[index] == 0) {
      use.is_folded = true;
    }
    // What is folded needs its operands where it is used.
    if (use.is_folded) user_index = use.last_use;
    for (const ValueId operand : {inst.a, inst.b, inst.c}) {
      Count(function, operand, index, user_index);
    }
    // A folded Canon or Box hands all its uses on.
    if (use.is_folded && !IsComparison(inst.op)) {
      const ValueId source = Source(function, inst.a);
      uses_[static_cast<uint32_t>(source)].count += use.count;
    }
  }
}

void ValueUses::Count(const ir::Function& function, ValueId operand, uint32_t user_index,
                      uint32_t last_use) {
  if (operand == ValueId::kNone) return;
  const auto source = static_cast<uint32_t>(Source(function, operand));
  ValueUse& use = uses_[source];
  ++use.count;
  use.last_use = std::max(use.last_use, last_use);
  user_[source] = user_index;
  const Op op = function.insts[source].op;
  const Op user = function.insts[user_index].op;
  const bool keeps_lazy = user == Op::kSetSlot ||
                          (op == Op::kCanon && (IsFloatArithmetic(user) ||
                                                (user == Op::kBox && uses_[user_index].is_folded)));
  if ((op == Op::kCanon || op == Op::kBox) && !keeps_lazy) observed_[source] = 1;
}

}  // namespace emu::translator
