#include "translator/guest/riscv64/exceptions.h"

#include <array>
#include <optional>

#include "translator/guest/riscv64/page_walker.h"
#include "translator/guest/riscv64/status_bits.h"
#include "translator/guest/riscv64/system_registers.h"

namespace emu::translator::riscv64 {
namespace {

// The most urgent first: RISC-V Privileged 20240411 s. 3.1.9.
constexpr std::array<uint32_t, 6> kInterruptOrder = {11, 3, 7, 9, 1, 5};

// `cause` with its interrupt bit; `target` is S or M.
void EnterTrap(GuestContext& context, Privilege target, uint64_t cause, uint64_t value) {
  CpuState& state = StateAt(context.state());
  const auto from = static_cast<uint64_t>(state.privilege);
  uint64_t& status = state.mstatus;
  uint64_t vector = 0;
  if (target == Privilege::kMachine) {
    const bool was_enabled = (status & kStatusMie) != 0;
    status &= ~(kStatusMie | kStatusMpie | kStatusMpp);
    status |= from << kStatusMppShift | (was_enabled ? kStatusMpie : 0);
    state.mepc = context.pc();
    state.mcause = cause;
    state.mtval = value;
    vector = state.mtvec;
  } else {
    const bool was_enabled = (status & kStatusSie) != 0;
    status &= ~(kStatusSie | kStatusSpie | kStatusSpp);
    status |= (from != 0 ? kStatusSpp : 0) | (was_enabled ? kStatusSpie : 0);
    state.sepc = context.pc();
    state.scause = cause;
    state.stval = value;
    vector = state.stvec;
  }
  state.privilege = target;

  uint64_t pc = vector & ~uint64_t{3};
  const bool is_vectored = (vector & 1) != 0 && (cause & kCauseInterrupt) != 0;
  if (is_vectored) pc += 4 * (cause & ~kCauseInterrupt);
  context.set_pc(pc);
  context.ModeChanged();
}

bool UsesSupervisorTimer(const CpuState& state) { return (state.menvcfg & kEnvStce) != 0; }

// What is enabled in mie, pending, and not held back where the hart is.
struct DueInterrupt {
  Privilege target;
  uint32_t number;
};
std::optional<DueInterrupt> FindDueInterrupt(GuestContext& context) {
  const CpuState& state = StateAt(context.state());
  // S. 3.1.9 and 10.1.3: a mode's interrupts are enabled in all modes below it, and in itself by
  // its global bit.
  const bool machine_enabled =
      state.privilege != Privilege::kMachine || (state.mstatus & kStatusMie) != 0;
  const bool supervisor_enabled =
      state.privilege == Privilege::kUser ||
      (state.privilege == Privilege::kSupervisor && (state.mstatus & kStatusSie) != 0);
  const uint64_t machine = machine_enabled ? state.mie & ~state.mideleg : 0;
  const uint64_t supervisor = supervisor_enabled ? state.mie & state.mideleg : 0;
  if ((machine | supervisor) == 0) return std::nullopt;

  const uint64_t pending = PendingInterrupts(context);
  const bool is_machine = (pending & machine) != 0;
  const uint64_t due = pending & (is_machine ? machine : supervisor);
  for (const uint32_t number : kInterruptOrder) {
    if ((due >> number & 1) == 0) continue;
    return DueInterrupt{is_machine ? Privilege::kMachine : Privilege::kSupervisor, number};
  }
  return std::nullopt;
}

}  // namespace

uint64_t ReadTime(GuestContext& context) { return context.clock().NowNs() / kNsPerTick; }

uint64_t PendingInterrupts(GuestContext& context) {
  const CpuState& state = StateAt(context.state());
  uint64_t pending = context.interrupt_inputs() & (kMachineInterrupts | kInterruptSei);
  pending |= state.mip_software & kSupervisorInterrupts;
  if (UsesSupervisorTimer(state)) {
    // Sstc: STIP is the comparison and nothing else (s. 3.1.9).
    pending &= ~kInterruptSti;
    if (ReadTime(context) >= state.stimecmp) pending |= kInterruptSti;
  }
  return pending;
}

void ArmSupervisorTimer(GuestContext& context) {
  const CpuState& state = StateAt(context.state());
  const bool is_never = !UsesSupervisorTimer(state) || state.stimecmp > UINT64_MAX / kNsPerTick;
  context.ArmTimer(is_never ? UINT64_MAX : state.stimecmp * kNsPerTick);
  context.RequestInterruptCheck();
}

void FinishRestore(GuestContext& context) {
  CpuState& state = StateAt(context.state());
  if (!state.is_restored) return;
  state.is_restored = false;
  context.set_pc(context.pc() & ~uint64_t{1});
  ApplyRounding(context);
  FlushTranslations(context);
  context.ModeChanged();
  ArmSupervisorTimer(context);
}

void EnterException(GuestContext& context, GuestFault fault) {
  const CpuState& state = StateAt(context.state());
  // S. 3.1.8: a trap never goes to a less privileged mode than it comes from.
  const bool is_delegated =
      state.privilege != Privilege::kMachine && (state.medeleg >> (fault.cause & 63) & 1) != 0;
  EnterTrap(context, is_delegated ? Privilege::kSupervisor : Privilege::kMachine, fault.cause,
            fault.value);
}

bool InterruptIsDue(GuestContext& context) { return FindDueInterrupt(context).has_value(); }

bool TakeInterrupt(GuestContext& context) {
  FinishRestore(context);
  const std::optional<DueInterrupt> due = FindDueInterrupt(context);
  if (!due.has_value()) return false;
  EnterTrap(context, due->target, kCauseInterrupt | due->number, 0);
  return true;
}

bool ShouldWake(GuestContext& context) {
  FinishRestore(context);
  // S. 3.3.3: neither the global enables nor delegation matter.
  return (PendingInterrupts(context) & StateAt(context.state()).mie) != 0;
}

void RaiseIllegal(GuestContext& context, uint64_t encoding) {
  context.Raise({kCauseIllegalInstruction, encoding});
}

}  // namespace emu::translator::riscv64
