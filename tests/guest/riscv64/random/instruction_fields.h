// Fields of RISC-V instructions, and the distances that branches hold.
#pragma once

#include <cstdint>

namespace emu::testing {

inline constexpr uint16_t kCompressedNop = 0x0001;
inline constexpr uint32_t kNop = 0x13;

constexpr void SetField(uint32_t& code, uint32_t position, uint32_t width, uint32_t value) {
  const uint32_t mask = ((1u << width) - 1) << position;
  code = (code & ~mask) | (value << position & mask);
}

// Formats of immediates (RISC-V Unprivileged 20240411 s. 2.3, 26.2), CB and CJ compressed.
enum class DistanceFormat : uint8_t { kNone, kB, kJ, kCb, kCj, kI };
void PutDistance(DistanceFormat format, int32_t distance, uint32_t& code);

}  // namespace emu::testing
