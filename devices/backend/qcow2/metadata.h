// The tables of one image, and the order in which they reach its file.
//
//   guest data, refcount blocks, new L2 tables   what tables are going to refer to
//   ---- on the disk before ----
//   the refcount table                           if there are new blocks
//   ---- on the disk before ----
//   L2 tables, the L1 table
//   ---- on the disk before ----
//   clusters that nothing refers to any more     are counted down, and used again, once no transfer
//                                                of theirs is under way
//
// So an image whose process or host dies between any two writes is sound; at worst it has clusters
// that are counted and not used. With lazy refcounts the first line goes without the blocks: the
// image is marked dirty instead, and whoever opens it next counts anew.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/qcow2/image_file.h"
#include "devices/backend/qcow2/refcounts.h"
#include "devices/backend/qcow2/table_cache.h"
#include "devices/backend/qcow2/transfer_epochs.h"

namespace emu::qcow2 {

// Where an L1 table is, with as many entries as the disk needs.
struct L1Place {
  uint64_t offset = 0;
  uint64_t entries = 0;
};

// Changes stay in memory until Commit, or until there is no room. Functions that answer false,
// nullptr or std::nullopt have logged why.
class Metadata {
 public:
  // `file` and `epochs` outlive this. Counts an image anew that is dirty and may be written to.
  static absl::StatusOr<std::unique_ptr<Metadata>> Open(ImageFile& file, L1Place l1,
                                                        TransferEpochs& epochs);

  // The L2 table that maps `guest_offset`; nullptr in the optional: there is none. The pointer is
  // good until the next call of either function for another table. With kNothing the file is left
  // alone, and std::nullopt also says that this is not known without it.
  std::optional<Table*> FindTable(uint64_t guest_offset,
                                  DiskImage::Effort effort = DiskImage::Effort::kReadTables);
  // The same, made or copied if it has to be.
  Table* FindTableForWrite(uint64_t guest_offset);

  // A cluster of its own for data, which is to be written before an L2 entry refers to it.
  std::optional<uint64_t> Allocate();
  // What Allocate gave and nothing refers to after all.
  void GiveBack(uint64_t offset);
  // An entry that is not on the disk yet has ceased to refer to these clusters.
  void Release(HostRange range);
  // Before each change, of data or tables: the image may be written to, and there is room to
  // remember what is released.
  [[nodiscard]] bool Prepare();

  // The cluster is known to hold a table.
  bool IsTable(uint64_t offset) const;

  // Everything that was written and changed before is on the disk.
  [[nodiscard]] bool Commit();
  // The same, and the image is as one that nobody has open.
  [[nodiscard]] bool Settle();

 private:
  Metadata(ImageFile& file, L1Place l1, TransferEpochs& epochs);

  absl::Status Load();
  bool HasLazyRefcounts() const;
  bool MarkDirty();
  bool HasChangedTables() const { return !changed_l1_.empty() || tables_.is_dirty(); }
  bool WriteTables();
  bool PublishRefcounts();
  bool WriteL1();
  bool ApplyReleases();
  bool CountDown(const std::vector<HostRange>& ranges);
  Table* NewTable(uint64_t guest_offset, const Table* copied);
  uint64_t L1Index(uint64_t guest_offset) const {
    return guest_offset / file_.header().bytes_per_l2();
  }

  ImageFile& file_;
  const L1Place l1_place_;
  std::vector<uint64_t> l1_;
  std::set<uint64_t> changed_l1_;  // indices
  Refcounts refcounts_;
  TableCache tables_;
  TransferEpochs& epochs_;
  std::vector<HostRange> released_;  // by what is not on the disk yet
  // Nothing on the disk refers to them, but transfers of that epoch may be under way.
  struct Retired {
    uint64_t epoch;
    std::vector<HostRange> ranges;
  };
  std::deque<Retired> retired_;
};

}  // namespace emu::qcow2
