#include "devices/backend/qcow2/metadata.h"

#include <array>
#include <string_view>

#include "devices/backend/qcow2/recount.h"
#include "vmm/base/bits.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"

namespace emu::qcow2 {
namespace {

// Maps 32 GiB of disk in clusters of 64 KiB.
constexpr uint64_t kTableCacheBytes = 4 << 20;
constexpr size_t kMostReleased = 16384;

}  // namespace

Metadata::Metadata(ImageFile& file, L1Place l1, TransferEpochs& epochs)
    : file_(file),
      l1_place_(l1),
      refcounts_(file),
      tables_(file, kTableCacheBytes, [this] { return WriteTables(); }),
      epochs_(epochs) {}

absl::StatusOr<std::unique_ptr<Metadata>> Metadata::Open(ImageFile& file, L1Place l1,
                                                         TransferEpochs& epochs) {
  if (!file.is_readonly() && file.header().is_dirty()) RETURN_IF_ERROR(Recount(file));
  std::unique_ptr<Metadata> metadata(new Metadata(file, l1, epochs));
  RETURN_IF_ERROR(metadata->Load());
  return metadata;
}

absl::Status Metadata::Load() {
  Table raw(l1_place_.offset, l1_place_.entries * 8);
  if (!file_.Read(raw.bytes(), l1_place_.offset)) {
    return disk_files::DamagedImage("its L1 table can't be read");
  }
  l1_.resize(l1_place_.entries);
  for (uint64_t i = 0; i < l1_.size(); ++i) l1_[i] = raw.Get(i * 8);
  return file_.is_readonly() ? absl::OkStatus() : refcounts_.Load();
}

bool Metadata::IsTable(uint64_t offset) const {
  return tables_.Has(offset) || refcounts_.IsTable(offset);
}

std::optional<Table*> Metadata::FindTable(uint64_t guest_offset, DiskImage::Effort effort) {
  const uint64_t offset = l1_[L1Index(guest_offset)] & kOffsetMask;
  if (offset == 0) return nullptr;
  if (effort == DiskImage::Effort::kNothing && !tables_.Has(offset)) return std::nullopt;
  // One that is new may not be in the file yet.
  if (!tables_.Has(offset)) {
    const bool is_good = IsAligned(offset, file_.cluster_bytes()) &&
                         file_.Holds(offset, file_.cluster_bytes()) && !refcounts_.IsTable(offset);
    if (!is_good) {
      file_.Corrupt("an L2 table where none can be", offset);
      return std::nullopt;
    }
  }
  Table* const table = tables_.Get(offset);
  if (table == nullptr) return std::nullopt;
  return table;
}

Table* Metadata::FindTableForWrite(uint64_t guest_offset) {
  const std::optional<Table*> found = FindTable(guest_offset);
  if (!found.has_value()) return nullptr;
  const uint64_t entry = l1_[L1Index(guest_offset)];
  if ((entry & kEntryCopied) != 0) return *found;
  Table* const table = NewTable(guest_offset, *found);
  if (table != nullptr && entry != 0) Release({entry & kOffsetMask, file_.cluster_bytes()});
  return table;
}

Table* Metadata::NewTable(uint64_t guest_offset, const Table* copied) {
  std::vector<std::byte> bytes;
  if (copied != nullptr) bytes.assign(copied->bytes().begin(), copied->bytes().end());
  const std::optional<uint64_t> offset = Allocate();
  if (!offset.has_value()) return nullptr;
  Table* const table = tables_.Create(*offset);
  if (table == nullptr) {
    GiveBack(*offset);
    return nullptr;
  }
  std::ranges::copy(bytes, table->bytes().begin());
  l1_[L1Index(guest_offset)] = *offset | kEntryCopied;
  changed_l1_.insert(L1Index(guest_offset));
  return table;
}

bool Metadata::HasLazyRefcounts() const {
  return file_.header().version >= 3 && file_.header().has_lazy_refcounts();
}

// Before tables are written whose counts are not.
bool Metadata::MarkDirty() {
  return !HasLazyRefcounts() || file_.header().is_dirty() ||
         file_.WriteIncompatible(kIncompatibleDirty, ImageFile::Feature::kSet);
}

std::optional<uint64_t> Metadata::Allocate() {
  if (!MarkDirty()) return std::nullopt;
  const std::optional<uint64_t> offset = refcounts_.Allocate();
  if (offset.has_value() && tables_.Has(*offset)) {
    file_.Corrupt("an L2 table in a free cluster", *offset);
    return std::nullopt;
  }
  return offset;
}

void Metadata::GiveBack(uint64_t offset) {
  (void)refcounts_.Release(offset / file_.cluster_bytes());
}

void Metadata::Release(HostRange range) {
  const uint64_t begin = AlignDown(range.offset, file_.cluster_bytes());
  const uint64_t end = AlignUp(range.offset + range.bytes, file_.cluster_bytes());
  released_.push_back({begin, end - begin});
}

bool Metadata::Prepare() {
  if (!file_.is_writable()) return false;
  // What those features describe is not kept up to date.
  if (file_.header().autoclear != 0 && !file_.ClearAutoclear()) return false;
  return released_.size() < kMostReleased || WriteTables();
}

bool Metadata::Commit() { return HasChangedTables() ? WriteTables() : file_.Sync(); }

bool Metadata::WriteTables() {
  if (!file_.is_writable()) return false;
  if (!released_.empty() && !MarkDirty()) return false;
  if (!HasLazyRefcounts() && !refcounts_.WriteBlocks()) return false;
  if (!tables_.WriteBack(TableCache::Which::kNew) || !file_.Sync()) return false;
  if (!HasLazyRefcounts() && !PublishRefcounts()) return false;
  if (!tables_.WriteBack(TableCache::Which::kAll) || !WriteL1() || !file_.Sync()) return false;
  if (!ApplyReleases()) return false;
  return HasLazyRefcounts() || refcounts_.WriteBlocks();
}

// After WriteBlocks and Sync.
bool Metadata::PublishRefcounts() {
  if (!refcounts_.has_new_blocks()) return true;
  if (!refcounts_.PublishTable() || !file_.Sync()) return false;
  for (const HostRange& range : refcounts_.TakeRetired()) Release(range);
  return true;
}

bool Metadata::WriteL1() {
  for (const uint64_t index : changed_l1_) {
    std::array<std::byte, 8> entry;
    StoreBig(entry, l1_[index]);
    if (!file_.Write(entry, l1_place_.offset + index * 8)) return false;
  }
  changed_l1_.clear();
  return true;
}

bool Metadata::ApplyReleases() {
  if (!released_.empty()) retired_.push_back({epochs_.Close(), std::exchange(released_, {})});
  while (!retired_.empty() && epochs_.IsOver(retired_.front().epoch)) {
    const Retired retired = std::move(retired_.front());
    retired_.pop_front();
    if (!CountDown(retired.ranges)) return false;
  }
  return true;
}

bool Metadata::CountDown(const std::vector<HostRange>& ranges) {
  HostRange hole;
  for (const HostRange& range : ranges) {
    for (uint64_t offset = range.offset; offset < range.offset + range.bytes;
         offset += file_.cluster_bytes()) {
      const std::optional<bool> is_free = refcounts_.Release(offset / file_.cluster_bytes());
      if (!is_free.has_value()) return false;
      if (!*is_free) continue;
      tables_.Forget(offset);
      if (offset != hole.offset + hole.bytes) {
        if (!file_.PunchHole(hole.offset, hole.bytes)) return false;
        hole = {offset, 0};
      }
      hole.bytes += file_.cluster_bytes();
    }
  }
  return file_.PunchHole(hole.offset, hole.bytes);
}

bool Metadata::Settle() {
  if (!Commit()) return false;
  if (!file_.is_writable()) return true;
  if (!ApplyReleases()) return false;
  if (refcounts_.has_changed()) {
    if (!refcounts_.WriteBlocks() || !file_.Sync() || !PublishRefcounts()) return false;
    if (!ApplyReleases() || !refcounts_.WriteBlocks()) return false;
  }
  if (!HasLazyRefcounts() || !file_.header().is_dirty()) return file_.Sync();
  return file_.Sync() && file_.WriteIncompatible(kIncompatibleDirty, ImageFile::Feature::kClear);
}

}  // namespace emu::qcow2
