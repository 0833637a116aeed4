// A disk in a QCOW2 image, perhaps on top of a backing file.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/host_file.h"
#include "devices/backend/qcow2/compressed_cluster.h"
#include "devices/backend/qcow2/image_file.h"
#include "devices/backend/qcow2/l2_entry.h"
#include "devices/backend/qcow2/metadata.h"
#include "devices/backend/qcow2/snapshots.h"
#include "devices/backend/qcow2/transfer_epochs.h"
#include "devices/backend/span_cursor.h"
#include "vmm/base/unique_fd.h"

namespace emu::qcow2 {

// Data is written where it belongs at once, tables when the guest flushes (metadata.h). A read or
// write that meets a table that can't be fails, and the image is written to no more. Plan gives the
// transfers of requests that change no table; Perform and they keep off each other.
class Image final : public DiskImage {
 public:
  using Mode = HostFile::Mode;

  // `backing` is what the header's backing file holds, nullptr if it names none; it may be shorter
  // or longer than this. ReadHeader's errors, and INVALID_ARGUMENT for tables that can't be.
  static absl::StatusOr<std::unique_ptr<Image>> Open(UniqueFd file, Mode mode,
                                                     std::unique_ptr<DiskImage> backing,
                                                     CacheMode cache = CacheMode::kWriteback);
  // The disk as it was in the snapshot of this id; only to read. NOT_FOUND.
  static absl::StatusOr<std::unique_ptr<Image>> OpenSnapshot(UniqueFd file, absl::string_view id,
                                                             std::unique_ptr<DiskImage> backing);
  // Leaves the file as one that nobody has open.
  ~Image() override;

  const Header& header() const { return file_.header(); }
  absl::StatusOr<std::vector<Snapshot>> Snapshots() { return ListSnapshots(file_); }

  uint64_t size_bytes() const override { return size_bytes_; }
  bool is_readonly() const override { return file_.is_readonly(); }
  void ForEachFile(const std::function<void(HostFile&)>& visit) override;
  Planned Plan(const DiskRequest& request, Effort effort,
               std::vector<FileTransfer>& transfers) override;
  void EndTransfers(uint64_t epoch) override { epochs_.End(epoch); }
  bool PlanRead(std::span<const iovec> spans, uint64_t offset, Effort effort,
                std::vector<FileTransfer>& transfers) override;
  int Perform(DiskRequest& request) override;
  bool Read(std::span<iovec> spans, uint64_t offset) override;
  bool Write(std::span<iovec> spans, uint64_t offset) override;
  bool Flush() override { return metadata_->Commit(); }
  bool Settle() override { return metadata_->Settle(); }
  bool Discard(uint64_t offset, uint64_t size) override;
  bool WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) override;

 private:
  // A run of the guest's disk whose data is of one kind, and in one place.
  struct Extent {
    enum class Kind : uint8_t { kData, kZero, kBacking, kCompressed };
    Kind kind = Kind::kBacking;
    uint64_t bytes = 0;
    uint64_t host_offset = 0;  // of kData
    HostRange place;           // of kCompressed
  };
  // What a request writes to one cluster.
  struct ClusterWrite {
    uint64_t guest_offset = 0;    // where the cluster begins
    uint64_t begin = 0, end = 0;  // of what the guest writes, in it
    // Subclusters that become allocated are filled with what they read as so far.
    uint64_t fill_begin = 0, fill_end = 0;
    L2Entry before, after;
    bool has_new_place = false;
  };
  using ClusterWrites = std::vector<ClusterWrite>;
  // Spans that go to one place of the file.
  struct Run {
    uint64_t host_offset = 0;
    uint64_t bytes = 0;
    std::vector<iovec> spans;
  };

  Image(std::unique_ptr<HostFile> file, Header header, std::unique_ptr<DiskImage> backing);

  static absl::StatusOr<std::unique_ptr<Image>> Prepare(UniqueFd file, Mode mode,
                                                        std::unique_ptr<DiskImage> backing,
                                                        CacheMode cache);
  absl::Status Load(uint64_t l1_offset, uint64_t size_bytes);

  uint64_t InCluster(uint64_t offset) const { return offset & (file_.cluster_bytes() - 1); }
  uint64_t L2Index(uint64_t guest_offset) const;
  // How much of [offset, offset + bytes) one L2 table maps.
  uint64_t WithinTable(uint64_t offset, uint64_t bytes) const;
  std::optional<L2Entry> EntryOf(const Table& table, uint64_t guest_offset,
                                 Effort effort = Effort::kReadTables);
  bool BackingHas(uint64_t guest_offset) const {
    return backing_ != nullptr && guest_offset < backing_->size_bytes();
  }

  std::optional<Extent> FindExtent(uint64_t offset, uint64_t most,
                                   Effort effort = Effort::kReadTables);
  std::optional<Extent> ExtentAt(const Table& table, uint64_t offset, Effort effort);
  static bool Joins(const Extent& first, const Extent& second);
  bool ReadExtent(const Extent& extent, uint64_t offset, std::span<iovec> spans);
  void SplitAtBackingEnd(uint64_t offset, std::span<const iovec> spans, std::vector<iovec>& there,
                         std::vector<iovec>& beyond) const;
  bool ReadBacking(uint64_t offset, std::span<iovec> spans);

  bool PlanBacking(uint64_t offset, std::span<const iovec> spans, Effort effort,
                   std::vector<FileTransfer>& transfers);
  bool PlanWrite(const DiskRequest& request, Effort effort, std::vector<FileTransfer>& transfers);

  bool WriteInTable(uint64_t offset, uint64_t bytes, SpanCursor& data);
  std::optional<ClusterWrites> PlanClusters(uint64_t offset, uint64_t bytes,
                                            Effort effort = Effort::kReadTables);
  std::optional<ClusterWrite> PlanCluster(const L2Entry& before, uint64_t offset, uint64_t end,
                                          Effort effort);
  bool PlaceWrites(ClusterWrites& writes);
  bool ReadsAsZeroes(const ClusterWrite& write, uint64_t begin, uint64_t end) const;
  bool WriteData(const ClusterWrites& writes, SpanCursor& data);
  bool AddFill(const ClusterWrite& write, uint64_t begin, uint64_t end, Run& run);
  bool WriteRun(Run& run);
  void GiveBack(const ClusterWrites& writes);

  bool WriteZeroBytes(uint64_t offset, uint64_t size);
  enum class Edges : uint8_t { kZero, kLeave };
  bool ZeroRange(uint64_t offset, uint64_t size, ZeroMode mode, Edges edges);
  bool ZeroSubclusters(uint64_t offset, uint64_t size, ZeroMode mode, Edges edges);
  bool ZeroInCluster(uint64_t offset, uint64_t size, ZeroMode mode, Edges edges);
  L2Entry Zeroed(const L2Entry& before, uint32_t bits, uint64_t guest_offset, ZeroMode mode) const;

  // Held while tables are looked at, and as long as a request is performed. The rest of the image
  // is guarded by it, but nobody needs it who calls alone.
  std::mutex mutex_;
  TransferEpochs epochs_;  // new transfers begin with mutex_ held

  ImageFile file_;
  L2EntryFormat format_;
  CompressedReader compressed_;
  std::unique_ptr<DiskImage> backing_;
  uint64_t size_bytes_ = 0;
  std::unique_ptr<Metadata> metadata_;
  std::deque<std::vector<std::byte>> fills_;  // of the data that is being written
};

}  // namespace emu::qcow2
