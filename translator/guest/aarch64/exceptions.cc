#include "translator/guest/aarch64/exceptions.h"

#include <algorithm>

#include "translator/guest/aarch64/flags.h"
#include "translator/guest/aarch64/page_walker.h"
#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/aarch64/syndrome.h"
#include "translator/guest/aarch64/system_registers.h"

namespace emu::translator::aarch64 {
namespace {

// Offsets into the vector table (Arm ARM D1.3.1.5).
constexpr uint64_t kFromSp0 = 0x000, kFromSpx = 0x200, kFromLower = 0x400;
constexpr uint64_t kSynchronous = 0x000, kIrq = 0x080, kFiq = 0x100;

bool HasFaultAddress(ExceptionClass kind) {
  return kind == ExceptionClass::kFetchAbort || kind == ExceptionClass::kFetchAbortLower ||
         kind == ExceptionClass::kDataAbort || kind == ExceptionClass::kDataAbortLower ||
         kind == ExceptionClass::kPcAlignment;
}

// Arm ARM, AArch64.TakeException.
void Enter(GuestContext& context, uint64_t vector, uint64_t return_address) {
  CpuState& state = StateAt(context.state());
  const uint64_t from = state.el == 0 ? kFromLower : state.sp_sel == 0 ? kFromSp0 : kFromSpx;
  state.spsr = ReadPstate(state);
  state.elr = return_address;
  state.el = 1;
  state.sp_sel = 1;
  state.daif = kDaifMask;
  state.illegal = 0;
  state.step = 0;
  state.uao = 0;
  if ((state.sctlr & kSctlrSpan) == 0) state.pan = 1;
  context.set_pc((state.vbar & ~uint64_t{0x7ff}) + from + vector);
  SynchronizeContext(context);
}

// Of an exception from EL0, aborts and steps have classes of their own.
uint64_t AsTaken(const CpuState& state, uint64_t syndrome) {
  const ExceptionClass kind = ClassOf(syndrome);
  const bool has_two = kind == ExceptionClass::kFetchAbort || kind == ExceptionClass::kDataAbort ||
                       kind == ExceptionClass::kStep;
  return has_two && state.el == 0 ? syndrome - (uint64_t{1} << kClassShift) : syndrome;
}

bool IrqIsDue(GuestContext& context) {
  return (context.interrupt_inputs() >> kInputIrq & 1) != 0 &&
         (StateAt(context.state()).daif & kMaskIrq) == 0;
}
bool FiqIsDue(GuestContext& context) {
  return (context.interrupt_inputs() >> kInputFiq & 1) != 0 &&
         (StateAt(context.state()).daif & kMaskFiq) == 0;
}

uint64_t Deadline(uint64_t control, uint64_t compare) {
  if ((control & (kTimerEnable | kTimerMasked)) != kTimerEnable) return UINT64_MAX;
  return compare > UINT64_MAX / kNsPerTick ? UINT64_MAX : compare * kNsPerTick;
}

}  // namespace

bool StepIsEnabled(const CpuState& state) {
  if ((state.mdscr & kMdscrStep) == 0) return false;
  const bool is_kernel_open = (state.mdscr & kMdscrKernel) != 0 && (state.daif & kMaskDebug) == 0;
  return state.el == 0 || is_kernel_open;
}

GuestFault StepFault(const CpuState& state) {
  const uint64_t iss = kStepSyndrome | (state.stepped != 0 ? kIssStepped : 0) |
                       (state.stepped == 2 ? kIssSteppedExclusive : 0);
  return {Syndrome(ExceptionClass::kStep, iss), 0};
}

uint64_t ReadPstate(const CpuState& state) {
  const uint64_t mode = state.el == 0 ? 0 : 4 + state.sp_sel;
  return uint64_t{ReadNzcv(state)} << kNzcvShift | (state.uao != 0 ? kSpsrUao : 0) |
         (state.pan != 0 ? kSpsrPan : 0) | (state.step != 0 ? kSpsrSs : 0) |
         (state.illegal != 0 ? kSpsrIl : 0) | (state.daif & kDaifMask) | mode;
}

uint64_t ReturnFromException(GuestContext& context) {
  CpuState& state = StateAt(context.state());
  const uint64_t spsr = state.spsr;
  const uint64_t mode = spsr & 0x1f;
  const bool was_stepping = StepIsEnabled(state);
  // Arm ARM, IllegalExceptionReturn: to AArch32, to an EL that is not there.
  const bool is_legal = mode == 0 || mode == 4 || mode == 5;
  if (is_legal) {
    state.el = mode == 0 ? 0 : 1;
    state.sp_sel = mode & 1;
    state.pan = (spsr & kSpsrPan) != 0;
    state.uao = (spsr & kSpsrUao) != 0;
  }
  state.illegal = !is_legal || (spsr & kSpsrIl) != 0;
  state.daif = spsr & kDaifMask;
  state.step = (spsr & kSpsrSs) != 0 && !was_stepping && StepIsEnabled(state);
  state.stepped = 0;
  WriteNzcv(state, spsr >> kNzcvShift & 0xf);
  context.ClearReservation();
  state.event = 1;
  SynchronizeContext(context);
  CheckInterrupts(context);
  return state.elr;
}

void EnterException(GuestContext& context, GuestFault fault) {
  CpuState& state = StateAt(context.state());
  if (fault.cause == kTaggedFetch) {
    context.set_pc(fault.value);
    return;
  }
  // A step comes before the fetch of what follows it.
  if (ClassOf(fault.cause) == ExceptionClass::kFetchAbort && StepIsEnabled(state) &&
      state.step == 0) {
    fault = StepFault(state);
  }
  const ExceptionClass kind = ClassOf(fault.cause);
  // An instruction that was not executed is not stepped.
  const bool is_executed = kind == ExceptionClass::kSvc || kind == ExceptionClass::kStep;
  state.step = !is_executed && StepIsEnabled(state);
  state.esr = AsTaken(state, fault.cause);
  if (HasFaultAddress(kind)) state.far = fault.value;
  Enter(context, kSynchronous, context.pc() + (kind == ExceptionClass::kSvc ? 4 : 0));
}

void CheckInterrupts(GuestContext& context) {
  if (IrqIsDue(context) || FiqIsDue(context)) context.RequestInterruptCheck();
}

bool TakeInterrupt(GuestContext& context) {
  FinishRestore(context);
  UpdateTimers(context);
  if (FiqIsDue(context)) {
    Enter(context, kFiq, context.pc());
    return true;
  }
  if (IrqIsDue(context)) {
    Enter(context, kIrq, context.pc());
    return true;
  }
  return false;
}

bool ShouldWake(GuestContext& context) {
  FinishRestore(context);
  UpdateTimers(context);
  // Arm ARM D1.6.2: whatever PSTATE masks.
  return context.interrupt_inputs() != 0;
}

uint64_t ReadCounter(GuestContext& context) { return context.clock().NowNs() / kNsPerTick; }

bool TimerIsDue(GuestContext& context, uint64_t control, uint64_t compare) {
  return (control & kTimerEnable) != 0 && ReadCounter(context) >= compare;
}

void UpdateTimers(GuestContext& context) {
  CpuState& state = StateAt(context.state());
  const auto level = [&](uint64_t control, uint64_t compare) {
    return (control & kTimerMasked) == 0 && TimerIsDue(context, control, compare);
  };
  const bool physical = level(state.cntp_ctl, state.cntp_cval);
  const bool is_virtual = level(state.cntv_ctl, state.cntv_cval);
  const auto outputs =
      static_cast<uint8_t>(physical << kOutputPhysicalTimer | is_virtual << kOutputVirtualTimer);
  const bool is_known = state.timer_outputs != kOutputsUnknown;
  const uint32_t changed = is_known ? outputs ^ state.timer_outputs : ~uint32_t{0};
  state.timer_outputs = outputs;
  if (ProcessorPort* port = context.processor_port(); port != nullptr) {
    for (const uint32_t output : {kOutputPhysicalTimer, kOutputVirtualTimer}) {
      if ((changed >> output & 1) != 0) {
        port->SetOutput(context.index(), output, (outputs >> output & 1) != 0);
      }
    }
  }
  // One that has fired has nothing to wait for.
  const uint64_t next_physical = physical ? UINT64_MAX : Deadline(state.cntp_ctl, state.cntp_cval);
  const uint64_t next_virtual = is_virtual ? UINT64_MAX : Deadline(state.cntv_ctl, state.cntv_cval);
  const uint64_t next = std::min(next_physical, next_virtual);
  if (next != state.alarm) {
    state.alarm = next;
    context.ArmTimer(next);
  }
}

void FinishRestore(GuestContext& context) {
  CpuState& state = StateAt(context.state());
  if (!state.is_restored) return;
  state.is_restored = false;
  state.alarm = 0;
  ApplyFloatControl(context);
  FlushTranslations(context, std::nullopt);
  SynchronizeContext(context);
  UpdateTimers(context);
}

void RaiseUndefined(GuestContext& context) { context.Raise({kUndefined, 0}); }

}  // namespace emu::translator::aarch64
