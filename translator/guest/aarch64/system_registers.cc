#include "translator/guest/aarch64/system_registers.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/str_format.h"
#include "translator/guest/aarch64/exceptions.h"
#include "translator/guest/aarch64/features.h"
#include "translator/guest/aarch64/flags.h"
#include "translator/guest/aarch64/page_walker.h"
#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/aarch64/syndrome.h"

namespace emu::translator::aarch64 {
namespace {

CpuState& StateOf(GuestContext& context) { return StateAt(context.state()); }

using Read = uint64_t (*)(GuestContext&);
using Write = void (*)(GuestContext&, uint64_t);
using Storage = uint64_t CpuState::*;
// Whether EL0 may; EL1 always may what the row allows.
using UserMay = bool (*)(const CpuState&, bool is_write);

bool Never(const CpuState&, bool) { return false; }
bool Always(const CpuState&, bool) { return true; }
bool ReadOnly(const CpuState&, bool is_write) { return !is_write; }
bool IfUma(const CpuState& state, bool) { return (state.sctlr & kSctlrUma) != 0; }
bool IfUct(const CpuState& state, bool) { return (state.sctlr & kSctlrUct) != 0; }
// CNTKCTL_EL1: EL0PCTEN, EL0VCTEN, EL0VTEN, EL0PTEN.
template <uint64_t bits>
bool IfCounter(const CpuState& state, bool) {
  return (state.cntkctl & bits) != 0;
}

template <uint64_t value>
uint64_t Fixed(GuestContext&) {
  return value;
}
void Ignore(GuestContext&, uint64_t) {}
constexpr Read kZero = Fixed<0>;
constexpr uint32_t kIsRead = 1 << 21;  // in MRS, not in MSR

// What is outside the processor answers for the GIC's system registers, or has none.
uint64_t ReadPfr0(GuestContext& context) {
  constexpr uint32_t kIccSre = RegisterNumber(3, 0, 12, 12, 5);
  ProcessorPort* port = context.processor_port();
  const bool has_gic = port != nullptr && port->ReadRegister(context.index(), kIccSre).has_value();
  return kPfr0 | (has_gic ? kPfr0Gic : 0);
}
uint64_t ReadMpidr(GuestContext& context) { return uint64_t{1} << 31 | context.index(); }
uint64_t ReadCurrentEl(GuestContext& context) { return uint64_t{StateOf(context).el} << 2; }
// Whatever PSTATE masks (Arm ARM D19.2.65).
uint64_t ReadPending(GuestContext& context) {
  const uint64_t inputs = context.interrupt_inputs();
  return ((inputs >> kInputIrq & 1) != 0 ? kMaskIrq : 0) |
         ((inputs >> kInputFiq & 1) != 0 ? kMaskFiq : 0);
}
uint64_t ReadNzcvRegister(GuestContext& context) {
  return uint64_t{ReadNzcv(StateOf(context))} << kNzcvShift;
}
void WriteNzcvRegister(GuestContext& context, uint64_t value) {
  WriteNzcv(StateOf(context), value >> kNzcvShift & 0xf);
}
uint64_t ReadDaif(GuestContext& context) { return StateOf(context).daif; }
void WriteDaif(GuestContext& context, uint64_t value) {
  StateOf(context).daif = value & kDaifMask;
  context.ModeChanged();  // steps depend on D
  CheckInterrupts(context);
}
uint64_t ReadSpSel(GuestContext& context) { return StateOf(context).sp_sel; }
void WriteSpSel(GuestContext& context, uint64_t value) {
  StateOf(context).sp_sel = value & 1;
  context.ModeChanged();
}
uint64_t ReadPan(GuestContext& context) { return StateOf(context).pan != 0 ? kSpsrPan : 0; }
void WritePan(GuestContext& context, uint64_t value) {
  StateOf(context).pan = (value & kSpsrPan) != 0;
  context.ModeChanged();
}
uint64_t ReadUao(GuestContext& context) { return StateOf(context).uao != 0 ? kSpsrUao : 0; }
void WriteUao(GuestContext& context, uint64_t value) {
  StateOf(context).uao = (value & kSpsrUao) != 0;
  context.ModeChanged();
}
uint64_t ReadSpEl0(GuestContext& context) { return StateOf(context).sp[0]; }
void WriteSpEl0(GuestContext& context, uint64_t value) { StateOf(context).sp[0] = value; }
// EL1's configuration takes effect at once, which is allowed.
template <Storage storage, uint64_t legal, uint64_t ones>
void WriteControl(GuestContext& context, uint64_t value) {
  StateOf(context).*storage = (value & legal) | ones;
  SynchronizeContext(context);
}

constexpr uint64_t kFpcrLegal = 0x07c8'0000;  // AHP, DN, FZ, RMode, FZ16
uint64_t ReadFpcr(GuestContext& context) { return StateOf(context).fpcr; }
void WriteFpcr(GuestContext& context, uint64_t value) {
  StateOf(context).fpcr = value & kFpcrLegal;
  ApplyFloatControl(context);
  context.ModeChanged();
}

// FPSR (Arm ARM C5.2.10).
struct FlagBit {
  uint32_t fpsr;
  uint32_t flag;
};
constexpr FlagBit kFlagBits[] = {
    {1, kFpInvalid}, {2, kFpDivideByZero}, {4, kFpOverflow}, {8, kFpUnderflow}, {16, kFpInexact}};

uint64_t ReadDczid(GuestContext& context) {
  constexpr uint64_t kWordsLog2 = 4, kProhibited = 16;
  const CpuState& state = StateOf(context);
  return kWordsLog2 | (state.el == 0 && (state.sctlr & kSctlrDze) == 0 ? kProhibited : 0);
}

struct Timer {
  Storage control, compare;
};
constexpr Timer kPhysical = {&CpuState::cntp_ctl, &CpuState::cntp_cval};
constexpr Timer kVirtual = {&CpuState::cntv_ctl, &CpuState::cntv_cval};
template <Timer timer>
uint64_t ReadTimerControl(GuestContext& context) {
  const CpuState& state = StateOf(context);
  const uint64_t control = state.*timer.control;
  return control | (TimerIsDue(context, control, state.*timer.compare) ? kTimerStatus : 0);
}
template <Timer timer>
void WriteTimerControl(GuestContext& context, uint64_t value) {
  StateOf(context).*timer.control = value & (kTimerEnable | kTimerMasked);
  UpdateTimers(context);
}
template <Timer timer>
uint64_t ReadTimerCompare(GuestContext& context) {
  return StateOf(context).*timer.compare;
}
template <Timer timer>
void WriteTimerCompare(GuestContext& context, uint64_t value) {
  StateOf(context).*timer.compare = value;
  UpdateTimers(context);
}
template <Timer timer>
uint64_t ReadTimerValue(GuestContext& context) {
  return (StateOf(context).*timer.compare - ReadCounter(context)) & 0xffff'ffff;
}
template <Timer timer>
void WriteTimerValue(GuestContext& context, uint64_t value) {
  const auto step = static_cast<int64_t>(static_cast<int32_t>(value));
  StateOf(context).*timer.compare = ReadCounter(context) + static_cast<uint64_t>(step);
  UpdateTimers(context);
}

struct Register {
  uint32_t number;
  std::string_view name;
  Read read;
  Write write;  // nullptr: MSR is undefined
  UserMay user_may = Never;
  Storage storage = nullptr;  // reading and writing do nothing else
};

template <Storage storage>
uint64_t ReadStorage(GuestContext& context) {
  return StateOf(context).*storage;
}
template <Storage storage>
void WriteStorage(GuestContext& context, uint64_t value) {
  StateOf(context).*storage = value;
}
template <Storage storage>
constexpr Register Stored(uint32_t number, std::string_view name, UserMay user_may = Never) {
  return {number, name, ReadStorage<storage>, WriteStorage<storage>, user_may, storage};
}
template <uint64_t value>
constexpr Register Constant(uint32_t number, std::string_view name) {
  return {number, name, Fixed<value>, nullptr};
}
constexpr uint32_t N(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t crm, uint32_t op2) {
  return RegisterNumber(op0, op1, crn, crm, op2);
}

// Ordered by number.
constexpr Register kRegisters[] = {
    {N(2, 0, 0, 2, 0), "MDCCINT_EL1", kZero, Ignore},
    Stored<&CpuState::mdscr>(N(2, 0, 0, 2, 2), "MDSCR_EL1"),
    {N(2, 0, 0, 3, 2), "OSDTRTX_EL1", kZero, Ignore},
    {N(2, 0, 1, 0, 0), "MDRAR_EL1", kZero, nullptr},
    {N(2, 0, 1, 0, 4), "OSLAR_EL1", kZero, Ignore},
    {N(2, 0, 1, 1, 4), "OSLSR_EL1", Fixed<8>, nullptr},
    {N(2, 0, 1, 3, 4), "OSDLR_EL1", kZero, Ignore},
    Constant<kMidr>(N(3, 0, 0, 0, 0), "MIDR_EL1"),
    {N(3, 0, 0, 0, 5), "MPIDR_EL1", ReadMpidr, nullptr},
    Constant<0>(N(3, 0, 0, 0, 6), "REVIDR_EL1"),
    {N(3, 0, 0, 4, 0), "ID_AA64PFR0_EL1", ReadPfr0, nullptr},
    Constant<kDfr0>(N(3, 0, 0, 5, 0), "ID_AA64DFR0_EL1"),
    Constant<kIsar0>(N(3, 0, 0, 6, 0), "ID_AA64ISAR0_EL1"),
    Constant<kIsar1>(N(3, 0, 0, 6, 1), "ID_AA64ISAR1_EL1"),
    Constant<kMmfr0>(N(3, 0, 0, 7, 0), "ID_AA64MMFR0_EL1"),
    Constant<kMmfr1>(N(3, 0, 0, 7, 1), "ID_AA64MMFR1_EL1"),
    Constant<kMmfr2>(N(3, 0, 0, 7, 2), "ID_AA64MMFR2_EL1"),
    {N(3, 0, 1, 0, 0), "SCTLR_EL1", ReadStorage<&CpuState::sctlr>,
     WriteControl<&CpuState::sctlr, ~uint64_t{0}, 0>},
    Stored<&CpuState::actlr>(N(3, 0, 1, 0, 1), "ACTLR_EL1"),
    {N(3, 0, 1, 0, 2), "CPACR_EL1", ReadStorage<&CpuState::cpacr>,
     WriteControl<&CpuState::cpacr, 3 << 20, 0>},
    {N(3, 0, 2, 0, 0), "TTBR0_EL1", ReadStorage<&CpuState::ttbr0>, WriteStorage<&CpuState::ttbr0>,
     Never, &CpuState::ttbr0},
    {N(3, 0, 2, 0, 1), "TTBR1_EL1", ReadStorage<&CpuState::ttbr1>, WriteStorage<&CpuState::ttbr1>,
     Never, &CpuState::ttbr1},
    {N(3, 0, 2, 0, 2), "TCR_EL1", ReadStorage<&CpuState::tcr>,
     WriteControl<&CpuState::tcr, ~uint64_t{0}, 0>},
    Stored<&CpuState::spsr>(N(3, 0, 4, 0, 0), "SPSR_EL1"),
    Stored<&CpuState::elr>(N(3, 0, 4, 0, 1), "ELR_EL1"),
    {N(3, 0, 4, 1, 0), "SP_EL0", ReadSpEl0, WriteSpEl0},
    {N(3, 0, 4, 2, 0), "SPSel", ReadSpSel, WriteSpSel},
    {N(3, 0, 4, 2, 2), "CurrentEL", ReadCurrentEl, nullptr},
    {N(3, 0, 4, 2, 3), "PAN", ReadPan, WritePan},
    {N(3, 0, 4, 2, 4), "UAO", ReadUao, WriteUao},
    Stored<&CpuState::afsr0>(N(3, 0, 5, 1, 0), "AFSR0_EL1"),
    Stored<&CpuState::afsr1>(N(3, 0, 5, 1, 1), "AFSR1_EL1"),
    Stored<&CpuState::esr>(N(3, 0, 5, 2, 0), "ESR_EL1"),
    Stored<&CpuState::far>(N(3, 0, 6, 0, 0), "FAR_EL1"),
    Stored<&CpuState::par>(N(3, 0, 7, 4, 0), "PAR_EL1"),
    Stored<&CpuState::mair>(N(3, 0, 10, 2, 0), "MAIR_EL1"),
    Stored<&CpuState::amair>(N(3, 0, 10, 3, 0), "AMAIR_EL1"),
    Stored<&CpuState::vbar>(N(3, 0, 12, 0, 0), "VBAR_EL1"),
    Constant<0>(N(3, 0, 12, 0, 1), "RVBAR_EL1"),
    {N(3, 0, 12, 1, 0), "ISR_EL1", ReadPending, nullptr},
    Stored<&CpuState::contextidr>(N(3, 0, 13, 0, 1), "CONTEXTIDR_EL1"),
    Stored<&CpuState::tpidr_el1>(N(3, 0, 13, 0, 4), "TPIDR_EL1"),
    Stored<&CpuState::cntkctl>(N(3, 0, 14, 1, 0), "CNTKCTL_EL1"),
    Constant<0>(N(3, 1, 0, 0, 0), "CCSIDR_EL1"),
    Constant<0>(N(3, 1, 0, 0, 1), "CLIDR_EL1"),
    Constant<0>(N(3, 1, 0, 0, 7), "AIDR_EL1"),
    Stored<&CpuState::csselr>(N(3, 2, 0, 0, 0), "CSSELR_EL1"),
    {N(3, 3, 0, 0, 1), "CTR_EL0", Fixed<kCacheType>, nullptr, IfUct},
    {N(3, 3, 0, 0, 7), "DCZID_EL0", ReadDczid, nullptr, ReadOnly},
    {N(3, 3, 4, 2, 0), "NZCV", ReadNzcvRegister, WriteNzcvRegister, Always},
    {N(3, 3, 4, 2, 1), "DAIF", ReadDaif, WriteDaif, IfUma},
    {N(3, 3, 4, 4, 0), "FPCR", ReadFpcr, WriteFpcr, Always},
    {N(3, 3, 4, 4, 1), "FPSR", ReadFpsr, WriteFpsr, Always},
    Stored<&CpuState::tpidr_el0>(N(3, 3, 13, 0, 2), "TPIDR_EL0", Always),
    Stored<&CpuState::tpidrro_el0>(N(3, 3, 13, 0, 3), "TPIDRRO_EL0", ReadOnly),
    {N(3, 3, 14, 0, 0), "CNTFRQ_EL0", Fixed<kCounterHz>, Ignore, IfCounter<3>},
    {N(3, 3, 14, 0, 1), "CNTPCT_EL0", ReadCounter, nullptr, IfCounter<1>},
    {N(3, 3, 14, 0, 2), "CNTVCT_EL0", ReadCounter, nullptr, IfCounter<2>},
    {N(3, 3, 14, 2, 0), "CNTP_TVAL_EL0", ReadTimerValue<kPhysical>, WriteTimerValue<kPhysical>,
     IfCounter<0x200>},
    {N(3, 3, 14, 2, 1), "CNTP_CTL_EL0", ReadTimerControl<kPhysical>, WriteTimerControl<kPhysical>,
     IfCounter<0x200>},
    {N(3, 3, 14, 2, 2), "CNTP_CVAL_EL0", ReadTimerCompare<kPhysical>, WriteTimerCompare<kPhysical>,
     IfCounter<0x200>},
    {N(3, 3, 14, 3, 0), "CNTV_TVAL_EL0", ReadTimerValue<kVirtual>, WriteTimerValue<kVirtual>,
     IfCounter<0x100>},
    {N(3, 3, 14, 3, 1), "CNTV_CTL_EL0", ReadTimerControl<kVirtual>, WriteTimerControl<kVirtual>,
     IfCounter<0x100>},
    {N(3, 3, 14, 3, 2), "CNTV_CVAL_EL0", ReadTimerCompare<kVirtual>, WriteTimerCompare<kVirtual>,
     IfCounter<0x100>},
};
static_assert(std::ranges::is_sorted(kRegisters, std::ranges::less_equal{}, &Register::number));

const Register* Find(uint32_t number) {
  const auto* found = std::ranges::lower_bound(kRegisters, number, {}, &Register::number);
  return found != std::end(kRegisters) && found->number == number ? found : nullptr;
}

// What is reserved among the ID registers reads as zero at EL1, and so do debug registers and
// write, too (Arm ARM D19.1.1): breakpoints and watchpoints of the processor itself are absent.
bool IsReservedId(uint32_t number) {
  return number >= N(3, 0, 0, 1, 0) && number <= N(3, 0, 0, 7, 7);
}
bool IsDebugPoint(uint32_t number) {
  const uint32_t op2 = number & 7;
  return number < N(2, 0, 1, 0, 0) && op2 >= 4 && op2 <= 7;
}

bool IsCounterAccess(const Register& row) { return (row.number & 0x780) == N(0, 0, 14, 0, 0); }

// The processor refuses: at EL0, what EL1 has kept for itself traps there.
void Refuse(GuestContext& context, const Register* row, uint32_t code) {
  const bool is_read = (code & kIsRead) != 0;
  const bool is_there = row != nullptr && (is_read || row->write != nullptr);
  const bool is_trapped =
      is_there && StateOf(context).el == 0 &&
      (IsCounterAccess(*row) || row->user_may == IfUma || row->user_may == IfUct);
  if (is_trapped) {
    RaiseSystemTrap(context, code);
  } else {
    RaiseUndefined(context);
  }
}

}  // namespace

std::optional<StoredRegister> FindStoredRegister(uint32_t number, uint32_t el) {
  const Register* row = Find(number);
  if (row == nullptr || row->storage == nullptr) return std::nullopt;
  static constexpr CpuState kState = {};
  if (el == 0 && !row->user_may(kState, false)) return std::nullopt;
  // SAFETY: both are addresses inside of one object.
  const auto offset = reinterpret_cast<const std::byte*>(&(kState.*row->storage)) -
                      reinterpret_cast<const std::byte*>(&kState);
  return StoredRegister{{static_cast<uint16_t>(offset), ir::Type::kI64},
                        el == 1 || row->user_may(kState, true)};
}

void RaiseSystemTrap(GuestContext& context, uint32_t code) {
  const auto field = [code](uint32_t from, uint32_t width, uint32_t to) {
    return uint64_t{code >> from & ((1u << width) - 1)} << to;
  };
  const uint64_t iss = field(19, 2, 20) | field(5, 3, 17) | field(16, 3, 14) | field(12, 4, 10) |
                       field(0, 5, 5) | field(8, 4, 1) | field(21, 1, 0);
  context.Raise({Syndrome(ExceptionClass::kSystemTrap, iss), 0});
}

std::optional<uint64_t> ReadRegister(GuestContext& context, uint32_t code) {
  const uint32_t number = RegisterNumberOf(code);
  const CpuState& state = StateOf(context);
  const Register* row = Find(number);
  if (row != nullptr && row->read != nullptr && (state.el == 1 || row->user_may(state, false))) {
    return row->read(context);
  }
  if (state.el == 1 && row == nullptr) {
    if (IsReservedId(number) || IsDebugPoint(number)) return 0;
    if (ProcessorPort* port = context.processor_port(); port != nullptr) {
      if (const auto value = port->ReadRegister(context.index(), number)) return value;
    }
  }
  Refuse(context, row, code | kIsRead);
  return std::nullopt;
}

bool WriteRegister(GuestContext& context, uint32_t code, uint64_t value) {
  const uint32_t number = RegisterNumberOf(code);
  const CpuState& state = StateOf(context);
  const Register* row = Find(number);
  if (row != nullptr && row->write != nullptr && (state.el == 1 || row->user_may(state, true))) {
    row->write(context, value);
    return true;
  }
  if (state.el == 1 && row == nullptr) {
    if (IsDebugPoint(number)) return true;
    if (ProcessorPort* port = context.processor_port(); port != nullptr) {
      if (port->WriteRegister(context.index(), number, value)) return true;
    }
  }
  Refuse(context, row, code & ~kIsRead);
  return false;
}

std::vector<uint32_t> RegisterNumbers() {
  std::vector<uint32_t> numbers;
  for (const Register& row : kRegisters) {
    if (row.read != nullptr) numbers.push_back(row.number);
  }
  return numbers;
}

std::optional<uint64_t> PeekRegister(GuestContext& context, uint32_t number) {
  const Register* row = Find(number);
  if (row == nullptr || row->read == nullptr) return std::nullopt;
  return row->read(context);
}

bool PokeRegister(GuestContext& context, uint32_t number, uint64_t value) {
  const Register* row = Find(number);
  if (row == nullptr || row->write == nullptr) return false;
  row->write(context, value);
  return true;
}

std::string RegisterName(uint32_t number) {
  if (const Register* row = Find(number); row != nullptr) return std::string(row->name);
  return absl::StrFormat("S%d_%d_C%d_C%d_%d", number >> 14, number >> 11 & 7, number >> 7 & 15,
                         number >> 3 & 15, number & 7);
}

void ApplyFloatControl(GuestContext& context) {
  constexpr std::array<ir::Rounding, 4> kByMode = {ir::Rounding::kNearestEven, ir::Rounding::kUp,
                                                   ir::Rounding::kDown, ir::Rounding::kTowardZero};
  context.SetFpRounding(kByMode[StateOf(context).fpcr >> 22 & 3]);
}

void CollectSaturated(CpuState& state) {
  if ((state.saturated.low | state.saturated.high) != 0) state.fpsr_kept |= kFpsrQc;
  state.saturated = {};
}

uint64_t ReadFpsr(GuestContext& context) {
  const uint32_t flags = context.ReadFpFlags();
  CollectSaturated(StateOf(context));
  uint64_t fpsr = StateOf(context).fpsr_kept;
  for (const auto& [bit, flag] : kFlagBits) fpsr |= (flags & flag) != 0 ? bit : 0;
  return fpsr;
}

void WriteFpsr(GuestContext& context, uint64_t value) {
  StateOf(context).saturated = {};
  StateOf(context).fpsr_kept = value & (kFpsrQc | kFpsrIdc);
  uint32_t flags = 0;
  for (const auto& [bit, flag] : kFlagBits) flags |= (value & bit) != 0 ? flag : 0;
  context.WriteFpFlags(flags);
}

}  // namespace emu::translator::aarch64
