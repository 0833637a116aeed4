#include "vmm/disk_files/overlay.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <span>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/qcow2_spec.h"

namespace emu::disk_files {
namespace {

// As qemu-img makes images.
constexpr uint32_t kClusterBits = 16;
constexpr uint64_t kCluster = uint64_t{1} << kClusterBits;
constexpr uint32_t kRefcountOrder = 4;
constexpr uint64_t kBytesPerL1Entry = kCluster * (kCluster / 8);

// The file, in clusters: header, refcount table, its one block, L1 table.
constexpr uint64_t kRefcountTableAt = 1 * kCluster;
constexpr uint64_t kRefcountBlockAt = 2 * kCluster;
constexpr uint64_t kL1At = 3 * kCluster;
constexpr uint64_t kSectorBytes = 512;

static_assert(kMostOverlayBytes / kBytesPerL1Entry * 8 == qcow2::kMaxL1Bytes);
static_assert(3 + qcow2::kMaxL1Bytes / kCluster <= kCluster * 8 >> kRefcountOrder,
              "one block counts them all");

using Cluster = std::vector<std::byte>;

template <typename T>
void Put(Cluster& cluster, uint64_t at, T value) {
  StoreBig<T>(std::span(cluster).subspan(at), value);
}

void PutText(Cluster& cluster, uint64_t at, std::string_view text) {
  memcpy(&cluster[at], text.data(), text.size());
}

Cluster MakeHeader(const Overlay& overlay, uint32_t l1_entries) {
  Cluster header(kCluster);
  Put<uint32_t>(header, 0, qcow2::kMagic);
  Put<uint32_t>(header, qcow2::kVersionAt, 3);
  Put<uint32_t>(header, qcow2::kClusterBitsAt, kClusterBits);
  Put<uint64_t>(header, qcow2::kSizeAt, overlay.size_bytes);
  Put<uint32_t>(header, qcow2::kL1EntriesAt, l1_entries);
  Put<uint64_t>(header, qcow2::kL1OffsetAt, kL1At);
  Put<uint64_t>(header, qcow2::kRefcountTableOffsetAt, kRefcountTableAt);
  Put<uint32_t>(header, qcow2::kRefcountTableClustersAt, 1);
  Put<uint32_t>(header, qcow2::kRefcountOrderAt, kRefcountOrder);
  Put<uint32_t>(header, qcow2::kHeaderLengthAt, qcow2::kHeaderBytesV3);
  if (overlay.backing_name.empty()) return header;
  const std::string_view format = ImageFormatName(overlay.backing_format);
  Put<uint32_t>(header, qcow2::kHeaderBytesV3, qcow2::kExtensionBackingFormat);
  Put<uint32_t>(header, qcow2::kHeaderBytesV3 + 4, static_cast<uint32_t>(format.size()));
  PutText(header, qcow2::kHeaderBytesV3 + 8, format);
  // Behind the extension, padded to eight bytes, and the end mark of eight zeros.
  const uint64_t name_at = qcow2::kHeaderBytesV3 + 8 + AlignUp(format.size(), 8) + 8;
  Put<uint64_t>(header, qcow2::kBackingNameOffsetAt, name_at);
  Put<uint32_t>(header, qcow2::kBackingNameSizeAt,
                static_cast<uint32_t>(overlay.backing_name.size()));
  PutText(header, name_at, overlay.backing_name);
  return header;
}

absl::Status WriteAt(int file, const Cluster& cluster, uint64_t offset) {
  size_t done = 0;
  while (done < cluster.size()) {
    const ssize_t wrote =
        pwrite(file, &cluster[done], cluster.size() - done, static_cast<off_t>(offset + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return absl::ErrnoToStatus(errno, "writing an overlay");
    done += static_cast<size_t>(wrote);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteOverlay(int file, const Overlay& overlay) {
  const uint64_t size = overlay.size_bytes;
  if (size == 0 || size > kMostOverlayBytes || !IsAligned(size, kSectorBytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a disk of ", size, " bytes can't be; give another size"));
  }
  if (overlay.backing_name.size() > qcow2::kMaxBackingNameBytes) {
    return absl::InvalidArgumentError("the backing file's name is too long; choose a shorter path");
  }
  const auto l1_entries = static_cast<uint32_t>(AlignUp(size, kBytesPerL1Entry) / kBytesPerL1Entry);
  const uint64_t l1_clusters = AlignUp(uint64_t{l1_entries} * 8, kCluster) >> kClusterBits;
  Cluster table(kCluster);
  Put<uint64_t>(table, 0, kRefcountBlockAt);
  Cluster counts(kCluster);
  for (uint64_t i = 0; i < 3 + l1_clusters; ++i) Put<uint16_t>(counts, i * 2, 1);
  RETURN_IF_ERROR(WriteAt(file, MakeHeader(overlay, l1_entries), 0));
  RETURN_IF_ERROR(WriteAt(file, table, kRefcountTableAt));
  RETURN_IF_ERROR(WriteAt(file, counts, kRefcountBlockAt));
  // The L1 table is zeros, which a file has where nothing was written.
  const uint64_t file_bytes = kL1At + (l1_clusters << kClusterBits);
  if (ftruncate(file, static_cast<off_t>(file_bytes)) != 0 || fsync(file) != 0) {
    return absl::ErrnoToStatus(errno, "writing an overlay");
  }
  return absl::OkStatus();
}

}  // namespace emu::disk_files
