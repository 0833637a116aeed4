// Zeroes without data: entries say so, and the clusters are given back.
#include <algorithm>
#include <array>

#include "devices/backend/qcow2/image.h"
#include "vmm/base/bits.h"

namespace emu::qcow2 {
namespace {

constexpr size_t kZeroChunkBytes = 64 * 1024;

}  // namespace

bool Image::Discard(uint64_t offset, uint64_t size) {
  // Version 2 could only give the clusters back, and what is below would shine through.
  if (!format_.has_zeroes() && backing_ != nullptr) return true;
  return ZeroRange(offset, size, ZeroMode::kMayUnmap, Edges::kLeave);
}

bool Image::WriteZeroes(uint64_t offset, uint64_t size, ZeroMode mode) {
  if (!format_.has_zeroes() && backing_ != nullptr) return WriteZeroBytes(offset, size);
  return ZeroRange(offset, size, mode, Edges::kZero);
}

// Whole subclusters by their entries, what is left at the edges by writing.
bool Image::ZeroRange(uint64_t offset, uint64_t size, ZeroMode mode, Edges edges) {
  const uint64_t end = offset + size;
  const uint64_t first = AlignUp(offset, format_.subcluster_bytes());
  // What lies behind the disk's end is nobody's.
  const uint64_t last = end == size_bytes_ ? AlignUp(end, format_.subcluster_bytes())
                                           : AlignDown(end, format_.subcluster_bytes());
  if (first >= last) return edges == Edges::kLeave || WriteZeroBytes(offset, size);
  if (!ZeroSubclusters(first, last - first, mode, edges)) return false;
  if (edges == Edges::kLeave) return true;
  return WriteZeroBytes(offset, first - offset) &&
         (last >= end || WriteZeroBytes(last, end - last));
}

bool Image::ZeroSubclusters(uint64_t offset, uint64_t size, ZeroMode mode, Edges edges) {
  for (const uint64_t end = offset + size; offset < end;) {
    const uint64_t mapped = WithinTable(offset, end - offset);
    const std::optional<Table*> table = metadata_->FindTable(offset);
    if (!table.has_value()) return false;
    const bool is_hole = *table == nullptr && !BackingHas(offset);
    const uint64_t bytes =
        is_hole ? mapped : std::min(mapped, file_.cluster_bytes() - InCluster(offset));
    if (!is_hole && !ZeroInCluster(offset, bytes, mode, edges)) return false;
    offset += bytes;
  }
  return true;
}

bool Image::ZeroInCluster(uint64_t offset, uint64_t size, ZeroMode mode, Edges edges) {
  if (!metadata_->Prepare()) return false;
  const std::optional<Table*> found = metadata_->FindTable(offset);
  if (!found.has_value()) return false;
  L2Entry before;
  if (*found != nullptr) {
    const std::optional<L2Entry> entry = EntryOf(**found, offset);
    if (!entry.has_value()) return false;
    before = *entry;
  }
  const uint64_t in_cluster = InCluster(offset);
  const uint32_t bits =
      L2EntryFormat::Bits(static_cast<uint32_t>(in_cluster / format_.subcluster_bytes()),
                          static_cast<uint32_t>((in_cluster + size) / format_.subcluster_bytes()));
  if (before.is_compressed() && bits != format_.all()) {
    // A compressed cluster has no parts.
    return edges == Edges::kLeave || WriteZeroBytes(offset, std::min(size, size_bytes_ - offset));
  }
  const L2Entry after = Zeroed(before, bits, offset, mode);
  if (after == before) return true;
  Table* const table = metadata_->FindTableForWrite(offset);
  if (table == nullptr) return false;
  format_.Set(*table, L2Index(offset), after);
  const bool has_left = before.host_offset != 0 && after.host_offset == 0;
  if (has_left) metadata_->Release(format_.Place(before));
  return true;
}

L2Entry Image::Zeroed(const L2Entry& before, uint32_t bits, uint64_t guest_offset,
                      ZeroMode mode) const {
  const bool keeps_place = before.is_copied && mode == ZeroMode::kKeepAllocated;
  L2Entry after = before;
  after.allocated &= ~bits;
  after.zero |= bits;
  const bool is_unused = after.zero == format_.all() || (after.allocated | after.zero) == 0;
  if (before.is_compressed() || (is_unused && !(keeps_place && format_.has_zeroes()))) {
    after = {};
    if (BackingHas(guest_offset - InCluster(guest_offset))) after.zero = format_.all();
  }
  return after;
}

bool Image::WriteZeroBytes(uint64_t offset, uint64_t size) {
  static std::array<std::byte, kZeroChunkBytes> zeros = {};
  while (size > 0) {
    iovec span = {zeros.data(), std::min<uint64_t>(size, zeros.size())};
    const uint64_t length = span.iov_len;
    if (!Write(std::span(&span, 1), offset)) return false;
    offset += length;
    size -= length;
  }
  return true;
}

}  // namespace emu::qcow2
