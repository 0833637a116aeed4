// Whole reads and writes at a place of a file.
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/status.h"

namespace emu::snapshot {

// RESOURCE_EXHAUSTED, INTERNAL.
absl::Status WriteAll(int file, std::span<const std::byte> bytes, uint64_t offset);
absl::Status Sync(int file);
// DATA_LOSS if the file ends before; INTERNAL.
absl::Status ReadAll(int file, std::span<std::byte> bytes, uint64_t offset);

}  // namespace emu::snapshot
