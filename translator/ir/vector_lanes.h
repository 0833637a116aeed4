// The lanes of a 128-bit vector.
#pragma once

#include <cstdint>

namespace emu::ir {

struct Vector128 {
  uint64_t low = 0;
  uint64_t high = 0;
  constexpr bool operator==(const Vector128&) const = default;
};

// `bits`: of a lane, 8 to 64. Values are zero-extended.
constexpr uint64_t GetLane(const Vector128& vector, uint32_t bits, uint32_t lane) {
  const uint32_t position = bits * lane;
  const uint64_t half = position < 64 ? vector.low : vector.high;
  return bits == 64 ? half : half >> (position % 64) & ((uint64_t{1} << bits) - 1);
}

constexpr void SetLane(Vector128& vector, uint32_t bits, uint32_t lane, uint64_t value) {
  const uint32_t position = bits * lane;
  uint64_t& half = position < 64 ? vector.low : vector.high;
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : ((uint64_t{1} << bits) - 1) << (position % 64);
  half = (half & ~mask) | ((value << (position % 64)) & mask);
}

}  // namespace emu::ir
