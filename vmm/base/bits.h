// Bit fields and alignment.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace emu {

// Bits [low, low + count) of `value`, moved to bit 0.
constexpr uint64_t ExtractBits(uint64_t value, uint32_t low, uint32_t count) {
  return (value >> low) & (count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1);
}

// All ones in the low `width_bytes` bytes; 8 or more gives all of them.
constexpr uint64_t WidthMask(uint32_t width_bytes) {
  return width_bytes >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width_bytes)) - 1;
}

constexpr bool IsAligned(uint64_t value, uint64_t power_of_two) {
  return (value & (power_of_two - 1)) == 0;
}
constexpr uint64_t AlignDown(uint64_t value, uint64_t power_of_two) {
  return value & ~(power_of_two - 1);
}
// The result wraps if there is no such multiple below 2^64.
constexpr uint64_t AlignUp(uint64_t value, uint64_t power_of_two) {
  return AlignDown(value + power_of_two - 1, power_of_two);
}

// True if [base, base + size) does not fit below `limit`; right for every value, overflow included.
constexpr bool ExceedsLimit(uint64_t base, uint64_t size, uint64_t limit) {
  return base > limit || size > limit - base;
}

}  // namespace emu
