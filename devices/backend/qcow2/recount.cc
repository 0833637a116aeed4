#include "devices/backend/qcow2/recount.h"

#include <vector>

#include "devices/backend/qcow2/count_format.h"
#include "devices/backend/qcow2/l2_entry.h"
#include "devices/backend/qcow2/snapshots.h"
#include "devices/backend/qcow2/table_cache.h"
#include "vmm/base/bits.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"

namespace emu::qcow2 {
namespace {

using disk_files::DamagedImage;

// Of a file of 1 TiB in clusters of 64 KiB; their counts take 64 MiB while they are made.
constexpr uint64_t kMostClusters = 16 << 20;

absl::Status HostFailed() {
  return absl::DataLossError(
      "can't be repaired: the host can't read or write it; see the VM's log");
}

// Counts who refers to which cluster.
class Census {
 public:
  explicit Census(ImageFile& file)
      : file_(file),
        format_(file.header()),
        l2_(0, file.cluster_bytes()),
        counts_(AlignUp(file.end_bytes(), file.cluster_bytes()) / file.cluster_bytes()) {}

  absl::Status Take() {
    const Header& header = file_.header();
    ASSIGN_OR_RETURN(const std::vector<Snapshot> snapshots, ListSnapshots(file_));
    RETURN_IF_ERROR(Add(0, file_.cluster_bytes()));
    RETURN_IF_ERROR(AddL1(header.l1_offset, header.l1_entries, snapshots.size() + 1));
    uint64_t table_bytes = 0;
    for (const Snapshot& snapshot : snapshots) {
      RETURN_IF_ERROR(AddL1(snapshot.l1_offset, snapshot.l1_entries, snapshots.size() + 1));
      table_bytes += snapshot.table_bytes;
    }
    return Add(header.snapshots_offset, table_bytes);
  }

  const std::vector<uint32_t>& counts() const { return counts_; }

 private:
  absl::Status Add(uint64_t offset, uint64_t bytes) {
    if (bytes == 0) return absl::OkStatus();
    if (!file_.Holds(offset, bytes)) return DamagedImage("a table refers to what is not there");
    const uint64_t last = (offset + bytes - 1) / file_.cluster_bytes();
    for (uint64_t i = offset / file_.cluster_bytes(); i <= last; ++i) ++counts_[i];
    return absl::OkStatus();
  }

  // No L2 table is in more than `most` L1 tables.
  absl::Status AddL1(uint64_t offset, uint64_t entries, uint64_t most) {
    RETURN_IF_ERROR(Add(offset, entries * 8));
    Table l1(offset, entries * 8);
    if (!file_.Read(l1.bytes(), offset)) return HostFailed();
    for (uint64_t i = 0; i < entries; ++i) {
      const uint64_t l2_offset = l1.Get(i * 8) & kOffsetMask;
      if (l2_offset == 0) continue;
      if (!IsAligned(l2_offset, file_.cluster_bytes())) return DamagedImage("an L1 entry");
      RETURN_IF_ERROR(Add(l2_offset, file_.cluster_bytes()));
      if (counts_[l2_offset / file_.cluster_bytes()] > most) {
        return DamagedImage("an L2 table is in use twice");
      }
      RETURN_IF_ERROR(AddL2(l2_offset));
    }
    return absl::OkStatus();
  }

  absl::Status AddL2(uint64_t offset) {
    if (!file_.Read(l2_.bytes(), offset)) return HostFailed();
    for (uint64_t i = 0; i < file_.header().l2_entries(); ++i) {
      const std::optional<L2Entry> entry = format_.Get(l2_, i);
      if (!entry.has_value()) return DamagedImage("an L2 entry");
      if (entry->host_offset == 0) continue;
      const HostRange place = format_.Place(*entry);
      RETURN_IF_ERROR(Add(place.offset, place.bytes));
    }
    return absl::OkStatus();
  }

  ImageFile& file_;
  L2EntryFormat format_;
  Table l2_;
  std::vector<uint32_t> counts_;
};

// The new blocks, and behind them their table.
struct Layout {
  uint64_t first = 0;  // cluster
  uint64_t blocks = 0;
  uint64_t table_clusters = 0;
  uint64_t end() const { return first + blocks + table_clusters; }
};

Layout LayOut(const Header& header, uint64_t first) {
  Layout layout = {first, 1, 1};
  for (;;) {
    const uint64_t blocks = (layout.end() - 1) / header.counts_per_block() + 1;
    const uint64_t table_clusters =
        AlignUp(blocks * 8, header.cluster_bytes()) / header.cluster_bytes();
    if (blocks <= layout.blocks && table_clusters <= layout.table_clusters) return layout;
    layout.blocks = std::max(layout.blocks, blocks);
    layout.table_clusters = std::max(layout.table_clusters, table_clusters);
  }
}

absl::Status WriteCounts(ImageFile& file, const std::vector<uint32_t>& counts,
                         const Layout& layout) {
  const CountFormat format(file.header());
  const uint64_t per_block = file.header().counts_per_block();
  const uint64_t cluster_bytes = file.cluster_bytes();
  Table table(0, layout.table_clusters * cluster_bytes);
  for (uint64_t i = 0; i < layout.blocks; ++i) {
    std::vector<std::byte> block(cluster_bytes);
    for (uint64_t at = 0; at < per_block && i * per_block + at < layout.end(); ++at) {
      const uint64_t cluster = i * per_block + at;
      const uint64_t count = cluster < layout.first ? counts[cluster] : 1;
      if (count > format.most()) return DamagedImage("a cluster is in use more often than it can");
      format.Set(block, at, count);
    }
    const uint64_t offset = (layout.first + i) * cluster_bytes;
    table.Set(i * 8, offset);
    if (!file.Write(block, offset)) return HostFailed();
  }
  const uint64_t offset = (layout.first + layout.blocks) * cluster_bytes;
  const auto clusters = static_cast<uint32_t>(layout.table_clusters);
  const bool is_written = file.Write(std::as_const(table).bytes(), offset) && file.Sync() &&
                          file.WriteRefcountTablePlace(offset, clusters) && file.Sync() &&
                          file.WriteIncompatible(kIncompatibleDirty, ImageFile::Feature::kClear);
  return is_written ? absl::OkStatus() : HostFailed();
}

}  // namespace

absl::Status Recount(ImageFile& file) {
  if (file.end_bytes() / file.cluster_bytes() >= kMostClusters) {
    return disk_files::UnsupportedImage("lazy refcounts to be counted anew, and too large",
                                        "repair it with qemu-img check -r all");
  }
  Census census(file);
  RETURN_IF_ERROR(census.Take());
  const Layout layout = LayOut(file.header(), census.counts().size());
  if (layout.table_clusters * file.cluster_bytes() > kMaxRefcountTableBytes) {
    return disk_files::UnsupportedImage("too many clusters", "convert it to larger ones");
  }
  LogInfo("disk-image-recounted", {{"clusters", census.counts().size()}});
  return WriteCounts(file, census.counts(), layout);
}

}  // namespace emu::qcow2
