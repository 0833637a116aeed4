// What the header of a QCOW2 image says, once it is believed.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "vmm/disk_files/qcow2_spec.h"

namespace emu::qcow2 {

enum class Compression : uint8_t { kZlib = 0, kZstd = 1 };

struct Header {
  uint32_t version = 3;
  uint32_t cluster_bits = 16;
  uint64_t size_bytes = 0;  // of the guest's disk
  uint32_t l1_entries = 0;
  uint64_t l1_offset = 0;
  uint64_t refcount_table_offset = 0;
  uint32_t refcount_table_clusters = 0;
  uint32_t snapshot_count = 0;
  uint64_t snapshots_offset = 0;
  uint64_t incompatible = 0;
  uint64_t compatible = 0;
  uint64_t autoclear = 0;
  uint32_t refcount_order = 4;  // a count has 2^order bits
  Compression compression = Compression::kZlib;
  std::string backing_name;    // as it stands there; empty: there is no backing file
  std::string backing_format;  // empty: not said

  uint64_t cluster_bytes() const { return uint64_t{1} << cluster_bits; }
  bool has_extended_l2() const { return (incompatible & kIncompatibleExtendedL2) != 0; }
  bool has_lazy_refcounts() const { return (compatible & kCompatibleLazyRefcounts) != 0; }
  bool is_dirty() const { return (incompatible & kIncompatibleDirty) != 0; }
  bool is_corrupt() const { return (incompatible & kIncompatibleCorrupt) != 0; }

  uint64_t l2_entry_bytes() const { return has_extended_l2() ? 16 : 8; }
  uint64_t l2_entries() const { return cluster_bytes() / l2_entry_bytes(); }
  // How much of the disk one L2 table maps.
  uint64_t bytes_per_l2() const { return cluster_bytes() * l2_entries(); }
  // How many L1 entries a disk of `bytes` needs.
  uint64_t l1_entries_for(uint64_t bytes) const {
    return bytes / bytes_per_l2() + (bytes % bytes_per_l2() != 0 ? 1 : 0);
  }
  uint64_t counts_per_block() const { return cluster_bytes() * 8 >> refcount_order; }
};

// Reads the header of the image in `file`, its extensions and the backing file's name. Every bound
// of a table has been checked against the file's size; what the tables hold has not.
// INVALID_ARGUMENT if it is no QCOW2 image, is damaged or cut off; UNIMPLEMENTED for encryption, an
// external data file and features that are not known. `file` is a descriptor that stays open.
absl::StatusOr<Header> ReadHeader(int file);

// What of it reached to the end of the file, in bytes; the last cluster may be cut short.
absl::StatusOr<uint64_t> FileBytes(int file);

}  // namespace emu::qcow2
