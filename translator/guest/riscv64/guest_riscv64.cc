#include "translator/guest/riscv64/guest_riscv64.h"

#include <type_traits>

#include "translator/guest/riscv64/cpu_state.h"
#include "translator/guest/riscv64/debug_registers.h"
#include "translator/guest/riscv64/disassembler.h"
#include "translator/guest/riscv64/exceptions.h"
#include "translator/guest/riscv64/extensions.h"
#include "translator/guest/riscv64/helpers.h"
#include "translator/guest/riscv64/page_walker.h"
#include "translator/guest/riscv64/status_bits.h"
#include "translator/guest/riscv64/system_registers.h"
#include "translator/guest/riscv64/translate.h"

namespace emu::translator::riscv64 {

static_assert(std::is_standard_layout_v<CpuState> && std::is_trivially_copyable_v<CpuState>);

size_t GuestRiscv64::state_size() const { return sizeof(CpuState); }

std::vector<Translator::CpuProperty> GuestRiscv64::cpu_properties() const {
  return DescribeProcessor();
}

void GuestRiscv64::Reset(GuestContext& context, GuestVirtAddr pc) const {
  // RISC-V Privileged 20240411 s. 3.4; what it leaves open is zero, and ADUE on.
  CpuState& state = StateAt(context.state());
  CpuState fresh = {};
  fresh.counted_instructions = state.counted_instructions;
  fresh.counted_accesses = state.counted_accesses;
  state = fresh;
  state.privilege = Privilege::kMachine;
  state.menvcfg = kEnvAdue;
  state.stimecmp = UINT64_MAX;
  context.set_pc(pc.value);
  context.WriteFpFlags(0);
  ApplyRounding(context);
  context.ClearReservation();
  riscv64::FlushTranslations(context);
  context.ModeChanged();
  ArmSupervisorTimer(context);
}

void GuestRiscv64::SetFirstArgument(std::byte* state, uint64_t value) const {
  constexpr uint32_t kA0 = 10;
  StateAt(state).x[kA0 - 1] = value;
}

void GuestRiscv64::VisitState(std::byte* bytes, StateVisitor& visitor) const {
  CpuState& state = StateAt(bytes);
  visitor.Field(1, "x", std::as_writable_bytes(std::span(state.x)));
  visitor.Field(2, "f", std::as_writable_bytes(std::span(state.f)));
  visitor.Field(3, "fs_dirty", state.fs_dirty);
  visitor.Small(4, "privilege", state.privilege);
  visitor.Small(5, "frm", state.frm);
  visitor.Field(6, "mstatus", state.mstatus);
  visitor.Field(7, "medeleg", state.medeleg);
  visitor.Field(8, "mideleg", state.mideleg);
  visitor.Field(9, "mie", state.mie);
  visitor.Field(10, "mip_software", state.mip_software);
  visitor.Field(11, "mtvec", state.mtvec);
  visitor.Field(12, "mcounteren", state.mcounteren);
  visitor.Field(13, "mscratch", state.mscratch);
  visitor.Field(14, "mepc", state.mepc);
  visitor.Field(15, "mcause", state.mcause);
  visitor.Field(16, "mtval", state.mtval);
  visitor.Field(17, "menvcfg", state.menvcfg);
  visitor.Field(18, "mcountinhibit", state.mcountinhibit);
  visitor.Field(19, "stvec", state.stvec);
  visitor.Field(20, "scounteren", state.scounteren);
  visitor.Field(21, "sscratch", state.sscratch);
  visitor.Field(22, "sepc", state.sepc);
  visitor.Field(23, "scause", state.scause);
  visitor.Field(24, "stval", state.stval);
  visitor.Field(25, "satp", state.satp);
  visitor.Field(26, "senvcfg", state.senvcfg);
  visitor.Field(27, "stimecmp", state.stimecmp);
  visitor.Field(28, "pmpcfg", std::as_writable_bytes(std::span(state.pmpcfg)));
  visitor.Field(29, "pmpaddr", std::as_writable_bytes(std::span(state.pmpaddr)));
  visitor.Field(30, "cycle_base", state.cycle_base);
  visitor.Field(31, "instret_base", state.instret_base);
  if (!visitor.IsReading()) return;
  Legalize(state);
  state.is_restored = true;
}

bool GuestRiscv64::Translate(const TranslateRequest& request, ir::Builder& builder) const {
  return riscv64::Translate(request, builder);
}

std::span<const Helper> GuestRiscv64::helpers() const { return riscv64::Helpers(); }

ir::CountSlots GuestRiscv64::count_slots() const {
  return {.instructions = {offsetof(CpuState, counted_instructions), ir::Type::kI64},
          .accesses = {offsetof(CpuState, counted_accesses), ir::Type::kI64}};
}

uint64_t GuestRiscv64::ModeHash(const std::byte* bytes) const {
  constexpr uint8_t kRmm = 4;
  const CpuState& state = StateAt(bytes);
  const uint8_t rounding = state.frm < kRmm ? 0 : state.frm == kRmm ? 1 : 2;
  return Mode{.fp_off = (state.mstatus & kStatusFs) == 0,
              .rounding = rounding,
              .privilege = state.privilege}
      .Hash();
}

uint64_t GuestRiscv64::DataSpaceKey(const std::byte* state) const {
  return riscv64::DataSpaceKey(StateAt(state));
}
uint64_t GuestRiscv64::FetchSpaceKey(const std::byte* state) const {
  return riscv64::FetchSpaceKey(StateAt(state));
}
WalkResult GuestRiscv64::Walk(GuestContext& context, GuestVirtAddr address, AccessKind kind,
                              DataSpace /*space*/) const {
  return riscv64::Walk(context, address, kind);
}

void GuestRiscv64::FlushTranslations(GuestContext& context,
                                     std::optional<GuestVirtAddr> address) const {
  if (address) {
    FlushTranslationsOf(context, *address);
  } else {
    riscv64::FlushTranslations(context);
  }
}

GuestFault GuestRiscv64::MisalignedFault(GuestVirtAddr address, AccessKind kind) const {
  return riscv64::MisalignedFault(address, kind);
}
GuestFault GuestRiscv64::BusFault(GuestVirtAddr address, AccessKind kind) const {
  return AccessFault(address, kind);
}
void GuestRiscv64::EnterException(GuestContext& context, GuestFault fault) const {
  riscv64::EnterException(context, fault);
}
bool GuestRiscv64::TakeInterrupt(GuestContext& context) const {
  return riscv64::TakeInterrupt(context);
}
bool GuestRiscv64::ShouldWake(GuestContext& context) const { return riscv64::ShouldWake(context); }

const DebugArchitecture& GuestRiscv64::debug_architecture() const {
  return riscv64::ArchitectureForDebuggers();
}
std::optional<uint64_t> GuestRiscv64::ReadDebugRegister(GuestContext& context,
                                                        uint32_t number) const {
  return riscv64::ReadDebugRegister(context, number);
}
bool GuestRiscv64::WriteDebugRegister(GuestContext& context, uint32_t number,
                                      uint64_t value) const {
  return riscv64::WriteDebugRegister(context, number, value);
}
std::optional<GuestPhysAddr> GuestRiscv64::TranslateForDebugger(GuestContext& context,
                                                                GuestVirtAddr address) const {
  return riscv64::Peek(context, address);
}

std::string GuestRiscv64::Disassemble(std::span<const std::byte> code, uint64_t pc,
                                      uint32_t* length) const {
  return riscv64::Disassemble(code, pc, length);
}

}  // namespace emu::translator::riscv64
