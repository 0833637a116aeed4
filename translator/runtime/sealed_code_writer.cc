#include "translator/runtime/sealed_code_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "vmm/base/bits.h"
#include "vmm/base/status_macros.h"

namespace emu::translator {
namespace {

constexpr uint64_t kHostPage = 4096;

template <typename T>
std::span<const std::byte> BytesOf(const std::vector<T>& items) {
  return std::as_bytes(std::span(items));
}

// Leaves holes where nothing was copied.
absl::Status WritePages(std::span<const std::byte> bytes, uint64_t start, const CodeSink& sink) {
  const auto is_empty = [](std::span<const std::byte> page) {
    return std::ranges::all_of(page, [](std::byte byte) { return byte == std::byte{0}; });
  };
  for (size_t at = 0; at < bytes.size(); at += kHostPage) {
    const auto page = bytes.subspan(at, std::min<size_t>(kHostPage, bytes.size() - at));
    if (!is_empty(page)) RETURN_IF_ERROR(sink(page, start + at));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SealedCodeWriter::Write(std::string_view maker, const CodeSink& sink) {
  header_.magic = SealedHeader::kMagic;
  maker.copy(header_.maker.data(), header_.maker.size());
  List();
  RETURN_IF_ERROR(WriteCode(sink));
  RETURN_IF_ERROR(WriteIndex(sink));
  RETURN_IF_ERROR(WriteOlder(sink));
  std::vector<std::byte> first(SealedHeader::kBytes);
  std::memcpy(first.data(), &header_, sizeof header_);
  return sink(first, 0);
}

void SealedCodeWriter::List() {
  store_.VisitCode(cache_.stubs(), cache_.stubs() + code_bytes_, [this](const CodeBlock& block) {
    if (block.variant != 0 || !store_.IsCurrent(block)) return;
    Copied& copied = blocks_.emplace_back();
    copied.code = block.code;
    copied.page = block.start.PageBase().value;
    copied.mode = block.mode;
    copied.block = {.second_page = block.second_page,
                    .content_hash = block.content_hash,
                    .code = static_cast<uint32_t>(block.code - cache_.stubs()),
                    .code_bytes = block.code_bytes,
                    .fault_sites = 0,
                    .fault_site_bytes = block.fault_site_bytes,
                    .page_offset = static_cast<uint16_t>(block.start.PageOffset()),
                    .length_bytes = block.length_bytes,
                    .guest_instructions = block.guest_instructions,
                    .unit = 0};
  });
}

SealedCodeWriter::Copied* SealedCodeWriter::Find(const CodeBlock& block) {
  const auto found = std::ranges::lower_bound(blocks_, block.code, {}, &Copied::code);
  // Another may have come to where it was.
  if (found == blocks_.end() || found->code != block.code || block.variant != 0 ||
      found->page + found->block.page_offset != block.start.value || found->mode != block.mode ||
      found->block.content_hash != block.content_hash) {
    return nullptr;
  }
  return &*found;
}

absl::Status SealedCodeWriter::WriteCode(const CodeSink& sink) {
  const std::byte* const start = cache_.stubs();
  RETURN_IF_ERROR(sink({start, CodeCache::kStubBytes}, SealedHeader::kBytes));
  std::vector<std::byte> copy(cache_.segment_bytes());
  for (size_t at = CodeCache::kStubBytes; at < code_bytes_; at += copy.size()) {
    std::ranges::fill(copy, std::byte{0});
    const std::byte* const segment = start + at;
    store_.VisitCode(segment, segment + copy.size(),
                     [&](const CodeBlock& block) { Copy(block, segment, copy); });
    RETURN_IF_ERROR(WritePages(copy, SealedHeader::kBytes + at, sink));
  }
  return absl::OkStatus();
}

// With the store's lock: nobody links its jumps, and its place is not used again.
void SealedCodeWriter::Copy(const CodeBlock& block, const std::byte* segment,
                            std::span<std::byte> copy) {
  Copied* const copied = Find(block);
  if (copied == nullptr) return;
  std::byte* const place = copy.data() + (block.code - segment);
  std::memcpy(place, block.code, block.code_bytes);
  for (const JumpLink* link = block.outgoing; link != nullptr; link = link->next_outgoing) {
    Copied* const target = Find(*link->to);
    if (target != nullptr && target->page == copied->page && target->mode == copied->mode) {
      if (RootOf(copied) != RootOf(target)) RootOf(copied)->joined = RootOf(target);
      continue;
    }
    host_.PatchJump(block.code + link->patch, place + link->patch, block.code + link->unlinked);
  }
  copied->block.fault_sites = static_cast<uint32_t>(sites_.size());
  sites_.insert(sites_.end(), block.fault_sites, block.fault_sites + block.fault_site_bytes);
  copied->is_there = true;
}

SealedCodeWriter::Copied* SealedCodeWriter::RootOf(Copied* copied) {
  while (copied->joined != nullptr) copied = copied->joined;
  return copied;
}

absl::Status SealedCodeWriter::WriteIndex(const CodeSink& sink) {
  // What is not there takes its unit along, by its root.
  for (Copied& copied : blocks_) {
    if (!copied.is_there) RootOf(&copied)->is_there = false;
  }
  std::vector<Copied*> sorted;
  for (Copied& copied : blocks_) {
    if (RootOf(&copied)->is_there) sorted.push_back(&copied);
  }
  const auto page_of = [](const Copied* copied) { return std::pair(copied->page, copied->mode); };
  std::ranges::stable_sort(sorted, {}, page_of);
  std::vector<SealedPage> pages;
  std::vector<SealedBlock> blocks;
  absl::flat_hash_map<const Copied*, uint16_t> units;
  for (Copied* copied : sorted) {
    if (pages.empty() || std::pair(pages.back().page, pages.back().mode) != page_of(copied)) {
      pages.push_back({copied->page, copied->mode, static_cast<uint32_t>(blocks.size()), 0});
      units.clear();
    }
    ++pages.back().block_count;
    const auto next = static_cast<uint16_t>(units.size());
    copied->block.unit = units.try_emplace(RootOf(copied), next).first->second;
    blocks.push_back(copied->block);
  }
  SealedLayer layer = {.start = SealedHeader::kBytes,
                       .bytes = 0,
                       .code_bytes = AlignUp(code_bytes_, kHostPage),
                       .pages = pages.size(),
                       .blocks = blocks.size(),
                       .site_bytes = sites_.size()};
  layer.bytes = AlignUp(layer.sites_start() + layer.site_bytes - layer.start, kHostPage);
  if (layer.start + layer.bytes > kMostSealedCodeBytes) {
    return absl::ResourceExhaustedError("sealed code: there is too much of it");
  }
  // Its last byte, so that the file is as long as it says.
  sites_.resize(layer.start + layer.bytes - layer.sites_start());
  RETURN_IF_ERROR(sink(BytesOf(pages), layer.pages_start()));
  RETURN_IF_ERROR(sink(BytesOf(blocks), layer.blocks_start()));
  RETURN_IF_ERROR(sink(BytesOf(sites_), layer.sites_start()));
  header_.layers[header_.layer_count++] = layer;
  return absl::OkStatus();
}

absl::Status SealedCodeWriter::WriteOlder(const CodeSink& sink) {
  if (older_ == nullptr) return absl::OkStatus();
  for (SealedLayer layer : older_->layers()) {
    const SealedLayer& last = header_.layers[header_.layer_count - 1];
    const uint64_t start = last.start + last.bytes;
    if (header_.layer_count == SealedHeader::kMostLayers ||
        start + layer.bytes > kMostSealedCodeBytes) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(WritePages(older_->BytesOf(layer), start, sink));
    // What ends in zeroes is to be as long as it says.
    RETURN_IF_ERROR(sink(older_->BytesOf(layer).last(1), start + layer.bytes - 1));
    layer.start = start;
    header_.layers[header_.layer_count++] = layer;
  }
  return absl::OkStatus();
}

}  // namespace emu::translator
