// What every board takes from the host besides files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace emu {

// Nanoseconds since 1970.
uint64_t HostWallClockNs();

// What a device tree gives a kernel to begin its random numbers with. INTERNAL if the host has
// none.
absl::StatusOr<std::vector<std::byte>> RandomSeed(size_t size_bytes);

}  // namespace emu
