#include "devices/backend/qcow2/snapshots.h"

#include <array>
#include <span>

#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"

namespace emu::qcow2 {
namespace {

using disk_files::DamagedImage;

// Of names and all; a host's memory is not a guest's.
constexpr uint64_t kMaxTableBytes = 16 << 20;

absl::StatusOr<std::string> ReadText(ImageFile& file, uint64_t at, uint16_t size) {
  std::string text(size, '\0');
  if (!file.Read(std::as_writable_bytes(std::span(text)), at)) {
    return DamagedImage("its snapshot table can't be read");
  }
  return text;
}

absl::Status CheckL1(const ImageFile& file, const Snapshot& snapshot) {
  const uint64_t bytes = uint64_t{snapshot.l1_entries} * 8;
  const bool is_good = bytes <= kMaxL1Bytes &&
                       IsAligned(snapshot.l1_offset, file.cluster_bytes()) &&
                       file.Holds(snapshot.l1_offset, bytes) &&
                       snapshot.size_bytes <= static_cast<uint64_t>(INT64_MAX) &&
                       snapshot.l1_entries >= file.header().l1_entries_for(snapshot.size_bytes);
  return is_good ? absl::OkStatus() : DamagedImage("a snapshot's L1 table is not within the file");
}

// The entry at `at`, which is moved to the next.
absl::StatusOr<Snapshot> ReadSnapshot(ImageFile& file, uint64_t& at) {
  std::array<std::byte, kSnapshotDiskSizeAt + 8> raw = {};
  if (!file.Holds(at, kSnapshotFixedBytes) || !file.Read(raw, at)) {
    return DamagedImage("its snapshot table is not within the file");
  }
  const std::span<const std::byte> bytes(raw);
  Snapshot snapshot;
  snapshot.l1_offset = LoadBig<uint64_t>(bytes.subspan(kSnapshotL1OffsetAt));
  snapshot.l1_entries = LoadBig<uint32_t>(bytes.subspan(kSnapshotL1EntriesAt));
  snapshot.taken_seconds = LoadBig<uint32_t>(bytes.subspan(kSnapshotSecondsAt));
  const auto id_size = LoadBig<uint16_t>(bytes.subspan(kSnapshotIdSizeAt));
  const auto name_size = LoadBig<uint16_t>(bytes.subspan(kSnapshotNameSizeAt));
  const auto extra_size = LoadBig<uint32_t>(bytes.subspan(kSnapshotExtraSizeAt));
  if (extra_size > kSnapshotMaxExtraBytes) return DamagedImage("a snapshot's extra data");
  snapshot.size_bytes = kSnapshotFixedBytes + extra_size >= raw.size()
                            ? LoadBig<uint64_t>(bytes.subspan(kSnapshotDiskSizeAt))
                            : file.header().size_bytes;
  RETURN_IF_ERROR(CheckL1(file, snapshot));
  const uint64_t text_at = at + kSnapshotFixedBytes + extra_size;
  const uint64_t begin = at;
  at = AlignUp(text_at + id_size + name_size, 8);
  snapshot.table_bytes = at - begin;
  if (!file.Holds(text_at, at - text_at)) {
    return DamagedImage("its snapshot table is not within the file");
  }
  ASSIGN_OR_RETURN(snapshot.id, ReadText(file, text_at, id_size));
  ASSIGN_OR_RETURN(snapshot.name, ReadText(file, text_at + id_size, name_size));
  return snapshot;
}

}  // namespace

absl::StatusOr<std::vector<Snapshot>> ListSnapshots(ImageFile& file) {
  const uint64_t begin = file.header().snapshots_offset;
  uint64_t at = begin;
  std::vector<Snapshot> snapshots;
  for (uint32_t i = 0; i < file.header().snapshot_count; ++i) {
    ASSIGN_OR_RETURN(Snapshot snapshot, ReadSnapshot(file, at));
    if (at - begin > kMaxTableBytes) return DamagedImage("its snapshot table is too large");
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

}  // namespace emu::qcow2
