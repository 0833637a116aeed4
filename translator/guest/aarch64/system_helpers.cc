#include "translator/guest/aarch64/system_helpers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <thread>

#include "translator/guest/aarch64/cpu_state.h"
#include "translator/guest/aarch64/exceptions.h"
#include "translator/guest/aarch64/page_walker.h"
#include "translator/guest/aarch64/status_bits.h"
#include "translator/guest/aarch64/syndrome.h"
#include "translator/guest/aarch64/system_registers.h"

namespace emu::translator::aarch64 {
namespace {

constexpr uint64_t kBlockBytes = 64;  // DCZID_EL0

CpuState& StateOf(GuestContext& context) { return StateAt(context.state()); }
uint64_t GetX(const CpuState& state, uint64_t number) { return number == 31 ? 0 : state.x[number]; }
void SetX(CpuState& state, uint64_t number, uint64_t value) {
  if (number != 31) state.x[number] = value;
}
uint64_t Rt(uint64_t code) { return code & 31; }
uint64_t Rt2(uint64_t code) { return code >> 10 & 31; }
uint64_t Rs(uint64_t code) { return code >> 16 & 31; }

// AT: into PAR_EL1 (Arm ARM D19.2.109).
void TranslateAddress(GuestContext& context, uint64_t address, AccessKind kind, Viewer viewer) {
  CpuState& state = StateOf(context);
  const WalkResult result = WalkAs(context, GuestVirtAddr(address), kind, viewer);
  constexpr uint64_t kReserved = 1 << 11;
  if (result.fault) {
    state.par = 1 | (result.fault->cause & 0x3f) << 1 | kReserved;
    return;
  }
  constexpr uint64_t kNormalMemory = uint64_t{0xff} << 56, kInnerShareable = 3 << 7;
  state.par = result.translation.page.value | kNormalMemory | kInnerShareable | kReserved;
}

// Operations by op1, CRn, CRm, op2 (Arm ARM C5.3, C5.4, C5.5).
constexpr uint32_t Operation(uint32_t op1, uint32_t crn, uint32_t crm, uint32_t op2) {
  return RegisterNumber(1, op1, crn, crm, op2);
}

bool TranslateAddressOperation(GuestContext& context, uint32_t operation, uint64_t address) {
  const bool pan = StateOf(context).pan != 0;
  switch (operation) {
    case Operation(0, 7, 8, 0):
      TranslateAddress(context, address, AccessKind::kRead, {1, false});
      return true;
    case Operation(0, 7, 8, 1):
      TranslateAddress(context, address, AccessKind::kWrite, {1, false});
      return true;
    case Operation(0, 7, 8, 2):
      TranslateAddress(context, address, AccessKind::kRead, {0, false});
      return true;
    case Operation(0, 7, 8, 3):
      TranslateAddress(context, address, AccessKind::kWrite, {0, false});
      return true;
    case Operation(0, 7, 9, 0):
      TranslateAddress(context, address, AccessKind::kRead, {1, pan});
      return true;
    case Operation(0, 7, 9, 1):
      TranslateAddress(context, address, AccessKind::kWrite, {1, pan});
      return true;
    default:
      return false;
  }
}

void Flush(GuestContext& context, std::optional<GuestVirtAddr> address, bool is_shared) {
  FlushTranslations(context, address);
  if (is_shared) context.FlushOthers(address);
}

// TLBI by range (Arm ARM C5.5, TLBI RVAE1): granules from an address on, page by page if they are
// few.
void FlushRange(GuestContext& context, uint64_t value, bool is_shared) {
  constexpr uint64_t kMostPages = 32;
  constexpr uint32_t kBaseShift = 27;  // BaseADDR, of 37 bits, to the top
  const uint64_t granule = value >> 46 & 3;
  const uint64_t scale = value >> 44 & 3;
  const uint64_t number = value >> 39 & 31;
  const auto granule_bits = static_cast<uint32_t>(10 + 2 * granule);
  const uint64_t bytes = (number + 1) << (5 * scale + 1) << granule_bits;
  if (granule == 0 || bytes > kMostPages * kPageSize) return Flush(context, {}, is_shared);
  const auto base = static_cast<int64_t>(value << kBaseShift);
  const auto first = static_cast<uint64_t>(base >> (kBaseShift - granule_bits));
  for (uint64_t offset = 0; offset < bytes; offset += kPageSize) {
    Flush(context, GuestVirtAddr(first + offset), is_shared);
  }
}

// TLBI: what is asked for, or more where ASIDs are named; of the shareable forms other processors
// follow at the next DSB.
bool FlushOperation(GuestContext& context, uint32_t operation, uint64_t value) {
  struct Form {
    uint32_t crm;
    bool is_range, is_shared;
  };
  constexpr Form kForms[] = {{1, false, true}, {2, true, true},  {3, false, true},
                             {5, true, true},  {6, true, false}, {7, false, false}};
  const uint32_t crm = operation >> 3 & 15;
  const auto* form = std::ranges::find(kForms, crm, &Form::crm);
  if ((operation & ~0x7fu) != Operation(0, 8, 0, 0) || form == std::end(kForms)) return false;
  switch (operation & 7) {
    case 0:  // VMALLE1
    case 2:  // ASIDE1
      if (form->is_range) return false;
      Flush(context, {}, form->is_shared);
      return true;
    case 1:  // VAE1, VAAE1, VALE1, VAALE1
    case 3:
    case 5:
    case 7:
      if (form->is_range) {
        FlushRange(context, value, form->is_shared);
      } else {
        const auto address = static_cast<int64_t>(value << 20) >> 8;
        Flush(context, GuestVirtAddr(static_cast<uint64_t>(address)), form->is_shared);
      }
      return true;
    default:
      return false;
  }
}

// IC and DC have nothing to do: code is compared with memory at context synchronization.
enum class CacheKind : uint8_t { kNone, kInstructions, kBySet, kByAddress, kZero };
CacheKind CacheKindOf(uint32_t operation) {
  switch (operation) {
    case Operation(0, 7, 1, 0):  // IC IALLUIS
    case Operation(0, 7, 5, 0):  // IC IALLU
    case Operation(3, 7, 5, 1):  // IC IVAU
      return CacheKind::kInstructions;
    case Operation(0, 7, 6, 2):   // DC ISW
    case Operation(0, 7, 10, 2):  // DC CSW
    case Operation(0, 7, 14, 2):  // DC CISW
      return CacheKind::kBySet;
    case Operation(0, 7, 6, 1):   // DC IVAC
    case Operation(3, 7, 10, 1):  // DC CVAC
    case Operation(3, 7, 11, 1):  // DC CVAU
    case Operation(3, 7, 12, 1):  // DC CVAP
    case Operation(3, 7, 14, 1):  // DC CIVAC
      return CacheKind::kByAddress;
    case Operation(3, 7, 4, 1):
      return CacheKind::kZero;
    default:
      return CacheKind::kNone;
  }
}

void CacheOperation(GuestContext& context, CacheKind kind, uint64_t address) {
  if (kind == CacheKind::kZero) {
    context.ZeroBlock(GuestVirtAddr(address & ~(kBlockBytes - 1)), kBlockBytes);
  }
  if (kind != CacheKind::kByAddress) return;
  WalkResult result = Walk(context, GuestVirtAddr(address), AccessKind::kRead);
  if (!result.fault) return;
  result.fault->cause |= kIssMaintenance | kIssWrite;
  context.Raise(*result.fault);
}

}  // namespace

uint64_t LoadExclusivePairHelper(GuestContext& context, uint64_t a, uint64_t, uint64_t c) {
  CpuState& state = StateOf(context);
  std::array<uint64_t, 2> pair = {};
  if (!context.LoadPair(GuestVirtAddr(a), &pair)) return 0;
  state.exclusive_address = a;
  state.exclusive_pair = pair;
  SetX(state, Rt(c), pair[0]);
  SetX(state, Rt2(c), pair[1]);
  return 0;
}

uint64_t StoreExclusivePairHelper(GuestContext& context, uint64_t a, uint64_t, uint64_t c) {
  CpuState& state = StateOf(context);
  bool is_stored = false;
  if (state.exclusive_address == a) {
    std::array<uint64_t, 2> pair = state.exclusive_pair;
    const std::array<uint64_t, 2> desired = {GetX(state, Rt(c)), GetX(state, Rt2(c))};
    if (!context.CompareSwapPair(GuestVirtAddr(a), &pair, desired)) return 0;
    is_stored = pair == state.exclusive_pair;
  }
  state.exclusive_address = kNoExclusive;
  SetX(state, Rs(c), is_stored ? 0 : 1);
  return 0;
}

uint64_t CompareSwapPairHelper(GuestContext& context, uint64_t a, uint64_t, uint64_t c) {
  CpuState& state = StateOf(context);
  const uint64_t rs = Rs(c);
  const uint64_t rt = Rt(c);
  std::array<uint64_t, 2> pair = {GetX(state, rs), GetX(state, rs + 1)};
  const std::array<uint64_t, 2> desired = {GetX(state, rt), GetX(state, rt + 1)};
  if (!context.CompareSwapPair(GuestVirtAddr(a), &pair, desired)) return 0;
  SetX(state, rs, pair[0]);
  SetX(state, rs + 1, pair[1]);
  return 0;
}

uint64_t ReadRegisterHelper(GuestContext& context, uint64_t, uint64_t, uint64_t c) {
  return ReadRegister(context, static_cast<uint32_t>(c)).value_or(0);
}

uint64_t WriteRegisterHelper(GuestContext& context, uint64_t, uint64_t b, uint64_t c) {
  WriteRegister(context, static_cast<uint32_t>(c), b);
  return 0;
}

// MSR (immediate): Arm ARM C6.2.246. SPSel, PAN, UAO, DAIFSet and DAIFClr.
uint64_t WritePstate(GuestContext& context, uint64_t, uint64_t, uint64_t c) {
  CpuState& state = StateOf(context);
  const uint64_t field = (c >> 16 & 7) << 3 | (c >> 5 & 7);
  const uint64_t imm = c >> 8 & 15;
  constexpr uint64_t kDaifShift = 6, kDebugBit = 8;
  const bool is_daif = field == 036 || field == 037;
  if (state.el == 0 && is_daif && (state.sctlr & kSctlrUma) == 0) {
    RaiseSystemTrap(context, static_cast<uint32_t>(c));
    return 0;
  }
  if (state.el == 0 && !is_daif) {
    RaiseUndefined(context);
    return 0;
  }
  switch (field) {
    case 003:
      state.uao = imm & 1;
      context.ModeChanged();
      break;
    case 004:
      state.pan = imm & 1;
      context.ModeChanged();
      break;
    case 005:
      state.sp_sel = imm & 1;
      context.ModeChanged();
      break;
    case 036:
      state.daif |= imm << kDaifShift;
      context.ModeChanged();
      break;
    case 037:
      state.daif &= ~(imm << kDaifShift);
      if ((imm & kDebugBit) != 0) context.ModeChanged();
      CheckInterrupts(context);
      break;
    default:
      RaiseUndefined(context);
  }
  return 0;
}

uint64_t SystemOperation(GuestContext& context, uint64_t, uint64_t b, uint64_t c) {
  const auto code = static_cast<uint32_t>(c);
  const uint32_t operation = RegisterNumberOf(code);
  const CpuState& state = StateOf(context);
  const CacheKind cache = CacheKindOf(operation);
  if (cache != CacheKind::kNone) {
    const bool is_for_user = (operation >> 11 & 7) == 3;
    const uint64_t permission = cache == CacheKind::kZero ? kSctlrDze : kSctlrUci;
    if (state.el == 0 && !is_for_user) {
      RaiseUndefined(context);
    } else if (state.el == 0 && (state.sctlr & permission) == 0) {
      RaiseSystemTrap(context, code);
    } else {
      CacheOperation(context, cache, b);
    }
    return 0;
  }
  const bool is_done = state.el == 1 && (TranslateAddressOperation(context, operation, b) ||
                                         FlushOperation(context, operation, b));
  if (!is_done) RaiseUndefined(context);
  return 0;
}

uint64_t InstructionBarrier(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  DataBarrier(context, 0, 0, 0);
  SynchronizeContext(context);
  return 0;
}

uint64_t DataBarrier(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  return context.AwaitOthers();
}

uint64_t ClearExclusive(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  StateOf(context).exclusive_address = kNoExclusive;
  context.ClearReservation();
  return 0;
}

uint64_t ExceptionReturn(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  StateOf(context).exclusive_address = kNoExclusive;
  return ReturnFromException(context);
}

// The SMC Calling Convention: x0 to x3 in, x0 out. Without firmware there is no such instruction.
uint64_t CallFirmware(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  CpuState& state = StateOf(context);
  ProcessorPort* port = context.processor_port();
  if (port == nullptr || state.el == 0) {
    RaiseUndefined(context);
    return 0;
  }
  using Then = ProcessorPort::FirmwareAnswer::Then;
  const auto answer =
      port->CallFirmware(context.index(), {state.x[0], state.x[1], state.x[2], state.x[3]});
  state.x[0] = answer.value;
  if (answer.then == Then::kPowerOff) context.PowerOff();
  return answer.then != Then::kContinue;
}

namespace {
// EC 0x01; TI says WFE.
bool IsWaitTrapped(GuestContext& context, uint64_t permission, uint64_t is_event) {
  const CpuState& state = StateOf(context);
  if (state.el != 0 || (state.sctlr & permission) != 0) return false;
  constexpr uint64_t kConditionAlways = 0x1e0'0000;
  context.Raise({Syndrome(ExceptionClass::kWait, kConditionAlways | is_event), 0});
  return true;
}
}  // namespace

uint64_t WaitForInterrupt(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  IsWaitTrapped(context, kSctlrNtwi, 0);
  return 0;
}

// An event may be anything (Arm ARM D1.6.1), so that the wait ends at once, but lets others go on.
uint64_t WaitForEvent(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  if (IsWaitTrapped(context, kSctlrNtwe, 1)) return 0;
  CpuState& state = StateOf(context);
  if (state.event == 0) std::this_thread::yield();
  state.event = 0;
  return 0;
}

// What follows has the mode of an exception that is due. An exception of the instruction's own
// gives the step back: see EnterException.
uint64_t BeginStep(GuestContext& context, uint64_t, uint64_t, uint64_t c) {
  CpuState& state = StateOf(context);
  state.step = 0;
  state.stepped = static_cast<uint8_t>(c);
  context.ModeChanged();
  return 0;
}

uint64_t RaiseStep(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  context.Raise(StepFault(StateOf(context)));
  return 0;
}

uint64_t SendEvent(GuestContext& context, uint64_t, uint64_t, uint64_t) {
  StateOf(context).event = 1;
  return 0;
}

}  // namespace emu::translator::aarch64
