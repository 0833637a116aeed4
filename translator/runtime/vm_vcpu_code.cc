// How a vCPU comes by the code it executes, and how it executes it.
#include <array>

#include "translator/runtime/vm_vcpu.h"
#include "vmm/base/guest_access.h"

namespace emu::translator {
namespace {

using Kind = ir::Outcome::Kind;

}  // namespace

ir::Outcome VmVcpu::Execute() {
  const void* known = jumps_.Find(pc_);
  if (known != nullptr) {
    return host_ != nullptr ? RunCode(known) : Interpret(*static_cast<const CodeBlock*>(known));
  }
  if (vm_.breakpoints.Contains(pc_)) {
    stop_ = {.reason = DebugStop::Reason::kBreakpoint,
             .point = {StopPoint::Kind::kBreakpoint, pc_, 1}};
    return {.kind = Kind::kFault, .pc = pc_};
  }
  const CodeBlock* const block = FindBlock();
  if (block == nullptr) return {.kind = Kind::kFault, .pc = pc_};
  if (block->code != nullptr) {
    EnterJump(block->code);
    return RunCode(block->code);
  }
  // Where code is entered by address, what has none is looked up every time.
  if (host_ == nullptr && block != &uncached_block_) EnterJump(block);
  return Interpret(*block);
}

ir::Outcome VmVcpu::ExecuteOne() {
  const std::optional<Fetched> start = Fetch(pc_);
  const CodeBlock* const block = start.has_value() ? LiftUncached(start->address) : nullptr;
  if (block == nullptr) return {.kind = Kind::kFault, .pc = pc_};
  return Interpret(*block);
}

void VmVcpu::EnterJump(const void* code) {
  // The table moves when it grows.
  if (jumps_.Enter(pc_, code)) UseJumpTable(jumps_.current());
}

ir::Outcome VmVcpu::Interpret(const CodeBlock& block) {
  counters_.interpreted_instructions += block.guest_instructions;
  return interpreter_.Run(*block.function, state(), pc_ & ~kPageOffsetMask, *this, &pc_);
}

ir::Outcome VmVcpu::RunCode(const void* code) {
  frame_->pc_page = pc_ & ~kPageOffsetMask;
  switch (host_->Enter(*frame_, code)) {
    case LeaveReason::kLookup:
      ++counters_.exits_lookup;
      return {.kind = Kind::kContinue, .pc = frame_->leave_pc};
    case LeaveReason::kLink:
      ++counters_.exits_link;
      return FollowLink();
    case LeaveReason::kStale:
      ++counters_.exits_stale;
      pc_ = frame_->pc_page + host_->DecodeStale(frame_->leave_site);
      jumps_.Forget(pc_);
      return {.kind = Kind::kContinue, .pc = pc_};
    case LeaveReason::kWait:
      ++counters_.exits_wait;
      return {.kind = Kind::kWait, .pc = frame_->leave_pc};
    case LeaveReason::kRaise:
      ++counters_.exits_exception;
      return {.kind = Kind::kRaise,
              .pc = frame_->pc_page + frame_->instruction,
              .cause = frame_->arguments[1],
              .value = frame_->arguments[0]};
    case LeaveReason::kFault:
      ++counters_.exits_fault;
      break;
  }
  return {.kind = Kind::kFault, .pc = pc_};
}

ir::Outcome VmVcpu::FollowLink() {
  const HostBackend::JumpSite site = host_->DecodeJumpSite(frame_->leave_site);
  pc_ = frame_->pc_page + site.target_offset;
  if (vm_.breakpoints.Contains(pc_)) return {.kind = Kind::kContinue, .pc = pc_};
  const uint64_t generation = vm_.blocks.generation();
  const CodeBlock* const target = FindBlock();
  if (target == nullptr) return {.kind = Kind::kFault, .pc = pc_};
  // The jump may have been dropped while room was made for its target.
  if (target->code != nullptr && vm_.blocks.generation() == generation) {
    const GuestPhysAddr page = target->start.PageBase();
    if (vm_.blocks.Link(site, *target)) {
      vm_.world.Leave();
      vm_.drop_sealed(page);
      vm_.world.Enter();
    }
  }
  return {.kind = Kind::kContinue, .pc = pc_};
}

std::optional<VmVcpu::Fetched> VmVcpu::Fetch(uint64_t address) {
  const uint64_t page = address & ~kPageOffsetMask;
  FetchedPage& known = FetchedPageFor(address);
  if (known.page == page && known.space == fetch_space_) {
    return Fetched{known.physical + (address & kPageOffsetMask), true};
  }
  const WalkResult walk =
      vm_.isa.Walk(*this, GuestVirtAddr(address), AccessKind::kExecute, DataSpace::kOwn);
  if (walk.fault.has_value()) {
    fault_ = walk.fault;
    return std::nullopt;
  }
  const GuestPhysAddr physical = walk.translation.page + (address & kPageOffsetMask);
  if (vm_.address_space.memory().PageForRead(physical) == nullptr) {
    fault_ = vm_.isa.BusFault(GuestVirtAddr(address), AccessKind::kExecute);
    return std::nullopt;
  }
  if (walk.translation.whole_page) known = {page, fetch_space_, physical.PageBase()};
  return Fetched{physical, walk.translation.whole_page};
}

const CodeBlock* VmVcpu::FindBlock() {
  using Status = BlockTranslator::Result::Status;
  const std::optional<Fetched> start = Fetch(pc_);
  if (!start.has_value()) return nullptr;
  if (!start->whole_page) return LiftUncached(start->address);
  BlockTranslator::Request request = {.start = start->address,
                                      .mode = mode_,
                                      .second_page = {},
                                      .breakpoints = vm_.breakpoints.PageOf(pc_),
                                      .pc = pc_};
  for (;;) {
    const uint64_t generation = vm_.blocks.generation();
    const BlockTranslator::Result result = vm_.blocks.Get(request);
    switch (result.status) {
      case Status::kDone:
        if (result.is_new) {
          ++counters_.blocks_translated;
          counters_.guest_instructions_translated += result.block->guest_instructions;
          counters_.host_bytes_emitted += result.block->code_bytes;
        }
        return result.block;
      case Status::kCrosses: {
        const std::optional<Fetched> second = Fetch((pc_ & ~kPageOffsetMask) + kPageSize);
        if (!second.has_value()) return nullptr;
        if (!second->whole_page) return LiftUncached(start->address);
        request.second_page = second->address;
        break;
      }
      case Status::kNoRoom:
        vm_.world.Leave();
        vm_.make_room(generation);
        vm_.world.Enter();
        break;
    }
  }
}

// One instruction, for once: the right to execute it ends inside its page.
const CodeBlock* VmVcpu::LiftUncached(GuestPhysAddr start) {
  GuestMemory& memory = vm_.address_space.memory();
  std::array<std::byte, 4> code;
  CopyGuest(code.data(), memory.PageForRead(start) + start.PageOffset(), 2);
  uncached_block_.guest_instructions = 1;
  uncached_block_.function = std::make_unique<ir::Function>();
  ir::Function& function = *uncached_block_.function;
  TranslateRequest request = {.code = std::span(code).first(2),
                              .page_offset = static_cast<uint32_t>(start.PageOffset()),
                              .mode = mode_,
                              .max_instructions = 1,
                              .crosses_page = false};
  ir::Builder short_one(function);
  if (vm_.isa.Translate(request, short_one)) return &uncached_block_;

  const std::optional<Fetched> second = Fetch(pc_ + 2);
  if (!second.has_value()) return nullptr;
  CopyGuest(code.data() + 2, memory.PageForRead(second->address) + second->address.PageOffset(), 2);
  request.code = code;
  request.crosses_page = true;
  ir::Builder long_one(function);
  vm_.isa.Translate(request, long_one);
  return &uncached_block_;
}

}  // namespace emu::translator
