#include "vmm/disk_files/qcow2_header.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"

namespace emu::qcow2 {
namespace {

using disk_files::CantUse;
using disk_files::DamagedImage;
using disk_files::UnsupportedImage;
using Bytes = std::span<const std::byte>;

// The header, its extensions and the name lie in the first cluster.
absl::StatusOr<std::vector<std::byte>> ReadStart(int file, size_t most) {
  std::vector<std::byte> start(most);
  size_t done = 0;
  while (done < most) {
    const ssize_t got = pread(file, &start[done], most - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CantUse(errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  start.resize(done);
  return start;
}

uint32_t Word(Bytes bytes, uint64_t at) { return LoadBig<uint32_t>(bytes.subspan(at)); }
uint64_t Quad(Bytes bytes, uint64_t at) { return LoadBig<uint64_t>(bytes.subspan(at)); }

absl::Status ReadVersion3(Bytes start, Header& header, uint32_t& header_bytes) {
  if (start.size() < kHeaderBytesV3) return DamagedImage("it ends within its header");
  header.incompatible = Quad(start, kIncompatibleAt);
  header.compatible = Quad(start, kCompatibleAt);
  header.autoclear = Quad(start, kAutoclearAt);
  header.refcount_order = Word(start, kRefcountOrderAt);
  header_bytes = Word(start, kHeaderLengthAt);
  if (header_bytes < kHeaderBytesV3 || header_bytes % 8 != 0 || header_bytes > start.size() ||
      header_bytes > header.cluster_bytes()) {
    return DamagedImage(absl::StrCat("a header of ", header_bytes, " bytes"));
  }
  const auto compression = header_bytes > kCompressionTypeAt
                               ? std::to_integer<uint8_t>(start[kCompressionTypeAt])
                               : uint8_t{0};
  const bool says_compression = (header.incompatible & kIncompatibleCompression) != 0;
  if (says_compression != (compression != 0)) {
    return DamagedImage("its compression type and its features contradict each other");
  }
  if (compression > static_cast<uint8_t>(Compression::kZstd)) {
    return UnsupportedImage(absl::StrCat("compression type ", compression),
                            "convert it with qemu-img");
  }
  header.compression = static_cast<Compression>(compression);
  return absl::OkStatus();
}

absl::Status CheckFeatures(const Header& header, uint32_t crypt_method) {
  if (crypt_method != 0) {
    return UnsupportedImage("encryption", "convert it to one without, with qemu-img");
  }
  if ((header.incompatible & kIncompatibleDataFile) != 0) {
    return UnsupportedImage("an external data file", "convert it to one file, with qemu-img");
  }
  if (const uint64_t unknown = header.incompatible & ~kIncompatibleKnown; unknown != 0) {
    return UnsupportedImage(absl::StrCat("incompatible features 0x", absl::Hex(unknown)),
                            "convert it with qemu-img");
  }
  return absl::OkStatus();
}

absl::Status CheckSizes(const Header& header) {
  const uint32_t least = header.has_extended_l2() ? kMinClusterBitsExtendedL2 : kMinClusterBits;
  if (header.cluster_bits < least || header.cluster_bits > kMaxClusterBits) {
    return DamagedImage(absl::StrCat("clusters of 2^", header.cluster_bits, " bytes"));
  }
  if (header.refcount_order > kMaxRefcountOrder) {
    return DamagedImage(absl::StrCat("refcounts of 2^", header.refcount_order, " bits"));
  }
  if (header.size_bytes > static_cast<uint64_t>(INT64_MAX) - header.bytes_per_l2()) {
    return DamagedImage(absl::StrCat("a disk of ", header.size_bytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckTable(const Header& header, absl::string_view name, uint64_t offset,
                        uint64_t bytes, uint64_t file_bytes) {
  const uint64_t limit = AlignUp(file_bytes, header.cluster_bytes());
  if (bytes == 0) return absl::OkStatus();
  if (!IsAligned(offset, header.cluster_bytes()) || offset < header.cluster_bytes() ||
      ExceedsLimit(offset, bytes, limit)) {
    return DamagedImage(absl::StrCat("its ", name, " of ", bytes, " bytes at ", offset,
                                     " is not within the file's ", file_bytes));
  }
  return absl::OkStatus();
}

absl::Status CheckTables(const Header& header, uint64_t file_bytes) {
  const uint64_t l1_bytes = uint64_t{header.l1_entries} * 8;
  if (l1_bytes > kMaxL1Bytes || header.l1_entries < header.l1_entries_for(header.size_bytes)) {
    return DamagedImage(absl::StrCat("an L1 table of ", header.l1_entries, " entries for ",
                                     header.size_bytes, " bytes"));
  }
  const uint64_t counts_bytes = uint64_t{header.refcount_table_clusters} << header.cluster_bits;
  if (counts_bytes == 0 || counts_bytes > kMaxRefcountTableBytes) {
    return DamagedImage(absl::StrCat("a refcount table of ", counts_bytes, " bytes"));
  }
  if (header.snapshot_count > kMaxSnapshots) {
    return DamagedImage(absl::StrCat(header.snapshot_count, " snapshots"));
  }
  RETURN_IF_ERROR(CheckTable(header, "L1 table", header.l1_offset, l1_bytes, file_bytes));
  RETURN_IF_ERROR(
      CheckTable(header, "refcount table", header.refcount_table_offset, counts_bytes, file_bytes));
  if (header.l1_offset < header.refcount_table_offset + counts_bytes &&
      header.refcount_table_offset < header.l1_offset + l1_bytes) {
    return DamagedImage("its L1 and refcount tables overlap");
  }
  return CheckTable(header, "snapshot table", header.snapshots_offset,
                    uint64_t{header.snapshot_count} * kSnapshotFixedBytes, file_bytes);
}

absl::Status ReadExtensions(Bytes start, uint32_t at, Header& header) {
  for (uint32_t count = 0; count < kMaxExtensions; ++count) {
    // A header that fills its cluster has no room for the end mark.
    if (at + 8 > start.size()) return absl::OkStatus();
    const uint32_t type = Word(start, at);
    const uint32_t size = Word(start, at + 4);
    if (type == kExtensionEnd) return absl::OkStatus();
    at += 8;
    if (ExceedsLimit(at, size, start.size())) {
      return DamagedImage("a header extension is longer than the first cluster");
    }
    if (type == kExtensionBackingFormat) {
      // SAFETY: characters are bytes.
      header.backing_format.assign(reinterpret_cast<const char*>(&start[at]), size);
    }
    at += static_cast<uint32_t>(AlignUp(size, 8));
  }
  return DamagedImage("it has too many header extensions");
}

absl::Status ReadBackingName(Bytes start, Header& header) {
  const uint64_t offset = Quad(start, kBackingNameOffsetAt);
  if (offset == 0) return absl::OkStatus();
  const uint32_t size = Word(start, kBackingNameSizeAt);
  if (size == 0) return absl::OkStatus();
  if (size > kMaxBackingNameBytes || ExceedsLimit(offset, size, start.size())) {
    return DamagedImage("its backing file's name is not within the first cluster");
  }
  // SAFETY: characters are bytes.
  header.backing_name.assign(reinterpret_cast<const char*>(&start[offset]), size);
  if (header.backing_name.find('\0') != std::string::npos) {
    return DamagedImage("its backing file's name has a NUL");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint64_t> FileBytes(int file) {
  struct stat info;
  if (fstat(file, &info) != 0) return CantUse(errno);
  if (S_ISREG(info.st_mode)) return static_cast<uint64_t>(info.st_size);
  uint64_t size = 0;
  if (!S_ISBLK(info.st_mode)) return CantUse(EINVAL);
  if (ioctl(file, BLKGETSIZE64, &size) != 0) return CantUse(errno);
  return size;
}

absl::StatusOr<Header> ReadHeader(int file) {
  ASSIGN_OR_RETURN(const uint64_t file_bytes, FileBytes(file));
  ASSIGN_OR_RETURN(std::vector<std::byte> start, ReadStart(file, kHeaderBytesV2));
  if (start.size() < kHeaderBytesV2 || Word(start, 0) != kMagic) return disk_files::NotQcow2();
  Header header;
  header.version = Word(start, kVersionAt);
  header.cluster_bits = Word(start, kClusterBitsAt);
  header.size_bytes = Quad(start, kSizeAt);
  header.l1_entries = Word(start, kL1EntriesAt);
  header.l1_offset = Quad(start, kL1OffsetAt);
  header.refcount_table_offset = Quad(start, kRefcountTableOffsetAt);
  header.refcount_table_clusters = Word(start, kRefcountTableClustersAt);
  header.snapshot_count = Word(start, kSnapshotCountAt);
  header.snapshots_offset = Quad(start, kSnapshotsOffsetAt);
  if (header.version != 2 && header.version != 3) {
    return UnsupportedImage(absl::StrCat("version ", header.version), "convert it with qemu-img");
  }
  RETURN_IF_ERROR(CheckSizes(header));
  ASSIGN_OR_RETURN(start, ReadStart(file, header.cluster_bytes()));
  uint32_t header_bytes = kHeaderBytesV2;
  if (header.version == 3) RETURN_IF_ERROR(ReadVersion3(start, header, header_bytes));
  RETURN_IF_ERROR(CheckFeatures(header, Word(start, kCryptMethodAt)));
  RETURN_IF_ERROR(CheckSizes(header));
  RETURN_IF_ERROR(CheckTables(header, file_bytes));
  RETURN_IF_ERROR(ReadExtensions(start, header_bytes, header));
  RETURN_IF_ERROR(ReadBackingName(start, header));
  return header;
}

}  // namespace emu::qcow2
