#include "translator/guest/riscv64/sm4.h"

#include <array>
#include <bit>

#include "translator/ir/constant_time.h"

namespace emu::translator::riscv64 {
namespace {

// GF(2^8) modulo x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1.
constexpr uint8_t Times(uint8_t a, uint8_t b) {
  uint32_t product = 0;
  uint32_t multiple = a;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product ^= multiple;
    multiple = multiple << 1 ^ ((multiple & 0x80) != 0 ? 0x1f5 : 0);
  }
  return static_cast<uint8_t>(product);
}
constexpr uint8_t Affine(uint8_t a) {
  constexpr uint8_t kFirstRow = 0xa7;
  uint8_t result = 0xd3;
  for (int row = 0; row < 8; ++row) {
    const auto common = static_cast<uint8_t>(std::rotl(kFirstRow, row) & a);
    result ^= static_cast<uint8_t>((std::popcount(common) & 1) << row);
  }
  return result;
}
// GB/T 32907-2016 s. 6.2 gives the box as a table, which is this: an inverse (a^254) between two
// affine maps that are alike.
constexpr uint8_t Substitute(uint8_t a) {
  const uint8_t base = Affine(a);
  uint8_t inverse = 1;
  for (int bit = 0; bit < 7; ++bit) inverse = Times(Times(inverse, inverse), base);
  return Affine(Times(inverse, inverse));
}
constexpr std::array<uint8_t, 256> kBox = [] {
  std::array<uint8_t, 256> box = {};
  for (uint32_t a = 0; a < 256; ++a) box[a] = Substitute(static_cast<uint8_t>(a));
  return box;
}();
static_assert(kBox[0x00] == 0xd6 && kBox[0x01] == 0x90 && kBox[0xef] == 0x84 && kBox[0xff] == 0x48);

// What one byte of a word brings to a round, by the box and `linear`. The standard's words are big
// endian: it begins as the highest byte.
template <typename Linear>
uint64_t Round(uint64_t word, uint64_t operand, uint64_t byte, Linear linear) {
  const auto shift = static_cast<int>(8 * byte);
  const uint32_t substituted =
      uint32_t{ir::SelectByte(kBox, static_cast<uint8_t>(operand >> shift))} << 24;
  const uint32_t mixed = std::rotl(__builtin_bswap32(linear(substituted)), shift);
  const auto result = static_cast<int32_t>(static_cast<uint32_t>(word) ^ mixed);
  return static_cast<uint64_t>(int64_t{result});
}

}  // namespace

uint64_t Sm4ed(GuestContext&, uint64_t a, uint64_t b, uint64_t c) {
  return Round(a, b, c, [](uint32_t x) {
    return x ^ std::rotl(x, 2) ^ std::rotl(x, 10) ^ std::rotl(x, 18) ^ std::rotl(x, 24);
  });
}

uint64_t Sm4ks(GuestContext&, uint64_t a, uint64_t b, uint64_t c) {
  return Round(a, b, c, [](uint32_t x) { return x ^ std::rotl(x, 13) ^ std::rotl(x, 23); });
}

}  // namespace emu::translator::riscv64
