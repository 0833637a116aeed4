// Lifts of loads, stores, atomics, fences and branches: RV64I, A, Zicbom, Zicboz.
#pragma once

#include "translator/guest/riscv64/translate_integer.h"

namespace emu::translator::riscv64 {

template <Type type, Op extension>
void Load(Lifter& l) {
  Value value = l.b.Load(type, l.X(l.rs1()), l.ImmI());
  if (type != Type::kI64) value = l.b.Convert(extension, Type::kI64, value);
  l.SetX(l.rd(), value);
}
template <Type type>
void Store(Lifter& l) {
  Value value = l.X(l.rs2());
  if (type != Type::kI64) value = l.b.Convert(Op::kTruncate, type, value);
  l.b.Store(l.X(l.rs1()), l.ImmS(), value);
}

// aq and rl hold by themselves on the hosts there are: locked operations order everything.
inline constexpr uint8_t kAtomicAttr =
    ir::kMustAlign | static_cast<uint8_t>(ir::MemoryOrder::kAcquireRelease);

inline Value AmoOperand(Lifter& l, Type type) {
  return type == Type::kI32 ? l.X32(l.rs2()) : l.X(l.rs2());
}
inline void SetAmoResult(Lifter& l, Value value) {
  if (value.type == Type::kI32) {
    l.SetSigned(l.rd(), value);
  } else {
    l.SetX(l.rd(), value);
  }
}
template <ir::RmwKind kind, Type type>
void Amo(Lifter& l) {
  SetAmoResult(l, l.b.Rmw(kind, l.X(l.rs1()), AmoOperand(l, type), kAtomicAttr));
}
template <Type type>
void LoadReserved(Lifter& l) {
  SetAmoResult(l, l.b.LoadReserved(type, l.X(l.rs1()), kAtomicAttr));
}
template <Type type>
void StoreConditional(Lifter& l) {
  const Value stored = l.b.StoreConditional(l.X(l.rs1()), AmoOperand(l, type), kAtomicAttr);
  l.SetX(l.rd(), l.b.Select(stored, l.I64(0), l.I64(1)));
}

// Bits of predecessor and successor: input, output, reads, writes (RISC-V Unprivileged 20240411
// s. 2.7). Devices are reached one access at a time, in order.
inline void Fence(Lifter& l) {
  constexpr uint32_t kReads = 2;
  constexpr uint32_t kWrites = 1;
  const bool is_tso = l.Bits(31, 28) == 8;
  const bool stores_before_loads =
      (l.Bits(27, 24) & kWrites) != 0 && (l.Bits(23, 20) & kReads) != 0 && !is_tso;
  l.b.Fence(stores_before_loads ? ir::MemoryOrder::kSequential : ir::MemoryOrder::kAcquireRelease);
}
inline void Nop(Lifter&) {}

inline void CboZero(Lifter& l) { l.CallHelper(HelperId::kCboZero, l.X(l.rs1()), l.Encoding()); }
inline void CboManage(Lifter& l) {
  l.CallHelper(HelperId::kCboCheck, l.X(l.rs1()), l.Encoding(), l.I64(l.Bits(31, 20)));
}

template <Op op>
void BranchIf(Lifter& l) {
  l.Branch(l.b.Binary(op, l.X(l.rs1()), l.X(l.rs2())), l.offset + l.ImmB());
}
inline void Jal(Lifter& l) {
  l.SetX(l.rd(), l.Next());
  if (l.rd() == 0) {
    l.Jump(l.offset + l.ImmJ());
  } else {
    l.b.GotoGuest(l.offset + l.ImmJ());
  }
}
// RISC-V Unprivileged 20240411 s. 2.5.1, table 3: x1 and x5 hold return addresses.
inline ir::JumpHint HintOf(uint32_t link, uint32_t base) {
  const auto is_link = [](uint32_t number) { return number == 1 || number == 5; };
  if (is_link(link)) return ir::JumpHint::kCall;
  return is_link(base) ? ir::JumpHint::kReturn : ir::JumpHint::kJump;
}
inline void JumpRegister(Lifter& l, uint32_t link, uint32_t base, int64_t displacement) {
  const Value target = l.b.Binary(Op::kAnd, l.Address(base, displacement), l.I64(-2));
  if (link != 0) l.SetX(link, l.Next());
  l.b.GotoIndirect(target, HintOf(link, base));
}
inline void Jalr(Lifter& l) { JumpRegister(l, l.rd(), l.rs1(), l.ImmI()); }

}  // namespace emu::translator::riscv64
