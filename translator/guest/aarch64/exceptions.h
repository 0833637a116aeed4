// Exceptions into EL1, their return, interrupts and the generic timers (Arm ARM D1.3 and D11).
#pragma once

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/guest_isa.h"

namespace emu::translator::aarch64 {

// All three: see GuestIsa.
void EnterException(GuestContext& context, GuestFault fault);
bool TakeInterrupt(GuestContext& context);
bool ShouldWake(GuestContext& context);

// Whether software steps where the processor is (Arm ARM D2.12.2).
bool StepIsEnabled(const CpuState& state);
// The step exception, with what was stepped.
GuestFault StepFault(const CpuState& state);

// PSTATE as SPSR_EL1 has it.
uint64_t ReadPstate(const CpuState& state);
// Arm ARM, SetPSTATEFromPSR: back to where ELR_EL1 says, whose address it returns.
uint64_t ReturnFromException(GuestContext& context);
// After PSTATE.DAIF has opened: asks for a look at what is pending.
void CheckInterrupts(GuestContext& context);

uint64_t ReadCounter(GuestContext& context);  // CNTVCT_EL0 and CNTPCT_EL0
bool TimerIsDue(GuestContext& context, uint64_t control, uint64_t compare);
// Tells the timers' levels and sets the vCPU's alarm; after every change to their registers.
void UpdateTimers(GuestContext& context);

// Sets up again what the vCPU keeps outside of CpuState; does nothing but once after a restore.
void FinishRestore(GuestContext& context);

// In a helper: the current instruction is undefined.
void RaiseUndefined(GuestContext& context);

}  // namespace emu::translator::aarch64
