// Lifts of system instructions: Zicsr, privileged, Zifencei, Svinval, Zawrs.
#pragma once

#include "translator/guest/riscv64/system_registers.h"
#include "translator/guest/riscv64/translate_integer.h"

namespace emu::translator::riscv64 {

// Registers that are storage need no helper.
inline void AccessStored(Lifter& l, const StoredCsr& csr, CsrOperation operation, Value operand) {
  const Value old = l.b.Get(csr.slot);
  Value value = operand;
  if (operation == CsrOperation::kSetBits) value = l.b.Binary(Op::kOr, old, operand);
  if (operation == CsrOperation::kClearBits) {
    value = l.b.Binary(Op::kAnd, old, l.b.Binary(Op::kXor, operand, l.I64(-1)));
  }
  if (csr.legal != ~uint64_t{0}) value = l.b.Binary(Op::kAnd, value, l.b.I64(csr.legal));
  l.b.Set(csr.slot, value);
  l.SetX(l.rd(), old);
}

// RISC-V Unprivileged 20240411 s. 6.1: csrrw with rd = x0 does not read, csrrs and csrrc with
// rs1 = x0 (or a zero immediate) do not write.
template <uint32_t operation, bool immediate>
void Csr(Lifter& l) {
  const bool no_read = operation == 0 && l.rd() == 0;
  const bool no_write = operation != 0 && l.rs1() == 0;
  const Value operand = immediate ? l.I64(l.rs1()) : l.X(l.rs1());
  if (const auto stored = FindStoredCsr(l.Bits(31, 20), l.mode.privilege)) {
    AccessStored(l, *stored, static_cast<CsrOperation>(operation), operand);
    return;
  }
  const uint32_t request =
      l.Bits(31, 20) | operation << 12 | uint32_t{no_read} << 14 | uint32_t{no_write} << 15;
  l.SetX(l.rd(), l.CallHelper(HelperId::kCsrAccess, l.I64(request), l.Encoding(), operand));
  if (!no_write) l.b.Exit(l.Next());
}

// From U, S and M mode: RISC-V Privileged 20240411 s. 3.3.1.
inline void EcallInstruction(Lifter& l) {
  l.b.Raise(kUserEcall + static_cast<uint64_t>(l.mode.privilege), l.I64(0));
}
inline void Ebreak(Lifter& l) { l.b.Raise(kBreakpoint, l.b.Pc(l.offset)); }
template <HelperId helper>
void ReturnFromTrap(Lifter& l) {
  l.b.Exit(l.CallHelper(helper, {}, l.Encoding()));
}
inline void WaitForInterrupt(Lifter& l) {
  l.CallHelper(HelperId::kWfi, {}, l.Encoding());
  l.b.Wait(l.Next());
}
// Zawrs: the reservation set is not watched, so the wait ends at once, as it may.
inline void WaitOnReservation(Lifter& l) { l.CallHelper(HelperId::kWrsCheck, {}, l.Encoding()); }

inline void FenceInstruction(Lifter& l) {
  l.CallHelper(HelperId::kFenceI, {}, l.Encoding());
  l.b.Exit(l.Next());
}
inline void FenceAddress(Lifter& l) {
  const uint64_t given = uint64_t{l.rs1() != 0} | uint64_t{l.rs2() != 0} << 1;
  l.CallHelper(HelperId::kSfenceVma, l.X(l.rs1()), l.b.I64(given | uint64_t{l.raw} << 32),
               l.X(l.rs2()));
  l.b.Exit(l.Next());
}
inline void FenceOrder(Lifter& l) { l.CallHelper(HelperId::kSfenceInvalOrder, {}, l.Encoding()); }

}  // namespace emu::translator::riscv64
