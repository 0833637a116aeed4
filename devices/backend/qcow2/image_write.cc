// Writing to the clusters of an image: planned, given a place, written, and only then referred to.
#include <algorithm>
#include <bit>

#include "devices/backend/qcow2/image.h"

namespace emu::qcow2 {
namespace {

// Of one table's clusters at a time.
constexpr uint64_t kMostClustersAtOnce = 256;

}  // namespace

bool Image::Write(std::span<iovec> spans, uint64_t offset) {
  SpanCursor data(spans);
  for (uint64_t left = TotalBytes(spans); left > 0;) {
    const uint64_t bytes =
        std::min(WithinTable(offset, left), kMostClustersAtOnce * file_.cluster_bytes());
    if (!metadata_->Prepare() || !WriteInTable(offset, bytes, data)) return false;
    offset += bytes;
    left -= bytes;
  }
  return true;
}

bool Image::WriteInTable(uint64_t offset, uint64_t bytes, SpanCursor& data) {
  std::optional<ClusterWrites> writes = PlanClusters(offset, bytes);
  if (!writes.has_value()) return false;
  const bool changes_table = std::ranges::any_of(
      *writes, [](const ClusterWrite& write) { return write.after != write.before; });
  if (!changes_table) return WriteData(*writes, data);

  Table* const table = metadata_->FindTableForWrite(offset);
  if (table == nullptr || !PlaceWrites(*writes)) return false;
  if (!WriteData(*writes, data)) {
    GiveBack(*writes);
    return false;
  }
  for (const ClusterWrite& write : *writes) {
    if (write.after == write.before) continue;
    format_.Set(*table, L2Index(write.guest_offset), write.after);
    const bool has_left = write.has_new_place && write.before.host_offset != 0;
    if (has_left) metadata_->Release(format_.Place(write.before));
  }
  return true;
}

std::optional<Image::ClusterWrites> Image::PlanClusters(uint64_t offset, uint64_t bytes,
                                                        Effort effort) {
  const std::optional<Table*> table = metadata_->FindTable(offset, effort);
  if (!table.has_value()) return std::nullopt;
  ClusterWrites writes;
  for (const uint64_t end = offset + bytes; offset < end;) {
    L2Entry before;
    if (*table != nullptr) {
      const std::optional<L2Entry> entry = EntryOf(**table, offset, effort);
      if (!entry.has_value()) return std::nullopt;
      before = *entry;
    }
    const uint64_t cluster_end = offset - InCluster(offset) + file_.cluster_bytes();
    const uint64_t piece_end = std::min(end, cluster_end);
    const std::optional<ClusterWrite> write = PlanCluster(before, offset, piece_end, effort);
    if (!write.has_value()) return std::nullopt;
    writes.push_back(*write);
    offset = piece_end;
  }
  return writes;
}

// [offset, end) is within one cluster, whose entry is `before`.
std::optional<Image::ClusterWrite> Image::PlanCluster(const L2Entry& before, uint64_t offset,
                                                      uint64_t end, Effort effort) {
  const uint64_t subcluster_bytes = format_.subcluster_bytes();
  ClusterWrite write;
  write.guest_offset = offset - InCluster(offset);
  write.begin = write.fill_begin = InCluster(offset);
  write.end = write.fill_end = end - write.guest_offset;
  write.before = write.after = before;
  auto first = static_cast<uint32_t>(write.begin / subcluster_bytes);
  auto last = static_cast<uint32_t>((write.end - 1) / subcluster_bytes);
  write.has_new_place = !before.is_copied;
  if (write.has_new_place) {
    // Another place has all that this one had.
    const uint32_t had = before.is_compressed() ? format_.all() : before.allocated;
    const uint32_t needs = had | L2EntryFormat::Bits(first, last + 1);
    first = static_cast<uint32_t>(std::countr_zero(needs));
    last = static_cast<uint32_t>(std::bit_width(needs)) - 1;
    write.fill_begin = std::min(write.begin, first * subcluster_bytes);
    write.fill_end = std::max(write.end, (last + 1) * subcluster_bytes);
    write.after.host_offset = 0;
    write.after.compressed_sectors = 0;
    write.after.is_copied = true;
  } else {
    if (metadata_->IsTable(before.host_offset)) {
      if (effort != Effort::kNothing)
        file_.Corrupt("a table among a guest's data", before.host_offset);
      return std::nullopt;
    }
    if ((before.allocated >> first & 1) == 0) write.fill_begin = first * subcluster_bytes;
    if ((before.allocated >> last & 1) == 0) write.fill_end = (last + 1) * subcluster_bytes;
  }
  const uint32_t bits = L2EntryFormat::Bits(first, last + 1);
  write.after.allocated |= bits;
  write.after.zero &= ~bits;
  return write;
}

bool Image::PlaceWrites(ClusterWrites& writes) {
  for (ClusterWrite& write : writes) {
    if (!write.has_new_place) continue;
    const std::optional<uint64_t> place = metadata_->Allocate();
    if (!place.has_value()) {
      GiveBack(writes);
      return false;
    }
    write.after.host_offset = *place;
    // There are zeroes already.
    if (*place < file_.untouched_from()) continue;
    if (ReadsAsZeroes(write, write.fill_begin, write.begin)) write.fill_begin = write.begin;
    if (ReadsAsZeroes(write, write.end, write.fill_end)) write.fill_end = write.end;
  }
  return true;
}

void Image::GiveBack(const ClusterWrites& writes) {
  for (const ClusterWrite& write : writes) {
    if (write.has_new_place && write.after.host_offset != 0) {
      metadata_->GiveBack(write.after.host_offset);
    }
  }
}

// Whether [begin, end) of the cluster is known to before the write.
bool Image::ReadsAsZeroes(const ClusterWrite& write, uint64_t begin, uint64_t end) const {
  if (begin == end || write.before.is_compressed()) return begin == end;
  const uint64_t subcluster_bytes = format_.subcluster_bytes();
  const uint32_t bits =
      L2EntryFormat::Bits(static_cast<uint32_t>(begin / subcluster_bytes),
                          static_cast<uint32_t>((end - 1) / subcluster_bytes) + 1);
  if ((write.before.allocated & bits) != 0) return false;
  return (bits & ~write.before.zero) == 0 || !BackingHas(write.guest_offset + begin);
}

bool Image::WriteData(const ClusterWrites& writes, SpanCursor& data) {
  fills_.clear();
  Run run;
  for (const ClusterWrite& write : writes) {
    const uint64_t host_offset = write.after.host_offset + write.fill_begin;
    if (host_offset != run.host_offset + run.bytes) {
      if (!WriteRun(run)) return false;
      run = {};
      run.host_offset = host_offset;
    }
    if (!AddFill(write, write.fill_begin, write.begin, run)) return false;
    data.Take(write.end - write.begin, run.spans);
    if (!AddFill(write, write.end, write.fill_end, run)) return false;
    run.bytes += write.fill_end - write.fill_begin;
  }
  return WriteRun(run);
}

// What [begin, end) of the cluster has read as so far.
bool Image::AddFill(const ClusterWrite& write, uint64_t begin, uint64_t end, Run& run) {
  if (begin == end) return true;
  std::vector<std::byte>& fill = fills_.emplace_back(end - begin);
  iovec span = {fill.data(), fill.size()};
  run.spans.push_back(span);
  return Read(std::span(&span, 1), write.guest_offset + begin);
}

bool Image::WriteRun(Run& run) {
  return run.spans.empty() || file_.Write(run.spans, run.host_offset);
}

}  // namespace emu::qcow2
