#include "translator/runtime/block_translator.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "translator/ir/verifier.h"
#include "vmm/base/guest_access.h"
#include "vmm/base/status_macros.h"

namespace emu::translator {
namespace {

constexpr uint32_t kMaxInstructions = 64;
constexpr uint64_t kTranslationsPerRandomEviction = 512;

}  // namespace

BlockTranslator::BlockTranslator(const TranslatorOptions& options, const GuestIsa& isa,
                                 GuestMemory& memory)
    : isa_(isa),
      memory_(memory),
      evicts_at_random_(options.random_eviction_seed != 0),
      random_(options.random_eviction_seed) {}

absl::StatusOr<std::unique_ptr<BlockTranslator>> BlockTranslator::Create(
    const TranslatorOptions& options, const GuestIsa& isa, GuestMemory& memory) {
  auto blocks = std::unique_ptr<BlockTranslator>(new BlockTranslator(options, isa, memory));
  ASSIGN_OR_RETURN(blocks->trace_, BlockTrace::Create(options.trace_stages, isa));
  PatchSites* patches = nullptr;
  if (options.tier == TierPolicy::kCompile) {
    ASSIGN_OR_RETURN(blocks->host_, CreateHostBackend(isa.helpers(), options.memory_access));
    ASSIGN_OR_RETURN(blocks->cache_, CodeCache::Create(options.code_cache_mib));
    const std::span<const std::byte> stubs = blocks->host_->CompileStubs(blocks->cache_->stubs());
    blocks->cache_->WriteStubs(stubs);
    // Also lets the disassembler set itself up before system calls are filtered.
    blocks->trace_->Compiled(*blocks->host_, stubs, blocks->cache_->stubs());
    patches = &blocks->patches_.emplace(*blocks->host_, *blocks->cache_);
  }
  blocks->store_ = std::make_unique<BlockStore>(memory, patches);
  return blocks;
}

BlockTranslator::Result BlockTranslator::Get(const Request& request) {
  using Status = Result::Status;
  if (const auto* found = store_->Find(request.start, request.mode, request.second_page)) {
    return {.block = found};
  }
  const std::lock_guard lock(mutex_);
  if (const auto* found = store_->Find(request.start, request.mode, request.second_page)) {
    return {.block = found};
  }
  if (WantsRandomEviction()) return {.status = Status::kNoRoom};
  auto block = std::make_unique<CodeBlock>();
  if (!Lift(request, *block)) return {.status = Status::kCrosses};
  if (host_ != nullptr && !Compile(request, *block)) return {.status = Status::kNoRoom};
  return {.block = store_->Insert(std::move(block)), .is_new = true};
}

bool BlockTranslator::WantsRandomEviction() {
  return evicts_at_random_ && host_ != nullptr && random_() % kTranslationsPerRandomEviction == 0;
}

// False if the first instruction crosses and its second page is not known.
bool BlockTranslator::Lift(const Request& request, CodeBlock& block) {
  const auto offset = static_cast<uint32_t>(request.start.PageOffset());
  const auto left = static_cast<uint32_t>(kPageSize - offset);
  // A private copy: the page may be written to while it is being read.
  std::array<std::byte, kPageSize + 2> bytes;
  std::span<const std::byte> code = std::span(bytes).first(left);
  CopyGuest(bytes.data(), memory_.PageForRead(request.start) + offset, left);
  const bool crosses = request.second_page.has_value();
  if (crosses) {
    code = std::span(bytes).first(left + 2);
    CopyGuest(bytes.data() + left, memory_.PageForRead(*request.second_page), 2);
  }
  block.function = std::make_unique<ir::Function>();
  ir::Builder builder(*block.function);
  if (!isa_.Translate({.code = code,
                       .page_offset = offset,
                       .mode = request.mode,
                       .max_instructions = crosses ? 1 : kMaxInstructions,
                       .crosses_page = crosses},
                      builder)) {
    return false;
  }
  assert(ir::Verify(*block.function).empty());
  block.start = request.start;
  block.mode = request.mode;
  if (crosses) block.second_page = request.second_page->value;
  block.guest_instructions = static_cast<uint16_t>(block.function->guest_instruction_count);
  uint64_t end = offset;
  for (const ir::Inst& inst : block.function->insts) {
    if (inst.op == ir::Op::kInsn) end = std::max(end, (inst.imm & 0xffff'ffff) + (inst.imm >> 32));
  }
  block.length_bytes = static_cast<uint16_t>(crosses ? left : end - offset);
  block.content_hash = BlockStore::HashBytes(code.data(), block.length_bytes);
  if (crosses) block.content_hash ^= BlockStore::HashBytes(code.data() + left, 2);
  trace_->Lifted(request.start, code.first(crosses ? left + 2 : block.length_bytes),
                 *block.function);
  return true;
}

bool BlockTranslator::Compile(const Request& request, CodeBlock& block) {
  for (;;) {
    const std::byte* const address = cache_->next();
    const std::optional<HostCode> code =
        host_->Compile({.function = *block.function,
                        .address = address,
                        .crosses_page = request.second_page.has_value()});
    if (!code.has_value() || code->bytes.size() > cache_->segment_bytes()) return true;
    if (cache_->Fits(code->bytes.size())) {
      trace_->Compiled(*host_, code->bytes, address);
      cache_->Append(code->bytes);
      block.code = address;
      block.code_bytes = static_cast<uint32_t>(code->bytes.size());
      block.fault_sites = cache_->KeepBeside(code->fault_sites);
      block.fault_site_bytes = static_cast<uint32_t>(code->fault_sites.size());
      block.function.reset();
      return true;
    }
    if (!cache_->TakeFreshSegment()) return false;
  }
}

void BlockTranslator::Link(const HostBackend::JumpSite& site, const CodeBlock& target) {
  const std::lock_guard lock(mutex_);
  store_->Link(site.patch, site.unlinked, target);
}

void BlockTranslator::MakeRoom(uint64_t seen_generation) {
  if (generation() != seen_generation) return;
  const auto segment = evicts_at_random_
                           ? static_cast<uint32_t>(random_() % cache_->taken_segments())
                           : cache_->following_segment();
  const std::byte* const start = cache_->SegmentStart(segment);
  store_->DropCode(start, start + cache_->segment_bytes());
  cache_->Reuse(segment);
  ++generation_;
}

BlockStore::Changes BlockTranslator::Synchronize() {
  ++generation_;
  return store_->Synchronize();
}

}  // namespace emu::translator
