#include "translator/ir/aes_evaluate.h"

#include <array>
#include <bit>
#include <cassert>

#include "translator/ir/constant_time.h"

namespace emu::ir {
namespace {

// FIPS 197 s. 4.2: multiplication in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. Its time depends on
// `b`.
constexpr uint8_t Times(uint8_t a, uint8_t b) {
  uint32_t product = 0;
  uint32_t multiple = a;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product ^= multiple;
    multiple = multiple << 1 ^ static_cast<uint32_t>(ValueIf(multiple >> 7, 0x11b));
  }
  return static_cast<uint8_t>(product);
}

// S. 5.1.1: the inverse (a^254), then an affine map.
constexpr uint8_t Substitute(uint8_t a) {
  uint8_t inverse = 1;
  for (int bit = 0; bit < 7; ++bit) inverse = Times(Times(inverse, inverse), a);
  inverse = Times(inverse, inverse);
  uint8_t result = 0x63;
  for (int turn = 0; turn < 5; ++turn) result ^= std::rotl(inverse, turn);
  return result;
}

using Box = std::array<uint8_t, 256>;
constexpr Box MakeBox() {
  Box box = {};
  for (uint32_t a = 0; a < 256; ++a) box[a] = Substitute(static_cast<uint8_t>(a));
  return box;
}
constexpr Box kBox = MakeBox();
constexpr Box MakeInverseBox() {
  Box inverse = {};
  for (uint32_t a = 0; a < 256; ++a) inverse[kBox[a]] = static_cast<uint8_t>(a);
  return inverse;
}
constexpr Box kInverseBox = MakeInverseBox();
static_assert(kBox[0] == 0x63 && kBox[0x53] == 0xed && kInverseBox[0xed] == 0x53);

// S. 5.1.3 and 5.3.3: the coefficients of the first row; the others are rotations of it.
using Row = std::array<uint8_t, 4>;
constexpr Row kMix = {2, 3, 1, 1};
constexpr Row kInverseMix = {14, 11, 13, 9};

uint32_t MixColumn(uint32_t column, const Row& coefficients) {
  uint32_t result = 0;
  for (uint32_t row = 0; row < 4; ++row) {
    uint8_t sum = 0;
    for (uint32_t from = 0; from < 4; ++from) {
      sum ^= Times(static_cast<uint8_t>(column >> (8 * from)), coefficients[(from + 4 - row) % 4]);
    }
    result |= uint32_t{sum} << (8 * row);
  }
  return result;
}

uint64_t MixColumns(uint64_t columns, const Row& coefficients) {
  return MixColumn(static_cast<uint32_t>(columns), coefficients) |
         uint64_t{MixColumn(static_cast<uint32_t>(columns >> 32), coefficients)} << 32;
}

// Row r of column c comes from column c + r * direction.
uint64_t ShiftAndSubstitute(uint64_t low, uint64_t high, uint32_t direction, const Box& box) {
  uint64_t result = 0;
  for (uint32_t byte = 0; byte < 8; ++byte) {
    const uint32_t row = byte % 4;
    const uint32_t column = (byte / 4 + direction * row) % 4;
    const uint64_t half = column < 2 ? low : high;
    result |= uint64_t{SelectByte(box, static_cast<uint8_t>(half >> (32 * (column % 2) + 8 * row)))}
              << (8 * byte);
  }
  return result;
}

constexpr uint32_t kForwards = 1, kBackwards = 3;

}  // namespace

uint64_t EvaluateAes(Op op, uint64_t a, uint64_t b) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kAesEncrypt:
      return MixColumns(ShiftAndSubstitute(a, b, kForwards, kBox), kMix);
    case Op::kAesEncryptLast:
      return ShiftAndSubstitute(a, b, kForwards, kBox);
    case Op::kAesDecrypt:
      return MixColumns(ShiftAndSubstitute(a, b, kBackwards, kInverseBox), kInverseMix);
    case Op::kAesDecryptLast:
      return ShiftAndSubstitute(a, b, kBackwards, kInverseBox);
    case Op::kAesInvMixColumns:
      return MixColumns(a, kInverseMix);
    case Op::kAesSubWord: {
      uint64_t result = 0;
      for (uint32_t at = 0; at < 32; at += 8) {
        result |= uint64_t{SelectByte(kBox, static_cast<uint8_t>(a >> at))} << at;
      }
      return result;
    }
    default:
      break;
  }
#pragma GCC diagnostic pop
  assert(false && "an operation of AES");
  return 0;
}

}  // namespace emu::ir
