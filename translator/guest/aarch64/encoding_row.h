// How a row of the encoding table is written.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "translator/guest/aarch64/encodings.h"

namespace emu::translator::aarch64 {

// Not constexpr: a row that is written wrongly does not compile, and this is the error.
void ARowHasBitsOtherThanZeroOneAndDot();
void ARowHasNot32Bits();

// `pattern` has a character for each bit, the highest first; a dot is a bit that is open. Spaces
// set fields apart.
constexpr Encoding Row(std::string_view pattern, std::string_view mnemonic, Format format,
                       void (*lift)(Lifter&), void (*execute)(VectorUnit&) = nullptr) {
  Encoding row = {0, 0, mnemonic, format, lift, execute};
  uint32_t bits = 0;
  for (const char bit : pattern) {
    if (bit == ' ') continue;
    if (bit != '0' && bit != '1' && bit != '.') ARowHasBitsOtherThanZeroOneAndDot();
    row.mask = row.mask << 1 | (bit != '.');
    row.match = row.match << 1 | (bit == '1');
    ++bits;
  }
  if (bits != 32) ARowHasNot32Bits();
  return row;
}

// The row with a field set that it leaves open.
constexpr Encoding Fixed(Encoding row, uint32_t position, uint32_t width, uint32_t value) {
  row.mask |= ((1u << width) - 1) << position;
  row.match |= value << position;
  return row;
}

// Tables, one behind the other.
template <size_t... sizes>
constexpr auto Joined(const std::array<Encoding, sizes>&... families) {
  std::array<Encoding, (sizes + ...)> all = {};
  auto next = all.begin();
  ((next = std::ranges::copy(families, next).out), ...);
  return all;
}

}  // namespace emu::translator::aarch64
