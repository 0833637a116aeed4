#include "translator/runtime/block_translator.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "translator/ir/verifier.h"
#include "translator/runtime/sealed_code_writer.h"
#include "vmm/base/guest_access.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::translator {
namespace {

constexpr uint32_t kMaxInstructions = 64;
constexpr uint64_t kTranslationsPerRandomEviction = 512;

void PrintToStderr(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

// From an aligned address, in words that are each read at once: whoever replaces an aligned
// instruction by one store must not find half of it translated.
void CopyCode(std::byte* to, const std::byte* from, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const auto word = guest_access::Load<uint64_t>(from + at);
    std::memcpy(to + at, &word, sizeof(word));
  }
}

}  // namespace

BlockTranslator::BlockTranslator(const TranslatorOptions& options, const GuestIsa& isa,
                                 GuestMemory& memory)
    : isa_(isa),
      perf_map_(options.perf_map_fd),
      memory_(memory),
      evicts_at_random_(options.random_eviction_seed != 0),
      random_(options.random_eviction_seed) {}

absl::StatusOr<std::unique_ptr<BlockTranslator>> BlockTranslator::Create(
    const TranslatorOptions& options, const GuestIsa& isa, GuestMemory& memory) {
  auto blocks = std::unique_ptr<BlockTranslator>(new BlockTranslator(options, isa, memory));
  ASSIGN_OR_RETURN(blocks->trace_, BlockTrace::Create(options.trace, &PrintToStderr, isa));
  PatchSites* patches = nullptr;
  if (options.tier == TierPolicy::kCompile) {
    ASSIGN_OR_RETURN(blocks->host_, CreateHostBackend(isa.helpers(), options.memory_access));
    ASSIGN_OR_RETURN(blocks->cache_,
                     CodeCache::Create(options.code_cache_mib, options.perf_map_fd < 0
                                                                   ? CodeCache::Backing::kNamed
                                                                   : CodeCache::Backing::kUnnamed));
    const std::span<const std::byte> stubs = blocks->host_->CompileStubs(blocks->cache_->stubs());
    blocks->cache_->WriteStubs(stubs);
    blocks->perf_map_.AddStubs(blocks->cache_->stubs(), stubs.size());
    // Lets the disassembler set itself up before system calls are filtered; without a use for it,
    // its library would cost every VM 2 MiB.
    if (blocks->trace_->prints_host()) {
      (void)blocks->host_->Disassemble(stubs, blocks->cache_->stubs());
    }
    patches = &blocks->patches_.emplace(*blocks->host_, *blocks->cache_);
    blocks->MapSealed(options);
  }
  blocks->store_ = std::make_unique<BlockStore>(memory, patches, blocks->sealed_.get());
  return blocks;
}

// Without it everything is translated anew.
void BlockTranslator::MapSealed(const TranslatorOptions& options) {
  maker_ = SealedCodeMaker(options.arch, host_->Describe());
  if (options.sealed_code_fd < 0) return;
  absl::StatusOr<std::unique_ptr<SealedCode>> sealed =
      SealedCode::Map(options.sealed_code_fd, maker_);
  if (sealed.ok()) {
    sealed_ = *std::move(sealed);
  } else {
    LogInfo("no-sealed-code", {{"status", sealed.status().ToString()}});
  }
}

bool BlockTranslator::TakeSealed(const Request& request) {
  if (sealed_ == nullptr || request.breakpoints.variant != 0 || trace_->is_on() || counts_) {
    return false;
  }
  bool has_taken = false;
  for (SealedCode::Unit& unit : sealed_->Take(request.start, request.mode)) {
    const size_t blocks = unit.size();
    if (!store_->Adopt(std::move(unit))) continue;
    totals_.sealed_blocks += blocks;
    has_taken = true;
  }
  return has_taken;
}

BlockTranslator::Result BlockTranslator::Get(const Request& request) {
  const auto find = [&] {
    return store_->Find(request.start, request.mode, request.second_page,
                        request.breakpoints.variant);
  };
  if (const auto* found = find()) return {.block = found};
  const std::lock_guard lock(mutex_);
  if (const auto* found = find()) return {.block = found};
  if (TakeSealed(request)) {
    if (const auto* found = find()) return {.block = found};
  }
  const auto begin = std::chrono::steady_clock::now();
  const Result result = Translate(request);
  const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - begin;
  totals_.translation_ns += static_cast<uint64_t>(taken.count());
  return result;
}

BlockTranslator::Result BlockTranslator::Translate(const Request& request) {
  using Status = Result::Status;
  if (WantsRandomEviction()) return {.status = Status::kNoRoom};
  auto block = std::make_unique<CodeBlock>();
  if (!Lift(request, *block)) return {.status = Status::kCrosses};
  if (host_ != nullptr && !Compile(request, *block)) return {.status = Status::kNoRoom};
  if (block->code == nullptr) block->function = std::make_unique<ir::Function>(function_);
  totals_.guest_instructions += block->guest_instructions;
  totals_.guest_bytes += block->length_bytes + (request.second_page.has_value() ? 2 : 0);
  totals_.side_table_bytes += sizeof(CodeBlock) + block->fault_site_bytes;
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
  const uint32_t before = offset % sizeof(uint64_t);
  std::array<std::byte, kPageSize + 2> bytes;
  std::span<const std::byte> code = std::span(bytes).subspan(before, left);
  CopyCode(bytes.data(), memory_.PageForRead(request.start) + (offset - before), left + before);
  const bool crosses = request.second_page.has_value();
  if (crosses) {
    code = std::span(bytes).subspan(before, left + 2);
    CopyGuest(bytes.data() + before + left, memory_.PageForRead(*request.second_page), 2);
  }
  builder_.Restart();
  if (counts_) builder_.CountInto(isa_.count_slots());
  const TranslateRequest wanted = {.code = code,
                                   .page_offset = offset,
                                   .mode = request.mode,
                                   .max_instructions = crosses ? 1 : kMaxInstructions,
                                   .crosses_page = crosses,
                                   .stops = request.breakpoints.offsets};
  if (!isa_.Translate(wanted, builder_)) return false;
  assert(ir::Verify(function_).empty());
  block.start = request.start;
  block.mode = request.mode;
  block.variant = request.breakpoints.variant;
  if (crosses) block.second_page = request.second_page->value;
  block.guest_instructions = static_cast<uint16_t>(function_.guest_instruction_count);
  uint64_t end = offset;
  for (const ir::Inst& inst : function_.insts) {
    if (inst.op == ir::Op::kInsn) end = std::max(end, (inst.imm & 0xffff'ffff) + (inst.imm >> 32));
  }
  block.length_bytes = static_cast<uint16_t>(crosses ? left : end - offset);
  block.content_hash = BlockStore::HashBytes(code.data(), block.length_bytes);
  if (crosses) block.content_hash ^= BlockStore::HashBytes(code.data() + left, 2);
  trace_->Lifted({.request = wanted,
                  .start = request.start,
                  .pc = request.pc,
                  .code = code.first(crosses ? left + 2 : block.length_bytes),
                  .function = function_});
  return true;
}

bool BlockTranslator::Compile(const Request& request, CodeBlock& block) {
  for (;;) {
    const std::byte* const address = cache_->next();
    const std::optional<HostCode> code =
        host_->Compile({.function = function_,
                        .address = address,
                        .crosses_page = request.second_page.has_value()});
    if (!code.has_value() || code->bytes.size() > cache_->segment_bytes()) return true;
    if (cache_->Fits(code->bytes.size())) {
      trace_->Compiled(request.start, request.pc, *host_, code->bytes, address);
      perf_map_.Add(address, code->bytes.size(), request.start, request.pc);
      cache_->Append(code->bytes);
      block.code = address;
      block.code_bytes = static_cast<uint32_t>(code->bytes.size());
      block.fault_sites = cache_->KeepBeside(code->fault_sites);
      block.fault_site_bytes = static_cast<uint32_t>(code->fault_sites.size());
      return true;
    }
    if (!cache_->TakeFreshSegment()) return false;
  }
}

bool BlockTranslator::Link(const HostBackend::JumpSite& site, const CodeBlock& target) {
  const std::lock_guard lock(mutex_);
  return store_->Link(site.patch, site.unlinked, target);
}

absl::Status BlockTranslator::StartTrace(const TraceOptions& options, TraceSink sink) {
  const std::lock_guard lock(mutex_);
  if (trace_->is_on()) {
    return absl::FailedPreconditionError("trace: another one runs; end it first");
  }
  ASSIGN_OR_RETURN(BlockTrace trace, BlockTrace::Create(options, std::move(sink), isa_));
  trace_.emplace(std::move(trace));
  DropAll();
  return absl::OkStatus();
}

void BlockTranslator::DropAll() {
  ++generation_;
  if (cache_ == nullptr) {
    store_->Clear();
  } else {
    store_->DropCode(cache_->stubs(),
                     cache_->stubs() + CodeCache::kStubBytes + cache_->size_bytes());
    if (sealed_ != nullptr) store_->DropCode(sealed_->start(), sealed_->end());
    cache_->Empty();
  }
}

void BlockTranslator::SetCounting(bool counts) {
  const std::lock_guard lock(mutex_);
  if (counts == counts_) return;
  counts_ = counts;
  DropAll();
}

void BlockTranslator::StopTrace() {
  const std::lock_guard lock(mutex_);
  trace_.emplace(*BlockTrace::Create({}, &PrintToStderr, isa_));
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
  ++totals_.evictions;
}

CodeCounters BlockTranslator::counters() {
  const std::lock_guard lock(mutex_);
  CodeCounters counters = totals_;
  counters.blocks = store_->size();
  if (cache_ != nullptr) {
    counters.cache_bytes = cache_->size_bytes();
    counters.cache_used_bytes = cache_->used_bytes();
    counters.host_bytes = cache_->emitted_bytes();
  }
  return counters;
}

absl::Status BlockTranslator::SaveCode(const CodeSink& sink) {
  size_t code_bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    if (host_ == nullptr || maker_.empty() || trace_->is_on() || counts_) {
      return absl::FailedPreconditionError("there is no code that others could use");
    }
    code_bytes = CodeCache::kStubBytes + cache_->taken_segments() * cache_->segment_bytes();
  }
  return SealedCodeWriter(*store_, *host_, *cache_, code_bytes, sealed_.get()).Write(maker_, sink);
}

std::vector<const void*> BlockTranslator::DropSealed(GuestPhysAddr page) {
  ++generation_;
  return store_->DropSealed(page);
}

BlockStore::Changes BlockTranslator::Synchronize() {
  ++generation_;
  ++totals_.synchronizations;
  return store_->Synchronize();
}

}  // namespace emu::translator
