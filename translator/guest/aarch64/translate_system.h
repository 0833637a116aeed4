// Lifts of system instructions: exceptions, hints, barriers, PSTATE, system registers (Arm ARM
// C4.1.87).
#pragma once

#include "translator/guest/aarch64/system_registers.h"
#include "translator/guest/aarch64/translate_integer.h"

namespace emu::translator::aarch64 {

inline void SupervisorCall(Lifter& l) {
  l.b.Raise(Syndrome(ExceptionClass::kSvc, l.Bits(20, 5)), l.I64(0));
}
inline void Breakpoint(Lifter& l) {
  l.b.Raise(Syndrome(ExceptionClass::kBrk, l.Bits(20, 5)), l.I64(0));
}
// HVC and SMC: to firmware that the board provides itself.
inline void FirmwareCall(Lifter& l) {
  const Value waits = l.CallHelper(HelperId::kCallFirmware, {}, l.I64(l.code));
  const Value next = l.Next();
  const ir::BlockId waiting = l.b.NewBlock();
  const ir::BlockId goes_on = l.b.NewBlock();
  l.b.BrCond(l.b.Binary(Op::kNe, waits, l.I64(0)), waiting, goes_on);
  l.b.StartBlock(waiting);
  l.b.Wait(next);
  l.b.StartBlock(goes_on);
  l.b.Exit(next);
}

inline void Nop(Lifter&) {}
inline void WaitForInterruptHint(Lifter& l) {
  l.CallHelper(HelperId::kWaitForInterrupt, {}, l.I64(l.code));
  l.b.Wait(l.Next());
}
inline void WaitForEventHint(Lifter& l) {
  l.CallHelper(HelperId::kWaitForEvent, {}, l.I64(l.code));
  l.b.Exit(l.Next());
}
inline void SendEventHint(Lifter& l) { l.CallHelper(HelperId::kSendEvent); }

inline void ClearExclusiveMonitor(Lifter& l) { l.CallHelper(HelperId::kClearExclusive); }
inline void DataSynchronizationBarrier(Lifter& l) {
  l.b.Fence(ir::MemoryOrder::kSequential);
  l.ExitIf(l.CallHelper(HelperId::kDataBarrier));
}
inline void InstructionSynchronizationBarrier(Lifter& l) {
  l.CallHelper(HelperId::kInstructionBarrier);
  l.b.Exit(l.Next());
}

// MSR (immediate).
inline void MovePstate(Lifter& l) {
  const uint32_t field = l.Bits(18, 16) << 3 | l.Bits(7, 5);
  constexpr uint32_t kDaifSet = 036;
  constexpr uint32_t kDaifShift = 6;
  if (field == kDaifSet && l.mode.el == 1 && !l.mode.steps) {
    l.b.Set(kDaifSlot,
            l.b.Binary(Op::kOr, l.b.Get(kDaifSlot), l.I64(uint64_t{l.Bits(11, 8)} << kDaifShift)));
    return;
  }
  l.CallHelper(HelperId::kWritePstate, {}, l.I64(l.code));
  l.b.Exit(l.Next());
}

// The stack pointer of EL0, as a register of EL1.
inline constexpr uint32_t kSpEl0Number = RegisterNumber(3, 0, 4, 1, 0);
inline constexpr uint32_t kFpcrNumber = RegisterNumber(3, 3, 4, 4, 0),
                          kFpsrNumber = RegisterNumber(3, 3, 4, 4, 1);
inline bool IsTrappedRegister(Lifter& l, uint32_t number) {
  return (number == kFpcrNumber || number == kFpsrNumber) && l.FloatIsTrapped();
}
inline void MoveFromRegister(Lifter& l) {
  const uint32_t number = RegisterNumberOf(l.code);
  if (IsTrappedRegister(l, number)) return;
  if (number == kSpEl0Number && l.mode.el == 1 && l.mode.sp_sel == 1) {
    return l.SetX(l.rd(), l.b.Get(SpSlot(0)));
  }
  if (const auto stored = FindStoredRegister(number, l.mode.el)) {
    return l.SetX(l.rd(), l.b.Get(stored->slot));
  }
  l.SetX(l.rd(), l.CallHelper(HelperId::kReadRegister, {}, l.I64(l.code)));
}
inline void MoveToRegister(Lifter& l) {
  const uint32_t number = RegisterNumberOf(l.code);
  if (IsTrappedRegister(l, number)) return;
  const Value value = l.X(l.rd());
  if (number == kSpEl0Number && l.mode.el == 1 && l.mode.sp_sel == 1) {
    return l.b.Set(SpSlot(0), value);
  }
  if (const auto stored = FindStoredRegister(number, l.mode.el); stored && stored->writable) {
    return l.b.Set(stored->slot, value);
  }
  l.CallHelper(HelperId::kWriteRegister, {}, l.I64(l.code), value);
  l.b.Exit(l.Next());
}
inline void SystemInstruction(Lifter& l) {
  l.CallHelper(HelperId::kSystemOperation, {}, l.I64(l.code), l.X(l.rd()));
}

inline void ExceptionReturnInstruction(Lifter& l) {
  if (l.mode.el == 0) return l.Undefined();
  l.b.Exit(l.CallHelper(HelperId::kExceptionReturn));
}

}  // namespace emu::translator::aarch64
