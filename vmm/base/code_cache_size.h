// How much memory translated code may take when nobody says.
#pragma once

#include <algorithm>
#include <cstdint>

namespace emu {

// A guest that has more memory runs larger programs: gcc's code needs twice 64 MiB.
constexpr uint32_t DefaultCodeCacheMib(uint64_t memory_mib) {
  return static_cast<uint32_t>(std::clamp<uint64_t>(memory_mib / 4, 64, 256));
}

}  // namespace emu
