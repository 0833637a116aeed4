// Steps whose time does not depend on the values they see, for operations that handle secrets
// (RISC-V Cryptography Extensions 1.0.1, chapter 4: Zkt).
#pragma once

#include <array>
#include <cstdint>

namespace emu::ir {

// table[which]. Every entry is read, so that no cache tells which one was wanted.
constexpr uint8_t SelectByte(const std::array<uint8_t, 256>& table, uint8_t which) {
  uint32_t result = 0;
  for (uint32_t entry = 0; entry < 256; ++entry) {
    const uint32_t mask =
        ((entry ^ which) - 1) >> 8;  // of ones in its lowest byte where they agree
    result |= table[entry] & mask;
  }
  return static_cast<uint8_t>(result);
}

// `value` if `bit` (0 or 1) is set, else 0.
constexpr uint64_t ValueIf(uint64_t bit, uint64_t value) { return (0 - bit) & value; }

}  // namespace emu::ir
