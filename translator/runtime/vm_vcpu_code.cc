// How a vCPU comes by the code it executes.
#include <array>
#include <cstring>

#include "translator/runtime/vm_vcpu.h"

namespace emu::translator {
namespace {

constexpr uint32_t kMaxInstructions = 64;

}  // namespace

ir::Outcome VmVcpu::ExecuteBlock() {
  CachedBlock& cached = cached_blocks_[(pc_ >> 1) % kCachedBlocks];
  const InterpretedBlock* block = cached.block;
  if (cached.pc != pc_ || cached.fetch_space != fetch_space_ || cached.mode != mode_) {
    block = FindBlock();
    if (block == nullptr) return {.kind = ir::Outcome::Kind::kFault, .pc = pc_};
    if (block != &crossing_block_) cached = {pc_, fetch_space_, mode_, block};
  }
  counters_.interpreted_instructions += block->function.guest_instruction_count;
  return interpreter_.Run(block->function, state_.data(), pc_ & ~kPageOffsetMask, *this, &pc_);
}

std::optional<GuestPhysAddr> VmVcpu::Fetch(uint64_t address) {
  const WalkResult walk = vm_.isa.Walk(*this, GuestVirtAddr(address), AccessKind::kExecute);
  if (walk.fault.has_value()) {
    fault_ = walk.fault;
    return std::nullopt;
  }
  const GuestPhysAddr physical = walk.translation.page + (address & kPageOffsetMask);
  if (vm_.address_space.memory().PageForRead(physical) == nullptr) {
    fault_ = vm_.isa.BusFault(GuestVirtAddr(address), AccessKind::kExecute);
    return std::nullopt;
  }
  return physical;
}

const InterpretedBlock* VmVcpu::FindBlock() {
  const std::optional<GuestPhysAddr> start = Fetch(pc_);
  if (!start.has_value()) return nullptr;
  if (const InterpretedBlock* block = vm_.blocks.Find(*start, mode_); block != nullptr)
    return block;

  const std::byte* page = vm_.address_space.memory().PageForRead(*start);
  const auto offset = static_cast<uint32_t>(start->PageOffset());
  // A private copy: the page may be written to while it is being read.
  std::array<std::byte, kPageSize> code;
  std::memcpy(code.data() + offset, page + offset, kPageSize - offset);

  auto block = std::make_unique<InterpretedBlock>();
  ir::Builder builder(block->function);
  const TranslateRequest request = {.code = std::span(code).subspan(offset),
                                    .page_offset = offset,
                                    .mode = mode_,
                                    .max_instructions = kMaxInstructions,
                                    .crosses_page = false};
  if (!vm_.isa.Translate(request, builder)) return TranslateCrossing(*start);

  block->start = *start;
  block->length_bytes = 0;
  for (const ir::Inst& inst : block->function.insts) {
    if (inst.op != ir::Op::kInsn) continue;
    const auto end = static_cast<uint32_t>((inst.imm & 0xffff'ffff) + (inst.imm >> 32));
    if (end > offset + block->length_bytes) block->length_bytes = end - offset;
  }
  block->content_hash = BlockStore::HashBytes(code.data() + offset, block->length_bytes);
  ++counters_.blocks_translated;
  counters_.guest_instructions_translated += block->function.guest_instruction_count;
  return vm_.blocks.Insert(std::move(block), mode_);
}

const InterpretedBlock* VmVcpu::TranslateCrossing(GuestPhysAddr start) {
  const uint64_t next_page = (pc_ & ~kPageOffsetMask) + kPageSize;
  const std::optional<GuestPhysAddr> next = Fetch(next_page);
  if (!next.has_value()) return nullptr;

  GuestMemory& memory = vm_.address_space.memory();
  const auto offset = static_cast<uint32_t>(start.PageOffset());
  const auto here = static_cast<uint32_t>(kPageSize - offset);
  std::array<std::byte, 4> code;
  std::memcpy(code.data(), memory.PageForRead(start) + offset, here);
  std::memcpy(code.data() + here, memory.PageForRead(*next), 2);

  crossing_block_.function.Clear();
  ir::Builder builder(crossing_block_.function);
  vm_.isa.Translate({.code = std::span(code).first(here + 2),
                     .page_offset = offset,
                     .mode = mode_,
                     .max_instructions = 1,
                     .crosses_page = true},
                    builder);
  return &crossing_block_;
}

}  // namespace emu::translator
