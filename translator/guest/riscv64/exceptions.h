// Traps: into M or S mode by exceptions and interrupts (RISC-V Privileged 20240411 s. 3.1
// and 10.1).
#pragma once

#include "translator/guest/guest_isa.h"
#include "translator/guest/riscv64/cpu_state.h"

namespace emu::translator::riscv64 {

// All three: see GuestIsa.
void EnterException(GuestContext& context, GuestFault fault);
bool TakeInterrupt(GuestContext& context);
bool ShouldWake(GuestContext& context);

// Whether TakeInterrupt would enter a trap.
bool InterruptIsDue(GuestContext& context);

// mip: inputs, what software set, and the supervisor's timer (Sstc).
uint64_t PendingInterrupts(GuestContext& context);
// Sets the vCPU's alarm to what stimecmp says; after every change to it or to menvcfg.STCE.
void ArmSupervisorTimer(GuestContext& context);
uint64_t ReadTime(GuestContext& context);  // the `time` counter

// Sets up again what the vCPU keeps outside of CpuState; does nothing but once after a restore.
void FinishRestore(GuestContext& context);

// In a helper: the current instruction is illegal.
void RaiseIllegal(GuestContext& context, uint64_t encoding);

}  // namespace emu::translator::riscv64
