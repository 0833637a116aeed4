#include "translator/guest/aarch64/guest_aarch64.h"

#include <type_traits>

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/aarch64/debug_registers.h"
#include "translator/guest/aarch64/disassembler.h"
#include "translator/guest/aarch64/exceptions.h"
#include "translator/guest/aarch64/features.h"
#include "translator/guest/aarch64/flags.h"
#include "translator/guest/aarch64/helpers.h"
#include "translator/guest/aarch64/page_walker.h"
#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/aarch64/system_registers.h"
#include "translator/guest/aarch64/translate.h"

namespace emu::translator::aarch64 {

static_assert(std::is_standard_layout_v<CpuState> && std::is_trivially_copyable_v<CpuState>);

size_t GuestAarch64::state_size() const { return sizeof(CpuState); }

std::vector<Translator::CpuProperty> GuestAarch64::cpu_properties() const {
  return DescribeProcessor();
}

void GuestAarch64::Reset(GuestContext& context, GuestVirtAddr pc) const {
  // Arm ARM D1.3.2.2: at EL1, its own stack pointer, all masked. What is left open is zero.
  CpuState& state = StateAt(context.state());
  CpuState fresh = {};
  fresh.counted_instructions = state.counted_instructions;
  fresh.counted_accesses = state.counted_accesses;
  // What was told of them is high until it is told otherwise: by UpdateTimers, below.
  fresh.timer_outputs = state.timer_outputs;
  state = fresh;
  state.el = 1;
  state.sp_sel = 1;
  state.daif = kDaifMask;
  state.sctlr = kSctlrReset;
  state.exclusive_address = kNoExclusive;
  WriteNzcv(state, 0);
  context.set_pc(pc.value);
  context.WriteFpFlags(0);
  ApplyFloatControl(context);
  context.ClearReservation();
  aarch64::FlushTranslations(context, std::nullopt);
  SynchronizeContext(context);
  UpdateTimers(context);
}

void GuestAarch64::SetFirstArgument(std::byte* state, uint64_t value) const {
  StateAt(state).x[0] = value;
}

void GuestAarch64::VisitState(std::byte* bytes, StateVisitor& visitor) const {
  CpuState& state = StateAt(bytes);
  CollectSaturated(state);
  visitor.Field(1, "x", std::as_writable_bytes(std::span(state.x)));
  visitor.Field(2, "sp", std::as_writable_bytes(std::span(state.sp)));
  visitor.Field(3, "v", std::as_writable_bytes(std::span(state.v)));
  visitor.Field(4, "flag_x", state.flag_x);
  visitor.Field(5, "flag_y", state.flag_y);
  visitor.Field(6, "flag_in", state.flag_in);
  visitor.Field(7, "daif", state.daif);
  visitor.Field(9, "fpcr", state.fpcr);
  visitor.Field(10, "fpsr_kept", state.fpsr_kept);
  visitor.Small(11, "el", state.el);
  visitor.Small(12, "sp_sel", state.sp_sel);
  visitor.Small(13, "pan", state.pan);
  visitor.Small(14, "uao", state.uao);
  visitor.Small(15, "illegal", state.illegal);
  visitor.Small(16, "event", state.event);
  visitor.Field(17, "sctlr", state.sctlr);
  visitor.Field(18, "actlr", state.actlr);
  visitor.Field(19, "cpacr", state.cpacr);
  visitor.Field(20, "ttbr0", state.ttbr0);
  visitor.Field(21, "ttbr1", state.ttbr1);
  visitor.Field(22, "tcr", state.tcr);
  visitor.Field(23, "mair", state.mair);
  visitor.Field(24, "amair", state.amair);
  visitor.Field(25, "vbar", state.vbar);
  visitor.Field(26, "contextidr", state.contextidr);
  visitor.Field(27, "elr", state.elr);
  visitor.Field(28, "spsr", state.spsr);
  visitor.Field(29, "esr", state.esr);
  visitor.Field(30, "far", state.far);
  visitor.Field(31, "par", state.par);
  visitor.Field(32, "afsr0", state.afsr0);
  visitor.Field(33, "afsr1", state.afsr1);
  visitor.Field(34, "tpidr_el0", state.tpidr_el0);
  visitor.Field(35, "tpidrro_el0", state.tpidrro_el0);
  visitor.Field(36, "tpidr_el1", state.tpidr_el1);
  visitor.Field(37, "csselr", state.csselr);
  visitor.Field(38, "mdscr", state.mdscr);
  visitor.Field(39, "cntkctl", state.cntkctl);
  visitor.Field(40, "cntp_ctl", state.cntp_ctl);
  visitor.Field(41, "cntp_cval", state.cntp_cval);
  visitor.Field(42, "cntv_ctl", state.cntv_ctl);
  visitor.Field(43, "cntv_cval", state.cntv_cval);
  visitor.Small(44, "step", state.step);
  if (!visitor.IsReading()) return;
  // The bytes may come from anyone.
  state.el &= 1;
  state.sp_sel &= 1;
  state.exclusive_address = kNoExclusive;
  state.timer_outputs = kOutputsUnknown;
  state.is_restored = true;
}

bool GuestAarch64::Translate(const TranslateRequest& request, ir::Builder& builder) const {
  return aarch64::Translate(request, builder);
}

std::span<const Helper> GuestAarch64::helpers() const { return aarch64::Helpers(); }

ir::CountSlots GuestAarch64::count_slots() const {
  return {.instructions = {offsetof(CpuState, counted_instructions), ir::Type::kI64},
          .accesses = {offsetof(CpuState, counted_accesses), ir::Type::kI64}};
}

uint64_t GuestAarch64::ModeHash(const std::byte* bytes) const {
  const CpuState& state = StateAt(bytes);
  const uint64_t enabled = state.cpacr >> 20 & 3;  // FPEN: 1 traps EL0, 3 nobody
  const uint64_t checks_sp = state.el == 0 ? kSctlrSa0 : kSctlrSa;
  return Mode{.el = state.el,
              .sp_sel = state.sp_sel,
              .fp_off = enabled != 3 && !(enabled == 1 && state.el == 1),
              .checks_sp = (state.sctlr & checks_sp) != 0,
              .checks_alignment = (state.sctlr & kSctlrA) != 0,
              .illegal = state.illegal != 0,
              .plain_floats = (state.fpcr & kFpcrOdd) == 0,
              .steps = StepIsEnabled(state) && state.step != 0,
              .step_is_due = StepIsEnabled(state) && state.step == 0}
      .Hash();
}

uint64_t GuestAarch64::DataSpaceKey(const std::byte* state) const {
  return aarch64::DataSpaceKey(StateAt(state), DataSpace::kOwn);
}
uint64_t GuestAarch64::OtherDataSpaceKey(const std::byte* state) const {
  return aarch64::DataSpaceKey(StateAt(state), DataSpace::kOther);
}
uint64_t GuestAarch64::FetchSpaceKey(const std::byte* state) const {
  return aarch64::FetchSpaceKey(StateAt(state));
}
WalkResult GuestAarch64::Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind,
                              DataSpace space) const {
  return aarch64::Walk(context, address, kind, space);
}

void GuestAarch64::FlushTranslations(GuestContext& context,
                                     std::optional<GuestVirtAddr> address) const {
  aarch64::FlushTranslations(context, address);
}

GuestFault GuestAarch64::MisalignedFault(GuestVirtAddr address, AccessKind kind) const {
  return aarch64::MisalignedFault(address, kind);
}
GuestFault GuestAarch64::BusFault(GuestVirtAddr address, AccessKind kind) const {
  return aarch64::BusFault(address, kind);
}
void GuestAarch64::EnterException(GuestContext& context, GuestFault fault) const {
  aarch64::EnterException(context, fault);
}
bool GuestAarch64::TakeInterrupt(GuestContext& context) const {
  return aarch64::TakeInterrupt(context);
}
bool GuestAarch64::ShouldWake(GuestContext& context) const { return aarch64::ShouldWake(context); }

const DebugArchitecture& GuestAarch64::debug_architecture() const {
  return aarch64::ArchitectureForDebuggers();
}
std::optional<uint64_t> GuestAarch64::ReadDebugRegister(GuestContext& context,
                                                        uint32_t number) const {
  return aarch64::ReadDebugRegister(context, number);
}
bool GuestAarch64::WriteDebugRegister(GuestContext& context, uint32_t number,
                                      uint64_t value) const {
  return aarch64::WriteDebugRegister(context, number, value);
}
std::optional<GuestPhysAddr> GuestAarch64::TranslateForDebugger(GuestContext& context,
                                                                GuestVirtAddr address) const {
  return aarch64::Peek(context, address);
}

std::string GuestAarch64::Disassemble(std::span<const std::byte> code, uint64_t pc,
                                      uint32_t* length) const {
  return aarch64::Disassemble(code, pc, length);
}

}  // namespace emu::translator::aarch64
