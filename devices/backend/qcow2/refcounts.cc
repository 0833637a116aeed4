#include "devices/backend/qcow2/refcounts.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "vmm/base/bits.h"
#include "vmm/base/log.h"
#include "vmm/disk_files/errors.h"

namespace emu::qcow2 {
namespace {

constexpr uint64_t kCacheBytes = 1 << 20;

bool Overlaps(const HostRange& range, uint64_t offset, uint64_t bytes) {
  return range.bytes != 0 && offset < range.offset + range.bytes && range.offset < offset + bytes;
}

bool Full() {
  static LogRateLimiter log;
  if (log.Allow()) LogError("disk-image-full", {{"what", "its refcount table can't grow"}});
  return false;
}

}  // namespace

Refcounts::Refcounts(ImageFile& file)
    : file_(file),
      counts_per_block_(file.header().counts_per_block()),
      format_(file.header()),
      // A block may reach the file at any time.
      blocks_cache_(file, kCacheBytes,
                    [this] { return blocks_cache_.WriteBack(TableCache::Which::kAll); }) {
  layout_.table_offset = file.header().refcount_table_offset;
}

absl::Status Refcounts::Load() {
  const uint64_t bytes = uint64_t{file_.header().refcount_table_clusters} * file_.cluster_bytes();
  Table raw(layout_.table_offset, bytes);
  if (!file_.Read(raw.bytes(), layout_.table_offset)) {
    return disk_files::DamagedImage("its refcount table can't be read");
  }
  layout_.table.resize(bytes / 8);
  for (uint64_t i = 0; i < layout_.table.size(); ++i) {
    layout_.table[i] = raw.Get(i * 8) & kRefcountBlockMask;
    if (layout_.table[i] == 0) continue;
    const bool is_good = IsAligned(layout_.table[i], file_.cluster_bytes()) &&
                         file_.Holds(layout_.table[i], file_.cluster_bytes()) &&
                         !IsTaken(layout_.table[i]);
    if (!is_good) {
      return disk_files::DamagedImage(
          absl::StrCat("a refcount block at ", layout_.table[i], " where none can be"));
    }
    layout_.sorted_blocks.push_back(layout_.table[i]);
  }
  std::ranges::sort(layout_.sorted_blocks);
  if (std::ranges::adjacent_find(layout_.sorted_blocks) != layout_.sorted_blocks.end()) {
    return disk_files::DamagedImage("a refcount block is in use twice");
  }
  return absl::OkStatus();
}

// By tables whose place the header tells, and this table.
bool Refcounts::IsTaken(uint64_t offset) const {
  const Header& header = file_.header();
  const uint64_t bytes = file_.cluster_bytes();
  return offset < bytes || Overlaps(table_place(), offset, bytes) ||
         Overlaps({header.l1_offset, uint64_t{header.l1_entries} * 8}, offset, bytes) ||
         Overlaps({header.snapshots_offset, uint64_t{header.snapshot_count} * kSnapshotFixedBytes},
                  offset, bytes);
}

bool Refcounts::IsTable(uint64_t offset) const {
  return IsTaken(offset) || std::ranges::binary_search(layout_.sorted_blocks, offset);
}

std::optional<Table*> Refcounts::Block(uint64_t cluster) {
  const uint64_t index = Index(cluster);
  if (index >= layout_.table.size() || layout_.table[index] == 0) return nullptr;
  Table* const block = blocks_cache_.Get(layout_.table[index]);
  if (block == nullptr) return std::nullopt;
  return block;
}

void Refcounts::SetIn(Table& block, uint64_t cluster, uint64_t count) const {
  const uint64_t index = cluster % counts_per_block_;
  format_.Set(block.bytes(), index, count);
  const uint64_t at = format_.ByteOf(index);
  block.MarkDirty(at, at + format_.width_bytes());
}

std::optional<uint64_t> Refcounts::Count(uint64_t cluster) {
  const std::optional<Table*> block = Block(cluster);
  if (!block.has_value()) return std::nullopt;
  return *block == nullptr ? 0 : CountIn(**block, cluster);
}

std::optional<uint64_t> Refcounts::Allocate() {
  for (;; ++next_) {
    const std::optional<Table*> block = Block(next_);
    if (!block.has_value()) return std::nullopt;
    if (*block == nullptr) {
      if (!CreateBlock(next_)) return std::nullopt;
      continue;
    }
    if (CountIn(**block, next_) != 0) continue;
    const uint64_t offset = next_ * file_.cluster_bytes();
    if (IsTable(offset)) {
      file_.Corrupt("a refcount table in a free cluster", offset);
      return std::nullopt;
    }
    SetIn(**block, next_++, 1);
    return offset;
  }
}

std::optional<bool> Refcounts::Release(uint64_t cluster) {
  const std::optional<Table*> block = Block(cluster);
  if (!block.has_value()) return std::nullopt;
  const uint64_t count = *block == nullptr ? 0 : CountIn(**block, cluster);
  if (count == 0) {
    file_.Corrupt("a cluster in use with a refcount of zero", cluster * file_.cluster_bytes());
    return std::nullopt;
  }
  SetIn(**block, cluster, count - 1);
  if (count == 1) next_ = std::min(next_, cluster);
  return count == 1;
}

bool Refcounts::SetCount(uint64_t cluster, uint64_t count) {
  const std::optional<Table*> block = Block(cluster);
  if (!block.has_value()) return false;
  SetIn(**block, cluster, count);
  return true;
}

bool Refcounts::AddBlock(uint64_t index, uint64_t offset) {
  if (IsTable(offset)) return file_.Corrupt("a refcount table in a free cluster", offset);
  if (blocks_cache_.Create(offset) == nullptr) return false;
  layout_.table[index] = offset;
  layout_.new_entries.push_back(index);
  layout_.sorted_blocks.insert(std::ranges::upper_bound(layout_.sorted_blocks, offset), offset);
  return true;
}

// All that the block counts is free, so it may lie there itself.
bool Refcounts::CreateBlock(uint64_t cluster) {
  const uint64_t offset = cluster * file_.cluster_bytes();
  if ((offset & ~kOffsetMask) != 0) return Full();
  if (Index(cluster) >= layout_.table.size()) return GrowTable(cluster);
  return AddBlock(Index(cluster), offset) && SetCount(cluster, 1);
}

// From `first_free` on there is nothing: there the new blocks go, which count themselves and the
// new table, and then that.
bool Refcounts::GrowTable(uint64_t first_free) {
  const uint64_t entries_per_cluster = file_.cluster_bytes() / 8;
  const uint64_t first_index = Index(first_free);
  uint64_t clusters =
      std::max(layout_.table.size() * 3 / 2, first_index + 1) / entries_per_cluster + 1;
  uint64_t blocks = 1;
  for (bool is_settled = false; !is_settled;) {
    const uint64_t last_index = Index(first_free + blocks + clusters - 1);
    const uint64_t needs_blocks = last_index - first_index + 1;
    const uint64_t needs_clusters = last_index / entries_per_cluster + 1;
    is_settled = needs_blocks <= blocks && needs_clusters <= clusters;
    blocks = std::max(blocks, needs_blocks);
    clusters = std::max(clusters, needs_clusters);
  }
  if (clusters * file_.cluster_bytes() > kMaxRefcountTableBytes) return Full();

  const Layout before = layout_;
  if (MoveTable(first_free, blocks, clusters)) return true;
  layout_ = before;
  for (uint64_t i = 0; i < blocks; ++i) {
    blocks_cache_.Forget((first_free + i) * file_.cluster_bytes());
  }
  return false;
}

bool Refcounts::MoveTable(uint64_t first_free, uint64_t blocks, uint64_t clusters) {
  layout_.retired.push_back(table_place());
  layout_.table.resize(clusters * file_.cluster_bytes() / 8);
  for (uint64_t i = 0; i < blocks; ++i) {
    const uint64_t offset = (first_free + i) * file_.cluster_bytes();
    if (!AddBlock(Index(first_free) + i, offset)) return false;
  }
  layout_.table_offset = (first_free + blocks) * file_.cluster_bytes();
  layout_.table_has_moved = true;
  for (uint64_t i = 0; i < blocks + clusters; ++i) {
    if (!SetCount(first_free + i, 1)) return false;
  }
  return true;
}

bool Refcounts::WriteBlocks() {
  if (!blocks_cache_.WriteBack(TableCache::Which::kAll)) return false;
  if (!layout_.table_has_moved) return true;
  Table raw(layout_.table_offset, layout_.table.size() * 8);
  for (uint64_t i = 0; i < layout_.table.size(); ++i) raw.Set(i * 8, layout_.table[i]);
  return file_.Write(std::as_const(raw).bytes(), layout_.table_offset);
}

bool Refcounts::PublishTable() {
  if (layout_.table_has_moved) {
    const uint64_t clusters = table_place().bytes / file_.cluster_bytes();
    if (!file_.WriteRefcountTablePlace(layout_.table_offset, static_cast<uint32_t>(clusters))) {
      return false;
    }
    layout_.table_has_moved = false;
    layout_.new_entries.clear();
  }
  for (; !layout_.new_entries.empty(); layout_.new_entries.pop_back()) {
    const uint64_t index = layout_.new_entries.back();
    std::array<std::byte, 8> entry;
    StoreBig(entry, layout_.table[index]);
    if (!file_.Write(entry, layout_.table_offset + index * 8)) return false;
  }
  return true;
}

}  // namespace emu::qcow2
