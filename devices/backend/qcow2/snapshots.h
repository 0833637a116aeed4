// The internal snapshots of an image.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/backend/qcow2/image_file.h"

namespace emu::qcow2 {

struct Snapshot {
  std::string id;
  std::string name;
  uint32_t taken_seconds = 0;  // since the Epoch
  uint64_t size_bytes = 0;     // of the disk when it was taken
  uint64_t l1_offset = 0;
  uint64_t table_bytes = 0;  // of its entry in the snapshot table
  uint32_t l1_entries = 0;   // at least as many as size_bytes needs
};

// INVALID_ARGUMENT if the snapshot table can't be one.
absl::StatusOr<std::vector<Snapshot>> ListSnapshots(ImageFile& file);

}  // namespace emu::qcow2
