// Lifts of branches (Arm ARM C4.1.87). A branch to a target that is not aligned faults at the
// target.
#pragma once

#include "translator/guest/aarch64/lifter.h"

namespace emu::translator::aarch64 {

inline constexpr uint32_t kLinkRegister = 30;

inline void JumpTo(Lifter& l) { l.Jump(l.Target26()); }
inline void CallTo(Lifter& l) {
  l.SetX(kLinkRegister, l.Next());
  l.b.GotoGuest(l.Target26());
}
inline void BranchOnCondition(Lifter& l) {
  const uint32_t condition = l.Bits(3, 0);
  constexpr uint32_t kAlways = 14;
  if (condition >= kAlways) {
    l.Jump(l.Target19());
  } else {
    l.Branch(l.Condition(condition), l.Target19());
  }
}
template <Op op>
void CompareBranch(Lifter& l) {
  l.Branch(l.b.Binary(op, l.R(l.rd()), l.Const(0)), l.Target19());
}
template <Op op>
void TestBranch(Lifter& l) {
  const uint64_t bit = uint64_t{1} << (l.Bits(31, 31) << 5 | l.Bits(23, 19));
  const Value tested = l.b.Binary(Op::kAnd, l.X(l.rd()), l.I64(bit));
  l.Branch(l.b.Binary(op, tested, l.I64(0)), l.Target14());
}
template <ir::JumpHint hint>
void BranchRegister(Lifter& l) {
  const Value target = l.X(l.rn());
  if (hint == ir::JumpHint::kCall) l.SetX(kLinkRegister, l.Next());
  l.b.GotoIndirect(target, hint);
}

}  // namespace emu::translator::aarch64
