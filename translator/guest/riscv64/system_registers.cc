#include "translator/guest/riscv64/system_registers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "translator/guest/riscv64/exceptions.h"
#include "translator/guest/riscv64/page_walker.h"
#include "translator/guest/riscv64/pmp.h"
#include "translator/guest/riscv64/status_bits.h"

namespace emu::translator::riscv64 {
namespace {

CpuState& StateOf(GuestContext& context) { return StateAt(context.state()); }

using ReadFunction = uint64_t (*)(GuestContext& context, uint32_t number);
using WriteFunction = void (*)(GuestContext& context, uint32_t number, uint64_t value);
using Condition = bool (*)(GuestContext& context, uint32_t number);

uint64_t ReadZero(GuestContext&, uint32_t) { return 0; }
void Ignore(GuestContext&, uint32_t, uint64_t) {}
bool Always(GuestContext&, uint32_t) { return true; }

// Registers that are storage behind a mask of legal bits.
template <uint64_t CpuState::*kMember>
uint64_t Load(GuestContext& context, uint32_t) {
  return StateOf(context).*kMember;
}
template <uint64_t CpuState::*kMember, uint64_t kLegal>
void Store(GuestContext& context, uint32_t, uint64_t value) {
  StateOf(context).*kMember = value & kLegal;
}
constexpr uint64_t kAllBits = ~uint64_t{0};
constexpr uint64_t kInstructionAddress = ~uint64_t{1};
constexpr uint64_t kVectorBase = ~uint64_t{2};  // mode 0 or 1

// --- mstatus and sstatus ---

constexpr uint64_t kSupervisorStatus =
    kStatusSie | kStatusSpie | kStatusSpp | kStatusFs | kStatusSum | kStatusMxr;
constexpr uint64_t kMachineStatus = kSupervisorStatus | kStatusMie | kStatusMpie | kStatusMpp |
                                    kStatusMprv | kStatusTvm | kStatusTw | kStatusTsr;

uint64_t ReadMstatus(GuestContext& context, uint32_t) { return ReadStatus(StateOf(context)); }
uint64_t ReadSstatus(GuestContext& context, uint32_t) {
  return ReadStatus(StateOf(context)) & (kSupervisorStatus | kStatusUxl64 | kStatusSd);
}

template <uint64_t kLegal>
void WriteStatus(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  const uint64_t old = state.mstatus;
  uint64_t status = (old & ~kLegal) | (value & kLegal);
  if ((status & kStatusMpp) >> kStatusMppShift == 2) {
    status = (status & ~kStatusMpp) | (old & kStatusMpp);
  }
  state.mstatus = status;
  state.fs_dirty = 0;  // the value written says it from now on
  constexpr uint64_t kModeBits = kStatusFs | kStatusMpp | kStatusMprv | kStatusSum | kStatusMxr;
  if ((old ^ status) & kModeBits) context.ModeChanged();
  if ((~old & status & (kStatusMie | kStatusSie)) && InterruptIsDue(context)) {
    context.RequestInterruptCheck();
  }
}

// --- interrupts ---

uint64_t ReadMip(GuestContext& context, uint32_t) { return PendingInterrupts(context); }
void WriteMip(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  uint64_t legal = kSupervisorInterrupts;
  if (state.menvcfg & kEnvStce) legal &= ~kInterruptSti;
  state.mip_software = (state.mip_software & ~legal) | (value & legal);
  context.RequestInterruptCheck();
}
uint64_t ReadSip(GuestContext& context, uint32_t) {
  return PendingInterrupts(context) & StateOf(context).mideleg;
}
void WriteSip(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  const uint64_t legal = kInterruptSsi & state.mideleg;
  state.mip_software = (state.mip_software & ~legal) | (value & legal);
  context.RequestInterruptCheck();
}
void WriteMie(GuestContext& context, uint32_t, uint64_t value) {
  StateOf(context).mie = value & (kSupervisorInterrupts | kMachineInterrupts);
  context.RequestInterruptCheck();
}
uint64_t ReadSie(GuestContext& context, uint32_t) {
  return StateOf(context).mie & StateOf(context).mideleg;
}
void WriteSie(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  state.mie = (state.mie & ~state.mideleg) | (value & state.mideleg);
  context.RequestInterruptCheck();
}
void WriteMideleg(GuestContext& context, uint32_t, uint64_t value) {
  StateOf(context).mideleg = value & kSupervisorInterrupts;
  context.RequestInterruptCheck();
}
// Exceptions that can come from below M: 0-9, 12, 13, 15.
constexpr uint64_t kDelegable = 0xb3ff;

// --- counters: all of them read the virtual clock, in ns; `time` in ticks of 100 ns ---

constexpr uint32_t kCycle = 0;
constexpr uint64_t kInhibitable = 0b101;

uint64_t& CounterBase(CpuState& state, uint32_t number) {
  return (number & 31) == kCycle ? state.cycle_base : state.instret_base;
}
bool IsInhibited(const CpuState& state, uint32_t number) {
  return (state.mcountinhibit >> (number & 31) & 1) != 0;
}
uint64_t ReadCounter(GuestContext& context, uint32_t number) {
  CpuState& state = StateOf(context);
  const uint64_t base = CounterBase(state, number);
  return IsInhibited(state, number) ? base : base + context.clock().NowNs();
}
void WriteCounter(GuestContext& context, uint32_t number, uint64_t value) {
  CpuState& state = StateOf(context);
  const uint64_t moved = IsInhibited(state, number) ? 0 : context.clock().NowNs();
  CounterBase(state, number) = value - moved;
}
void WriteCountInhibit(GuestContext& context, uint32_t, uint64_t value) {
  const std::array<uint64_t, 2> counts = {ReadCounter(context, 0), ReadCounter(context, 2)};
  StateOf(context).mcountinhibit = value & kInhibitable;
  WriteCounter(context, 0, counts[0]);
  WriteCounter(context, 2, counts[1]);
}
uint64_t ReadTimeCsr(GuestContext& context, uint32_t) { return ReadTime(context); }

// S. 3.1.11 and 10.1.5.
bool CounterIsVisible(GuestContext& context, uint32_t number) {
  const CpuState& state = StateOf(context);
  uint64_t visible = kAllBits;
  if (state.privilege != Privilege::kMachine) visible &= state.mcounteren;
  if (state.privilege == Privilege::kUser) visible &= state.scounteren;
  return (visible >> (number & 31) & 1) != 0;
}
constexpr uint64_t kAllCounters = 0xffff'ffff;

// --- the supervisor's timer (Sstc) ---

bool StimecmpIsVisible(GuestContext& context, uint32_t) {
  const CpuState& state = StateOf(context);
  return state.privilege == Privilege::kMachine ||
         ((state.menvcfg & kEnvStce) && (state.mcounteren & kCounterTime));
}
void WriteStimecmp(GuestContext& context, uint32_t, uint64_t value) {
  StateOf(context).stimecmp = value;
  ArmSupervisorTimer(context);
}

// --- environment configuration ---

constexpr uint64_t kUserEnv = kEnvFiom | kEnvCbie | kEnvCbcfe | kEnvCbze;
constexpr uint64_t kSupervisorEnv = kUserEnv | kEnvAdue | kEnvPbmte | kEnvStce;

uint64_t LegalEnv(uint64_t old, uint64_t value) {
  // CBIE = 2 is reserved: the old field stays.
  return (value & kEnvCbie) == 2 << 4 ? (value & ~kEnvCbie) | (old & kEnvCbie) : value;
}
void WriteMenvcfg(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  const uint64_t old = state.menvcfg;
  state.menvcfg = LegalEnv(old, value & kSupervisorEnv);
  const uint64_t changed = old ^ state.menvcfg;
  if (changed & (kEnvAdue | kEnvPbmte)) FlushTranslations(context);
  if (changed & kEnvStce) ArmSupervisorTimer(context);
}
void WriteSenvcfg(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  state.senvcfg = LegalEnv(state.senvcfg, value & kUserEnv);
}

// --- address translation and protection ---

bool SatpIsVisible(GuestContext& context, uint32_t) {
  const CpuState& state = StateOf(context);
  return state.privilege == Privilege::kMachine || (state.mstatus & kStatusTvm) == 0;
}
void WriteSatp(GuestContext& context, uint32_t, uint64_t value) {
  // S. 10.1.11: an unsupported mode makes the whole write void.
  const uint64_t mode = value >> kSatpModeShift;
  if (mode != kSatpBare && (mode < kSatpSv39 || mode > kSatpSv57)) return;
  StateOf(context).satp = mode << kSatpModeShift | (value & (kSatpAsid | kSatpPpn));
  context.ModeChanged();
}

uint64_t ReadPmpcfg(GuestContext& context, uint32_t number) {
  return ReadPmpConfig(StateOf(context), (number & 2) * 4);
}
void WritePmpcfg(GuestContext& context, uint32_t number, uint64_t value) {
  if (WritePmpConfig(StateOf(context), (number & 2) * 4, value)) FlushTranslations(context);
}
uint64_t ReadPmpaddr(GuestContext& context, uint32_t number) {
  return ReadPmpAddress(StateOf(context), number & 15);
}
void WritePmpaddr(GuestContext& context, uint32_t number, uint64_t value) {
  if (WritePmpAddress(StateOf(context), number & 15, value)) FlushTranslations(context);
}

// --- floating point ---

// The neutral flags are fflags' own bits.
static_assert(kFpInexact == 1 && kFpUnderflow == 2 && kFpOverflow == 4 && kFpDivideByZero == 8 &&
              kFpInvalid == 16);
constexpr uint64_t kFlagBits = 0x1f;
constexpr uint32_t kFrmShift = 5;
constexpr uint64_t kFrmBits = 7;

bool FpIsOn(GuestContext& context, uint32_t) { return (StateOf(context).mstatus & kStatusFs) != 0; }
uint64_t ReadFflags(GuestContext& context, uint32_t) { return context.ReadFpFlags() & kFlagBits; }
void WriteFflags(GuestContext& context, uint32_t, uint64_t value) {
  context.WriteFpFlags(value & kFlagBits);
  StateOf(context).fs_dirty = 1;
}
uint64_t ReadFrm(GuestContext& context, uint32_t) { return StateOf(context).frm; }
void WriteFrm(GuestContext& context, uint32_t, uint64_t value) {
  CpuState& state = StateOf(context);
  state.fs_dirty = 1;
  if (state.frm == (value & kFrmBits)) return;
  state.frm = value & kFrmBits;
  ApplyRounding(context);
  context.ModeChanged();
}
uint64_t ReadFcsr(GuestContext& context, uint32_t) {
  return ReadFflags(context, 0) | ReadFrm(context, 0) << kFrmShift;
}
void WriteFcsr(GuestContext& context, uint32_t, uint64_t value) {
  WriteFflags(context, 0, value);
  WriteFrm(context, 0, value >> kFrmShift);
}

// --- identity ---

uint64_t ReadMisa(GuestContext&, uint32_t) { return kMisa; }
uint64_t ReadMhartid(GuestContext& context, uint32_t) { return context.index(); }

// --- the table ---

struct Csr {
  uint32_t first;
  uint32_t last;  // first..last behave alike
  std::string_view name;
  ReadFunction read;
  WriteFunction write;  // never called where the number says read-only (bits 11:10)
  Condition is_visible = Always;
  uint64_t CpuState::*storage = nullptr;  // reading and writing do nothing but that, with `legal`
  uint64_t legal = 0;
};

template <uint64_t CpuState::*kMember, uint64_t kLegal>
constexpr Csr Stored(uint32_t number, std::string_view name) {
  return {number, number, name, Load<kMember>, Store<kMember, kLegal>, Always, kMember, kLegal};
}

using S = CpuState;
constexpr Csr kCsrs[] = {
    {0x001, 0x001, "fflags", ReadFflags, WriteFflags, FpIsOn},
    {0x002, 0x002, "frm", ReadFrm, WriteFrm, FpIsOn},
    {0x003, 0x003, "fcsr", ReadFcsr, WriteFcsr, FpIsOn},
    {0x100, 0x100, "sstatus", ReadSstatus, WriteStatus<kSupervisorStatus>},
    {0x104, 0x104, "sie", ReadSie, WriteSie},
    Stored<&S::stvec, kVectorBase>(0x105, "stvec"),
    Stored<&S::scounteren, kAllCounters>(0x106, "scounteren"),
    {0x10a, 0x10a, "senvcfg", Load<&S::senvcfg>, WriteSenvcfg},
    Stored<&S::sscratch, kAllBits>(0x140, "sscratch"),
    Stored<&S::sepc, kInstructionAddress>(0x141, "sepc"),
    Stored<&S::scause, kAllBits>(0x142, "scause"),
    Stored<&S::stval, kAllBits>(0x143, "stval"),
    {0x144, 0x144, "sip", ReadSip, WriteSip},
    {0x14d, 0x14d, "stimecmp", Load<&S::stimecmp>, WriteStimecmp, StimecmpIsVisible},
    {0x180, 0x180, "satp", Load<&S::satp>, WriteSatp, SatpIsVisible},
    {0x300, 0x300, "mstatus", ReadMstatus, WriteStatus<kMachineStatus>},
    {0x301, 0x301, "misa", ReadMisa, Ignore},
    Stored<&S::medeleg, kDelegable>(0x302, "medeleg"),
    {0x303, 0x303, "mideleg", Load<&S::mideleg>, WriteMideleg},
    {0x304, 0x304, "mie", Load<&S::mie>, WriteMie},
    Stored<&S::mtvec, kVectorBase>(0x305, "mtvec"),
    Stored<&S::mcounteren, kAllCounters>(0x306, "mcounteren"),
    {0x30a, 0x30a, "menvcfg", Load<&S::menvcfg>, WriteMenvcfg},
    {0x320, 0x320, "mcountinhibit", Load<&S::mcountinhibit>, WriteCountInhibit},
    {0x323, 0x33f, "mhpmevent", ReadZero, Ignore},
    Stored<&S::mscratch, kAllBits>(0x340, "mscratch"),
    Stored<&S::mepc, kInstructionAddress>(0x341, "mepc"),
    Stored<&S::mcause, kAllBits>(0x342, "mcause"),
    Stored<&S::mtval, kAllBits>(0x343, "mtval"),
    {0x344, 0x344, "mip", ReadMip, WriteMip},
    {0x3a0, 0x3a0, "pmpcfg0", ReadPmpcfg, WritePmpcfg},
    {0x3a2, 0x3a2, "pmpcfg2", ReadPmpcfg, WritePmpcfg},
    {0x3b0, 0x3bf, "pmpaddr", ReadPmpaddr, WritePmpaddr},
    {0xb00, 0xb00, "mcycle", ReadCounter, WriteCounter},
    {0xb02, 0xb02, "minstret", ReadCounter, WriteCounter},
    {0xb03, 0xb1f, "mhpmcounter", ReadZero, Ignore},
    {0xc00, 0xc00, "cycle", ReadCounter, Ignore, CounterIsVisible},
    {0xc01, 0xc01, "time", ReadTimeCsr, Ignore, CounterIsVisible},
    {0xc02, 0xc02, "instret", ReadCounter, Ignore, CounterIsVisible},
    {0xc03, 0xc1f, "hpmcounter", ReadZero, Ignore, CounterIsVisible},
    {0xf11, 0xf11, "mvendorid", ReadZero, Ignore},
    {0xf12, 0xf12, "marchid", ReadZero, Ignore},
    {0xf13, 0xf13, "mimpid", ReadZero, Ignore},
    {0xf14, 0xf14, "mhartid", ReadMhartid, Ignore},
    {0xf15, 0xf15, "mconfigptr", ReadZero, Ignore},
};

constexpr bool IsOrderedAndDisjoint() {
  uint32_t next = 0;
  for (const Csr& csr : kCsrs) {
    if (csr.first < next || csr.last < csr.first) return false;
    next = csr.last + 1;
  }
  return next <= 4096;
}
static_assert(IsOrderedAndDisjoint());

const Csr* FindCsr(uint32_t number) {
  const Csr* csr = std::ranges::lower_bound(kCsrs, number, {}, &Csr::last);
  return csr != std::end(kCsrs) && csr->first <= number ? csr : nullptr;
}

constexpr uint32_t kSip = 0x144, kMip = 0x344;

// S. 3.1.9: csrrs and csrrc on mip see the software's SEIP, not the interrupt controller's, so that
// they do not turn the one into the other.
uint64_t ValueToModify(GuestContext& context, uint32_t number, uint64_t old) {
  if (number != kMip && number != kSip) return old;
  return (old & ~kInterruptSei) | (StateOf(context).mip_software & kInterruptSei);
}

}  // namespace

std::optional<StoredCsr> FindStoredCsr(uint32_t number, Privilege privilege) {
  const Csr* csr = FindCsr(number);
  if (csr == nullptr || csr->storage == nullptr) return std::nullopt;
  if (static_cast<uint32_t>(privilege) < (number >> 8 & 3)) return std::nullopt;
  static constexpr CpuState kState = {};
  // SAFETY: both are addresses inside of one object.
  const auto offset = reinterpret_cast<const std::byte*>(&(kState.*csr->storage)) -
                      reinterpret_cast<const std::byte*>(&kState);
  return StoredCsr{{static_cast<uint16_t>(offset), ir::Type::kI64}, csr->legal};
}

uint64_t ReadStatus(const CpuState& state) {
  uint64_t status = state.mstatus | kStatusUxl64 | kStatusSxl64;
  if (state.fs_dirty) status |= kStatusFs;
  if ((status & kStatusFs) == kStatusFs) status |= kStatusSd;
  return status;
}

void ApplyRounding(GuestContext& context) {
  constexpr std::array<ir::Rounding, 8> kByFrm = {
      ir::Rounding::kNearestEven, ir::Rounding::kTowardZero, ir::Rounding::kDown, ir::Rounding::kUp,
      ir::Rounding::kNearestMaxMagnitude,
      // Reserved: no instruction that would round by them is legal.
      ir::Rounding::kNearestEven, ir::Rounding::kNearestEven, ir::Rounding::kNearestEven};
  context.SetFpRounding(kByFrm[StateOf(context).frm & kFrmBits]);
}

std::string CsrName(uint32_t number) {
  const Csr* csr = FindCsr(number);
  if (!csr) return {};
  if (csr->first == csr->last) return std::string(csr->name);
  // pmpaddr counts from 0, the others from 3, as do the last digits of their numbers.
  return std::string(csr->name) + std::to_string(number - csr->first + (csr->first & 15));
}

constexpr bool IsReadOnly(uint32_t number) { return number >> 10 == 3; }  // s. 2.1: bits 11:10

std::optional<uint64_t> ReadCsr(GuestContext& context, uint32_t number) {
  const Csr* csr = FindCsr(number);
  return csr ? std::optional(csr->read(context, number)) : std::nullopt;
}

bool WriteCsr(GuestContext& context, uint32_t number, uint64_t value) {
  const Csr* csr = FindCsr(number);
  if (!csr || IsReadOnly(number)) return false;
  csr->write(context, number, value);
  return true;
}

std::vector<uint32_t> CsrNumbers() {
  std::vector<uint32_t> numbers;
  for (const Csr& csr : kCsrs) {
    if (csr.first != csr.last && csr.read == ReadZero) continue;
    for (uint32_t number = csr.first; number <= csr.last; ++number) numbers.push_back(number);
  }
  return numbers;
}

std::optional<uint64_t> AccessCsr(GuestContext& context, const CsrRequest& request) {
  // S. 2.1: bits 9:8 are the lowest privilege.
  const uint32_t number = request.number;
  const auto privilege = static_cast<uint32_t>(StateOf(context).privilege);
  const Csr* csr = FindCsr(number);
  if (!csr || privilege < (number >> 8 & 3) || (request.writes && IsReadOnly(number)) ||
      !csr->is_visible(context, number)) {
    return std::nullopt;
  }

  const bool is_replaced = request.operation == CsrOperation::kWrite;
  const uint64_t old = request.reads || !is_replaced ? csr->read(context, number) : 0;
  if (!request.writes) return old;
  uint64_t value = request.operand;
  switch (request.operation) {
    case CsrOperation::kWrite:
      break;
    case CsrOperation::kSetBits:
      value = ValueToModify(context, number, old) | request.operand;
      break;
    case CsrOperation::kClearBits:
      value = ValueToModify(context, number, old) & ~request.operand;
      break;
  }
  csr->write(context, number, value);
  return old;
}

void Legalize(CpuState& state) {
  for (const Csr& csr : kCsrs) {
    if (csr.storage != nullptr) state.*csr.storage &= csr.legal;
  }
  const bool is_privilege = state.privilege == Privilege::kUser ||
                            state.privilege == Privilege::kSupervisor ||
                            state.privilege == Privilege::kMachine;
  if (!is_privilege) state.privilege = Privilege::kMachine;
  state.mstatus &= kMachineStatus;
  if ((state.mstatus & kStatusMpp) >> kStatusMppShift == 2) state.mstatus &= ~kStatusMpp;
  state.mideleg &= kSupervisorInterrupts;
  state.mie &= kSupervisorInterrupts | kMachineInterrupts;
  state.mip_software &= kSupervisorInterrupts;
  state.mcountinhibit &= kInhibitable;
  state.menvcfg = LegalEnv(0, state.menvcfg & kSupervisorEnv);
  state.senvcfg = LegalEnv(0, state.senvcfg & kUserEnv);
  state.frm &= kFrmBits;
  const uint64_t mode = state.satp >> kSatpModeShift;
  if (mode != kSatpBare && (mode < kSatpSv39 || mode > kSatpSv57)) state.satp = 0;
  LegalizePmp(state);
}

}  // namespace emu::translator::riscv64
