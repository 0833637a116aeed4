#include "translator/runtime/vm_vcpu.h"

#include <algorithm>
#include <new>
#include <utility>

namespace emu::translator {
namespace {

// A guest that waits for an interrupt which it has and does not take polls memory. Harts that
// OpenSBI has not started do: as many waits are free, then each one takes twice as long as the one
// before, up to a tenth of a second, unless something new comes. OpenSBI 1.1 says that a hart may
// start before it says where: one that polls often may look in between, and starts at the kernel's
// first instruction, like the hart that boots.
constexpr uint32_t kPatience = 64;
constexpr uint64_t kShortestPauseNs = 50'000;
constexpr uint32_t kDoublings = 11;

constexpr uint32_t kAllFpFlags =
    kFpInexact | kFpUnderflow | kFpOverflow | kFpDivideByZero | kFpInvalid;

}  // namespace

VmVcpu::VmVcpu(VmContext& vm, uint32_t index, std::unique_ptr<SoftTlb> tlb)
    : vm_(vm),
      host_(vm.blocks.host()),
      index_(index),
      frame_memory_((sizeof(VcpuFrame) + vm.isa.state_size() + sizeof(CacheLine) - 1) /
                    sizeof(CacheLine)),
      frame_(new (frame_memory_.data()) VcpuFrame{}),
      tlb_(std::move(tlb)),
      data_access_(vm.isa, *this, vm.address_space, *tlb_, vm.watchpoints),
      timer_(vm.clock.NewTimer([this] { RequestInterruptCheck(); })) {
  PrepareFrame();
  // Of space and mode 0, as they begin.
  UseBanks();
  UseJumpTable(jumps_.current());
  SelectSpaces();
}

VmVcpu::~VmVcpu() = default;

VcpuExit VmVcpu::Run() {
  vm_.world.Enter();
  stop_.reset();
  // Whoever is off comes here once for each Run.
  if (IsOff()) Request(kPower);
  for (;;) {
    if (IsRequested()) {
      const uint32_t requests = TakeRequests();
      ++counters_.requests;
      if ((requests & kSynchronizeCode) != 0) {
        vm_.world.Leave();
        vm_.synchronize_code();
        vm_.world.Enter();
      }
      if ((requests & kFlushOthers) != 0) {
        vm_.world.Leave();
        vm_.flush_others(*this);
        vm_.world.Enter();
      }
      if ((requests & kStop) != 0) {
        vm_.world.Leave();
        return VcpuExit::kStopRequested;
      }
      if ((requests & kLeaveWorld) != 0) {
        vm_.world.Leave();
        vm_.world.Enter();
      }
      if (IsOff()) {
        vm_.world.Leave();
        return VcpuExit::kWaitForInterrupt;
      }
      TakeInterrupt();
    }

    const ir::Outcome outcome = is_stepping_ ? ExecuteOne() : Execute();
    pc_ = outcome.pc;
    std::atomic_ref(*published_pc_).store(pc_, std::memory_order_relaxed);
    switch (outcome.kind) {
      case ir::Outcome::Kind::kContinue:
        break;
      case ir::Outcome::Kind::kWait:
        if (is_stepping_) break;
        vm_.world.Leave();
        return VcpuExit::kWaitForInterrupt;
      case ir::Outcome::Kind::kRaise:
        EnterException({outcome.cause, outcome.value});
        break;
      case ir::Outcome::Kind::kFault:
        if (stop_.has_value()) break;
        EnterException(*std::exchange(fault_, std::nullopt));
        break;
    }
    if (is_stepping_ && !stop_.has_value()) stop_ = {.reason = DebugStop::Reason::kStep};
    if (stop_.has_value()) {
      vm_.world.Leave();
      return VcpuExit::kDebugStop;
    }
  }
}

// None comes between the steps of a debugger, who would see little else.
void VmVcpu::TakeInterrupt() {
  if (is_stepping_ || !vm_.isa.TakeInterrupt(*this)) return;
  ++counters_.interrupts;
  vain_waits_ = 0;
}

void VmVcpu::EnterException(GuestFault fault) {
  ++counters_.exceptions;
  vm_.isa.EnterException(*this, fault);
}

void VmVcpu::PowerOff() {
  power_ = Power::kOff;
  Request(kPower);
}

bool VmVcpu::PowerOn(GuestVirtAddr pc, uint64_t argument) {
  Power expected = Power::kOff;
  if (!power_.compare_exchange_strong(expected, Power::kChanging)) return false;
  start_pc_ = pc.value;
  start_argument_ = argument;
  power_ = Power::kStarting;
  Request(kPower);
  return true;
}

bool VmVcpu::IsOff() {
  if (power_ == Power::kStarting) {
    Reset(GuestVirtAddr(start_pc_));
    vm_.isa.SetFirstArgument(state(), start_argument_);
  }
  return power_ != Power::kOn;
}

void VmVcpu::Sleep() {
  if (power_ != Power::kOn) {
    // It is Run that starts it, inside of the world.
    while (power_ != Power::kStarting) {
      requests_.Wait();
      if ((requests_.Take(~(kCheckInterrupts | kLeaveWorld | kPower)) & kStop) != 0) return;
    }
    return;
  }
  if (!vm_.isa.ShouldWake(*this)) {
    vain_waits_ = 0;
  } else if (++vain_waits_ > kPatience) {
    const uint32_t doublings = std::min(vain_waits_ - kPatience - 1, kDoublings);
    requests_.Wait(vm_.clock.HostTimeOf(vm_.clock.NowNs() + (kShortestPauseNs << doublings)));
  }
  uint64_t deadline_ns = timer_->Take();
  for (;;) {
    if (vm_.isa.ShouldWake(*this)) {
      Request(kCheckInterrupts);
      break;
    }
    // Once over, whether or not the guest listens.
    if (deadline_ns <= vm_.clock.NowNs()) deadline_ns = RequestWord::kNever;
    requests_.Wait(vm_.clock.HostTimeOf(deadline_ns));
    if ((requests_.Take(~(kCheckInterrupts | kLeaveWorld)) & kStop) != 0) break;
  }
  if (deadline_ns > vm_.clock.NowNs()) ArmTimer(deadline_ns);
}

void VmVcpu::Kick() { Request(kStop); }

void VmVcpu::KickForWorldStop() { Request(kLeaveWorld); }

void VmVcpu::SetInterrupt(uint32_t input, bool level) {
  const uint64_t bit = uint64_t{1} << input;
  if (level) {
    interrupt_inputs_.fetch_or(bit);
    RequestInterruptCheck();
  } else {
    interrupt_inputs_.fetch_and(~bit);
  }
}

// Running code sees a request by its empty jump table or at its next backward jump.
void VmVcpu::Request(uint32_t bits) {
  requests_.Set(bits);
  std::atomic_ref(frame_->exit_request).store(1);
  std::atomic_ref(frame_->jump_table).store(&kEmptyJumpTable.header);
}

bool VmVcpu::IsRequested() const {
  return !requests_.IsEmpty() ||
         std::atomic_ref(frame_->exit_request).load(std::memory_order_relaxed) != 0;
}

// The frame is cleared first: a request that comes in between is taken here, and at worst noticed
// once more.
uint32_t VmVcpu::TakeRequests() {
  std::atomic_ref(frame_->exit_request).store(0);
  UseJumpTable(jumps_.current());
  return requests_.Take();
}

void VmVcpu::UseJumpTable(const JumpTableHeader* table) {
  std::atomic_ref(frame_->jump_table).store(table);
  // A request may have come before this store.
  if (std::atomic_ref(frame_->exit_request).load() != 0) {
    std::atomic_ref(frame_->jump_table).store(&kEmptyJumpTable.header);
  }
}

void VmVcpu::Reset(GuestVirtAddr pc) {
  timer_->Disarm();
  WriteFpFlags(0);
  SetFpRounding(ir::Rounding::kNearestEven);
  fault_.reset();
  frame_->reservation = nullptr;
  vm_.isa.Reset(*this, pc);
  pc_ = pc.value;
  power_ = Power::kOn;
  FlushTlb();
  SelectSpaces();
}

void VmVcpu::VisitState(StateVisitor& visitor) {
  visitor.Field(1, "pc", pc_);
  uint32_t fp_flags = ReadFpFlags();
  ir::Rounding fp_rounding = fp_rounding_;
  visitor.Small(2, "fp_flags", fp_flags);
  visitor.Small(3, "fp_rounding", fp_rounding);
  visitor.BeginGroup(4, "registers");
  vm_.isa.VisitState(state(), visitor);
  visitor.EndGroup();
  Power power = power_;
  visitor.Small(5, "power", power);
  visitor.Field(6, "start_pc", start_pc_);
  visitor.Field(7, "start_argument", start_argument_);
  if (visitor.IsReading()) {
    // What was read may come from anyone.
    power_ = power <= Power::kStarting && power != Power::kChanging ? power : Power::kOff;
    WriteFpFlags(fp_flags & kAllFpFlags);
    SetFpRounding(fp_rounding >= ir::Rounding::kDynamic ? ir::Rounding::kNearestEven : fp_rounding);
    frame_->reservation = nullptr;
    FlushTlb();
    SelectSpaces();
    RequestInterruptCheck();
  }
}

void VmVcpu::SetCounting(bool counts) {
  const ir::CountSlots slots = vm_.isa.count_slots();
  if (counts) {
    CountIn(slots.instructions) = 0;
    CountIn(slots.accesses) = 0;
    misses_before_counting_ = data_access_.misses();
  } else {
    counted_misses_ = data_access_.misses() - misses_before_counting_;
  }
}

uint64_t& VmVcpu::CountIn(ir::Slot slot) const {
  // SAFETY: a slot lies in the state, aligned to its type.
  return *reinterpret_cast<uint64_t*>(HostBackend::StateOf(*frame_) + slot.offset);
}

Vcpu::Counters VmVcpu::counters() const {
  Counters counters = counters_;
  const ir::CountSlots slots = vm_.isa.count_slots();
  counters.executed_instructions = CountIn(slots.instructions);
  const uint64_t misses =
      vm_.blocks.is_counting() ? data_access_.misses() - misses_before_counting_ : counted_misses_;
  // Of an access that a fault has ended only the miss is counted.
  counters.tlb_hits = std::max(CountIn(slots.accesses), misses) - misses;
  counters.tlb_misses = data_access_.misses();
  counters.tlb_fills = tlb_->fills();
  counters.tlb_resizes = tlb_->resizes();
  counters.tlb_flushes = tlb_->flushes();
  counters.tlb_entries = tlb_->current_entries();
  return counters;
}

std::optional<uint64_t> VmVcpu::ReadRegister(uint32_t number) {
  return vm_.isa.ReadDebugRegister(*this, number);
}

bool VmVcpu::WriteRegister(uint32_t number, uint64_t value) {
  return vm_.isa.WriteDebugRegister(*this, number, value);
}

std::optional<GuestPhysAddr> VmVcpu::Translate(GuestVirtAddr address) {
  return vm_.isa.TranslateForDebugger(*this, address);
}

void VmVcpu::ArmTimer(uint64_t deadline_ns) {
  if (deadline_ns == UINT64_MAX) {
    timer_->Disarm();
  } else {
    timer_->Arm(deadline_ns);
  }
}

void VmVcpu::FlushTlb() {
  tlb_->FlushAll();
  jumps_.FlushAll();
  FlushFetchedPages();
}

void VmVcpu::FlushTlbPage(GuestVirtAddr page) {
  tlb_->FlushPage(page.PageBase().value);
  jumps_.FlushPage(page.PageBase().value);
  FetchedPage& fetched = FetchedPageFor(page.value);
  if (fetched.page == page.PageBase().value) fetched = {};
}

void VmVcpu::FlushOthers(std::optional<GuestVirtAddr> page) {
  if (vm_.vcpu_count == 1) return;
  if (!page || flushes_.pages.size() == TranslationsToFlush::kMaxPages) {
    flushes_ = {.all = true, .pages = {}};
  } else if (!flushes_.all) {
    flushes_.pages.push_back(*page);
  }
}

bool VmVcpu::AwaitOthers() {
  if (flushes_.empty()) return false;
  Request(kFlushOthers);
  return true;
}

void VmVcpu::Flush(const TranslationsToFlush& flushes) {
  if (flushes.all) vm_.isa.FlushTranslations(*this, std::nullopt);
  for (const GuestVirtAddr page : flushes.pages) vm_.isa.FlushTranslations(*this, page);
}

void VmVcpu::SelectSpaces() {
  const uint64_t data_space = vm_.isa.DataSpaceKey(state());
  const uint64_t other_data_space = vm_.isa.OtherDataSpaceKey(state());
  if (data_space != data_space_ || other_data_space != other_data_space_) {
    data_space_ = data_space;
    other_data_space_ = other_data_space;
    tlb_->SelectBanks(data_space, other_data_space);
    UseBanks();
  }
  const uint64_t fetch_space = vm_.isa.FetchSpaceKey(state());
  const uint64_t mode = vm_.isa.ModeHash(state());
  if (fetch_space != fetch_space_ || mode != mode_) {
    fetch_space_ = fetch_space;
    mode_ = mode;
    UseJumpTable(jumps_.Select(fetch_space, mode));
  }
}

// Also after accesses: the other space has an empty bank until it is filled.
void VmVcpu::UseBanks() {
  frame_->tlb_bank = tlb_->bank(DataSpace::kOwn);
  frame_->other_tlb_bank = tlb_->bank(DataSpace::kOther);
}

// The code is compared where the run loop sees it, before the next instruction.
void VmVcpu::SynchronizeCode() {
  if (vm_.blocks.store().HasDirtyPages()) Request(kSynchronizeCode);
}

uint32_t VmVcpu::ReadFpFlags() {
  return fp_flags_ | (host_ == nullptr ? 0 : host_->FloatFlags(*frame_));
}

void VmVcpu::WriteFpFlags(uint32_t flags) {
  fp_flags_ = flags;
  if (host_ != nullptr) host_->SetFloatFlags(*frame_, 0);
}

void VmVcpu::SetFpRounding(ir::Rounding rounding) {
  fp_rounding_ = rounding;
  if (host_ != nullptr) host_->SetRounding(*frame_, rounding);
}

}  // namespace emu::translator
