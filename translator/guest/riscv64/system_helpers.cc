#include "translator/guest/riscv64/system_helpers.h"

#include <optional>

#include "translator/guest/riscv64/cpu_state.h"
#include "translator/guest/riscv64/exceptions.h"
#include "translator/guest/riscv64/page_walker.h"
#include "translator/guest/riscv64/status_bits.h"
#include "translator/guest/riscv64/system_registers.h"

namespace emu::translator::riscv64 {
namespace {

constexpr uint64_t kMretEncoding = 0x3020'0073;
constexpr uint64_t kSretEncoding = 0x1020'0073;
constexpr uint64_t kWfiEncoding = 0x1050'0073;
constexpr uint64_t kWrsStoEncoding = 0x01d0'0073;
constexpr uint32_t kCacheBlockBytes = 64;

CpuState& StateOf(GuestContext& context) { return StateAt(context.state()); }

void SwitchTo(GuestContext& context, Privilege privilege) {
  CpuState& state = StateOf(context);
  state.privilege = privilege;
  // RISC-V Privileged 20240411 s. 3.1.6.1.
  if (privilege != Privilege::kMachine) state.mstatus &= ~kStatusMprv;
  // A reservation must not survive into another thread of the guest.
  context.ClearReservation();
  context.ModeChanged();
  if (InterruptIsDue(context)) context.RequestInterruptCheck();
}

// Whether `field` of menvcfg and senvcfg lets the current mode go on: s. 3.1.18 and 10.1.10.
bool EnvironmentAllows(const CpuState& state, uint64_t field) {
  if (state.privilege == Privilege::kMachine) return true;
  if ((state.menvcfg & field) == 0) return false;
  return state.privilege == Privilege::kSupervisor || (state.senvcfg & field) != 0;
}

}  // namespace

uint64_t CsrAccess(GuestContext& context, uint64_t a, uint64_t b, uint64_t c) {
  const CsrRequest request = {.number = static_cast<uint32_t>(a & 0xfff),
                              .operation = static_cast<CsrOperation>(a >> 12 & 3),
                              .reads = (a >> 14 & 1) == 0,
                              .writes = (a >> 15 & 1) == 0,
                              .operand = b};
  const std::optional<uint64_t> old = AccessCsr(context, request);
  if (!old) RaiseIllegal(context, c);
  return old.value_or(0);
}

uint64_t Mret(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  CpuState& state = StateOf(context);
  if (state.privilege != Privilege::kMachine) {
    RaiseIllegal(context, kMretEncoding);
    return 0;
  }
  uint64_t& status = state.mstatus;
  const auto target = static_cast<Privilege>((status & kStatusMpp) >> kStatusMppShift);
  const bool is_enabled = (status & kStatusMpie) != 0;
  status &= ~(kStatusMie | kStatusMpp);
  status |= kStatusMpie | (is_enabled ? kStatusMie : 0);
  SwitchTo(context, target);
  return state.mepc;
}

uint64_t Sret(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  CpuState& state = StateOf(context);
  uint64_t& status = state.mstatus;
  const bool is_trapped = state.privilege == Privilege::kSupervisor && (status & kStatusTsr) != 0;
  if (state.privilege == Privilege::kUser || is_trapped) {
    RaiseIllegal(context, kSretEncoding);
    return 0;
  }
  const Privilege target = status & kStatusSpp ? Privilege::kSupervisor : Privilege::kUser;
  const bool is_enabled = (status & kStatusSpie) != 0;
  status &= ~(kStatusSie | kStatusSpp);
  status |= kStatusSpie | (is_enabled ? kStatusSie : 0);
  SwitchTo(context, target);
  return state.sepc;
}

uint64_t Wfi(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  // S. 3.1.6.5: user mode may never wait for long where there is an S mode; TW says it of S mode.
  const CpuState& state = StateOf(context);
  const bool is_trapped =
      state.privilege == Privilege::kSupervisor && (state.mstatus & kStatusTw) != 0;
  if (state.privilege == Privilege::kUser || is_trapped) RaiseIllegal(context, kWfiEncoding);
  return 0;
}

uint64_t FenceI(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  context.SynchronizeCode();
  return 0;
}

uint64_t SfenceVma(GuestContext& context, uint64_t a, uint64_t, uint64_t c) {
  const CpuState& state = StateOf(context);
  const bool is_trapped =
      state.privilege == Privilege::kSupervisor && (state.mstatus & kStatusTvm) != 0;
  if (state.privilege == Privilege::kUser || is_trapped) {
    RaiseIllegal(context, c >> 32);
    return 0;
  }
  // More than asked where an ASID is given, which s. 10.2.1 allows.
  const bool has_address = (c & 1) != 0;
  if (has_address) {
    FlushTranslationsOf(context, GuestVirtAddr(a));
  } else {
    FlushTranslations(context);
  }
  return 0;
}

uint64_t SfenceInvalOrder(GuestContext& context, uint64_t, uint64_t, uint64_t c) {
  // Svinval: TVM does not apply. sinval.vma acts at once, so that there is nothing to order.
  if (StateOf(context).privilege == Privilege::kUser) RaiseIllegal(context, c);
  return 0;
}

uint64_t CboZero(GuestContext& context, uint64_t a, uint64_t, uint64_t c) {
  if (!EnvironmentAllows(StateOf(context), kEnvCbze)) {
    RaiseIllegal(context, c);
    return 0;
  }
  context.ZeroBlock(GuestVirtAddr(a & ~uint64_t{kCacheBlockBytes - 1}), kCacheBlockBytes);
  return 0;
}

uint64_t CboCheck(GuestContext& context, uint64_t a, uint64_t b, uint64_t c) {
  const bool is_invalidate = b == 0;
  if (!EnvironmentAllows(StateOf(context), is_invalidate ? kEnvCbie : kEnvCbcfe)) {
    RaiseIllegal(context, c);
    return 0;
  }
  // CMO 1.0 s. 2.5.2: what a load or a store may reach; faults count as those of a store. Whatever
  // can be written can be read, except by PMP, where write without read is reserved, too.
  const GuestVirtAddr address(a);
  const WalkResult result = Walk(context, address, AccessKind::kRead);
  if (!result.fault) return 0;
  const bool is_page_fault = result.fault->cause == kCauseLoadPage;
  context.Raise(is_page_fault ? PageFault(address, AccessKind::kWrite)
                              : AccessFault(address, AccessKind::kWrite));
  return 0;
}

uint64_t WrsCheck(GuestContext& context, uint64_t, uint64_t, uint64_t c) {
  // Zawrs: only the one without a timeout can be trapped by TW.
  const CpuState& state = StateOf(context);
  const bool is_trapped = state.privilege != Privilege::kMachine && (state.mstatus & kStatusTw);
  if (is_trapped && c != kWrsStoEncoding) RaiseIllegal(context, c);
  return 0;
}

}  // namespace emu::translator::riscv64
