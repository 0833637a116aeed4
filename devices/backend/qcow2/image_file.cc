#include "devices/backend/qcow2/image_file.h"

#include <algorithm>
#include <array>

#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/log.h"

namespace emu::qcow2 {
namespace {

iovec SpanOf(std::span<const std::byte> bytes) {
  // Writing only reads what it is given; iovec has one type for both ways.
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

}  // namespace

bool ImageFile::Read(std::span<std::byte> bytes, uint64_t offset) {
  iovec span = SpanOf(bytes);
  return Read(std::span(&span, 1), offset);
}

bool ImageFile::Write(std::span<iovec> spans, uint64_t offset) {
  const uint64_t bytes = TotalBytes(spans);
  if (!file_->Write(spans, offset)) return false;
  NoteWrite(offset, bytes);
  return true;
}

bool ImageFile::Write(std::span<const std::byte> bytes, uint64_t offset) {
  iovec span = SpanOf(bytes);
  return Write(std::span(&span, 1), offset);
}

uint64_t ImageFile::untouched_from() const {
  return file_->can_grow() ? AlignUp(end_bytes_, cluster_bytes()) : UINT64_MAX;
}

bool ImageFile::Holds(uint64_t offset, uint64_t bytes) const {
  return !ExceedsLimit(offset, bytes, AlignUp(end_bytes_, cluster_bytes()));
}

bool ImageFile::WriteIncompatible(uint64_t mask, Feature feature) {
  header_.incompatible =
      feature == Feature::kSet ? header_.incompatible | mask : header_.incompatible & ~mask;
  std::array<std::byte, 8> bits;
  StoreBig(bits, header_.incompatible);
  return Write(bits, kIncompatibleAt) && Sync();
}

bool ImageFile::ClearAutoclear() {
  header_.autoclear = 0;
  return Write(std::array<std::byte, 8>{}, kAutoclearAt);
}

bool ImageFile::WriteRefcountTablePlace(uint64_t offset, uint32_t clusters) {
  std::array<std::byte, 12> place;
  StoreBig(std::span(place), offset);
  StoreBig(std::span(place).subspan(8), clusters);
  header_.refcount_table_offset = offset;
  header_.refcount_table_clusters = clusters;
  return Write(place, kRefcountTableOffsetAt);
}

bool ImageFile::Corrupt(std::string_view what, uint64_t offset) {
  static LogRateLimiter log;
  if (log.Allow()) {
    LogError("disk-image-corrupt", {{"what", what}, HexField("offset", offset)});
  }
  if (!is_writable()) return false;
  is_corrupt_ = true;
  // Version 2 has no place for it.
  if (header_.version >= 3) (void)WriteIncompatible(kIncompatibleCorrupt, Feature::kSet);
  return false;
}

}  // namespace emu::qcow2
