#include "translator/runtime/vm_vcpu.h"

#include <cstring>
#include <utility>

namespace emu::translator {

VmVcpu::VmVcpu(VmContext& vm, uint32_t index, std::unique_ptr<SoftTlb> tlb)
    : vm_(vm),
      index_(index),
      state_(vm.isa.state_size()),
      tlb_(std::move(tlb)),
      data_access_(vm.isa, *this, vm.address_space, *tlb_),
      cached_blocks_(kCachedBlocks),
      timer_(vm.clock.NewTimer([this] { RequestInterruptCheck(); })) {}

VmVcpu::~VmVcpu() = default;

VcpuExit VmVcpu::Run() {
  vm_.world.Enter();
  for (;;) {
    if (requests_.load(std::memory_order_relaxed) != 0) {
      const uint32_t requests = requests_.exchange(0);
      if ((requests & kStop) != 0) {
        vm_.world.Leave();
        return VcpuExit::kStopRequested;
      }
      if ((requests & kLeaveWorld) != 0) {
        vm_.world.Leave();
        vm_.world.Enter();
      }
      if (vm_.isa.TakeInterrupt(*this)) SelectSpaces();
    }

    const ir::Outcome outcome = ExecuteBlock();
    pc_ = outcome.pc;
    switch (outcome.kind) {
      case ir::Outcome::Kind::kContinue:
        break;
      case ir::Outcome::Kind::kExit:
        if (std::exchange(synchronize_code_, false)) {
          vm_.world.Leave();
          vm_.synchronize_code();
          vm_.world.Enter();
        }
        SelectSpaces();
        Request(kCheckInterrupts);
        break;
      case ir::Outcome::Kind::kWait:
        vm_.world.Leave();
        return VcpuExit::kWaitForInterrupt;
      case ir::Outcome::Kind::kRaise:
        vm_.isa.EnterException(*this, {outcome.cause, outcome.value});
        SelectSpaces();
        break;
      case ir::Outcome::Kind::kFault:
        vm_.isa.EnterException(*this, *std::exchange(fault_, std::nullopt));
        SelectSpaces();
        break;
    }
  }
}

void VmVcpu::Sleep() {
  for (;;) {
    if (vm_.isa.ShouldWake(*this)) {
      Request(kCheckInterrupts);
      return;
    }
    requests_.wait(0);
    const uint32_t requests = requests_.fetch_and(~(kCheckInterrupts | kLeaveWorld));
    if ((requests & kStop) != 0) return;
  }
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

void VmVcpu::Request(uint32_t bits) {
  requests_.fetch_or(bits);
  requests_.notify_one();
}

void VmVcpu::Reset(GuestVirtAddr pc) {
  std::memset(state_.data(), 0, state_.size());
  timer_->Disarm();
  fp_flags_ = 0;
  fp_rounding_ = ir::Rounding::kNearestEven;
  fault_.reset();
  reservation_ = nullptr;
  vm_.isa.Reset(*this, pc);
  pc_ = pc.value;
  FlushTlb();
  SelectSpaces();
}

void VmVcpu::VisitState(StateVisitor& visitor) {
  visitor.Field(1, "pc", pc_);
  visitor.Small(2, "fp_flags", fp_flags_);
  visitor.Small(3, "fp_rounding", fp_rounding_);
  visitor.BeginGroup(4, "registers");
  vm_.isa.VisitState(state_.data(), visitor);
  visitor.EndGroup();
  if (visitor.IsReading()) {
    reservation_ = nullptr;
    FlushTlb();
    SelectSpaces();
    RequestInterruptCheck();
  }
}

Vcpu::Counters VmVcpu::counters() const {
  Counters counters = counters_;
  counters.tlb_fills = tlb_->fills();
  return counters;
}

void VmVcpu::FlushAfterCodeChange() {
  tlb_->FlushWrites();
  FlushCachedBlocks();
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
  FlushCachedBlocks();
}

void VmVcpu::FlushTlbPage(GuestVirtAddr page) {
  tlb_->FlushPage(page.PageBase().value);
  for (CachedBlock& cached : cached_blocks_) {
    if (GuestVirtAddr(cached.pc).PageBase() == page.PageBase()) cached = {};
  }
}

void VmVcpu::FlushCachedBlocks() {
  std::fill(cached_blocks_.begin(), cached_blocks_.end(), CachedBlock{});
}

void VmVcpu::SelectSpaces() {
  tlb_->SelectBank(vm_.isa.DataSpaceKey(state_.data()));
  fetch_space_ = vm_.isa.FetchSpaceKey(state_.data());
  mode_ = vm_.isa.ModeHash(state_.data());
}

}  // namespace emu::translator
