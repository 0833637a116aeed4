// Words for what vector instructions are told apart by.
#pragma once

#include <cstdint>

namespace emu::translator::aarch64 {

// Which values of the field `size` are defined, a bit each: lanes of 8, 16, 32 and 64 bits.
inline constexpr uint32_t kAnySize = 15, kUpTo32 = 7, k16And32 = 6, kBytes = 1;

enum class Sign : uint8_t { kUnsigned, kSigned };
enum class Rounds : uint8_t { kNo, kYes };  // up, at a half
// Whether the first operand's lanes are as wide as those of the result, which are twice the
// second's.
enum class First : uint8_t { kNarrow, kWide };
enum class Direction : uint8_t { kLeft, kRight };

}  // namespace emu::translator::aarch64
