#include "devices/backend/qcow2/l2_entry.h"

#include "vmm/base/bits.h"

namespace emu::qcow2 {

L2EntryFormat::L2EntryFormat(const Header& header)
    : cluster_bits_(header.cluster_bits),
      has_subclusters_(header.has_extended_l2()),
      has_zeroes_(header.version >= 3) {}

uint32_t L2EntryFormat::Bits(uint32_t first, uint32_t end) {
  return static_cast<uint32_t>(((uint64_t{1} << end) - 1) & ~((uint64_t{1} << first) - 1));
}

std::optional<L2Entry> L2EntryFormat::Get(const Table& table, uint64_t index) const {
  if (!has_subclusters_) {
    const uint64_t word = table.Get(index * 8);
    return (word & kEntryCompressed) != 0 ? Compressed(word) : Standard(word, 0);
  }
  const uint64_t word = table.Get(index * 16);
  return (word & kEntryCompressed) != 0 ? Compressed(word)
                                        : Standard(word, table.Get(index * 16 + 8));
}

std::optional<L2Entry> L2EntryFormat::Standard(uint64_t word, uint64_t bitmap) const {
  L2Entry entry;
  entry.host_offset = word & kOffsetMask;
  entry.is_copied = entry.host_offset != 0 && (word & kEntryCopied) != 0;
  if (!IsAligned(entry.host_offset, uint64_t{1} << cluster_bits_)) return std::nullopt;
  if (has_subclusters_) {
    entry.allocated = static_cast<uint32_t>(bitmap);
    entry.zero = static_cast<uint32_t>(bitmap >> 32);
    const bool has_no_place = entry.allocated != 0 && entry.host_offset == 0;
    if ((entry.allocated & entry.zero) != 0 || has_no_place) return std::nullopt;
    return entry;
  }
  entry.zero = (word & kEntryZero) != 0 ? 1 : 0;
  if (entry.zero != 0 && !has_zeroes_) return std::nullopt;
  entry.allocated = entry.zero == 0 && entry.host_offset != 0 ? 1 : 0;
  return entry;
}

// s. "Compressed Clusters Descriptor": the offset takes the low 62 - (cluster_bits - 8) bits.
L2Entry L2EntryFormat::Compressed(uint64_t word) const {
  const uint32_t offset_bits = 62 - (cluster_bits_ - 8);
  L2Entry entry;
  entry.host_offset = ExtractBits(word, 0, offset_bits);
  entry.compressed_sectors =
      static_cast<uint32_t>(ExtractBits(word, offset_bits, 62 - offset_bits)) + 1;
  return entry;
}

HostRange L2EntryFormat::Place(const L2Entry& entry) const {
  if (!entry.is_compressed()) return {entry.host_offset, uint64_t{1} << cluster_bits_};
  const uint64_t begin = AlignDown(entry.host_offset, kCompressedSectorBytes);
  return {entry.host_offset,
          begin + uint64_t{entry.compressed_sectors} * kCompressedSectorBytes - entry.host_offset};
}

void L2EntryFormat::Set(Table& table, uint64_t index, const L2Entry& entry) const {
  const uint64_t word = entry.host_offset | (entry.is_copied ? kEntryCopied : 0);
  if (!has_subclusters_) {
    table.Set(index * 8, word | (entry.zero != 0 ? kEntryZero : 0));
    return;
  }
  table.Set(index * 16, word);
  table.Set(index * 16 + 8, uint64_t{entry.zero} << 32 | entry.allocated);
}

}  // namespace emu::qcow2
