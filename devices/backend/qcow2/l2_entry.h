// What an L2 entry says of one cluster of the guest.
#pragma once

#include <cstdint>
#include <optional>

#include "devices/backend/qcow2/table_cache.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::qcow2 {

// In an image without subclusters the cluster is its one subcluster.
struct L2Entry {
  uint64_t host_offset = 0;         // 0: none; to the byte where it is compressed
  uint32_t compressed_sectors = 0;  // of 512 bytes, the first and last in part; 0: not compressed
  bool is_copied = false;           // it may be written to where it is
  uint32_t allocated = 0;           // a bit for each subcluster whose data is at host_offset
  uint32_t zero = 0;                // a bit for each that reads as zeroes; others: the backing file

  bool is_compressed() const { return compressed_sectors != 0; }
  bool operator==(const L2Entry&) const = default;
};

// Entries of one image's kind.
class L2EntryFormat {
 public:
  explicit L2EntryFormat(const Header& header);

  uint32_t subclusters() const { return has_subclusters_ ? kSubclusters : 1; }
  uint64_t subcluster_bytes() const { return (uint64_t{1} << cluster_bits_) / subclusters(); }
  uint32_t all() const { return has_subclusters_ ? ~uint32_t{0} : 1; }
  // The bits of subclusters [first, end).
  static uint32_t Bits(uint32_t first, uint32_t end);
  // Entries can say that something reads as zeroes though a backing file has data there.
  bool has_zeroes() const { return has_zeroes_; }

  // Where the data of an entry with a host_offset lies.
  HostRange Place(const L2Entry& entry) const;

  // std::nullopt for an entry that can't be.
  std::optional<L2Entry> Get(const Table& table, uint64_t index) const;
  void Set(Table& table, uint64_t index, const L2Entry& entry) const;

 private:
  std::optional<L2Entry> Standard(uint64_t word, uint64_t bitmap) const;
  L2Entry Compressed(uint64_t word) const;

  uint32_t cluster_bits_;
  bool has_subclusters_;
  bool has_zeroes_;
};

}  // namespace emu::qcow2
