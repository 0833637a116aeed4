// Conversions of halves against their definition (IEEE 754-2019, 3.4 and 4.3.1).
#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <random>

#include "translator/ir/float_evaluate.h"

namespace emu::ir {
namespace {

FloatResult FromHalf(Type result, uint64_t half) {
  return EvaluateFloat(Op::kFFromHalf, result, Type::kI16, Rounding::kNearestEven, half, 0, 0);
}
FloatResult ToHalf(Type operand, uint64_t bits, Rounding rounding = Rounding::kNearestEven) {
  return EvaluateFloat(Op::kFToHalf, Type::kI16, operand, rounding, bits, 0, 0);
}

constexpr uint16_t kHalfInfinity = 0x7c00;

double ValueOf(uint16_t half) {
  const int exponent = half >> 10 & 0x1f;
  const int fraction = half & 0x3ff;
  const double magnitude = (half & 0x7fff) == kHalfInfinity ? HUGE_VAL
                           : exponent == 0                  ? std::ldexp(fraction, -24)
                                           : std::ldexp(0x400 + fraction, exponent - 25);
  return (half & 0x8000) == 0 ? magnitude : -magnitude;
}

// To nearest, ties to even: magnitudes are in the order of their bits, the infinity of rounding
// where the next number would be.
uint16_t NearestHalf(double value) {
  const auto sign = static_cast<uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double magnitude = std::fabs(value);
  if (magnitude >= 0x1p16) return sign | kHalfInfinity;
  uint16_t below = 0;
  for (uint16_t step = 0x4000; step != 0; step >>= 1) {
    const uint16_t candidate = below + step;
    if (candidate < kHalfInfinity && ValueOf(candidate) <= magnitude) below = candidate;
  }
  const uint16_t above = below + 1;
  const double middle = (ValueOf(below) + (above == kHalfInfinity ? 0x1p16 : ValueOf(above))) / 2;
  const bool rounds_up = magnitude > middle || (magnitude == middle && below % 2 == 1);
  return sign | (rounds_up ? above : below);
}

TEST(HalfFloat, EveryHalfWidensAndComesBack) {
  for (uint32_t bits = 0; bits < 0x1'0000; ++bits) {
    const double half = ValueOf(static_cast<uint16_t>(bits));
    const FloatResult single = FromHalf(Type::kF32, bits);
    const FloatResult wide = FromHalf(Type::kF64, bits);
    if ((bits & 0x7fff) > 0x7c00) {
      const uint32_t flags = (bits & 0x200) == 0 ? kFloatInvalid : 0;
      EXPECT_EQ(single.flags, flags);
      EXPECT_EQ(wide.flags, flags);
      EXPECT_EQ(single.bits, 0x7fc0'0000u);
      EXPECT_EQ(wide.bits, 0x7ff8'0000'0000'0000u);
      EXPECT_EQ(ToHalf(Type::kF32, single.bits).bits, 0x7e00u);
      continue;
    }
    EXPECT_EQ(single.bits, std::bit_cast<uint32_t>(static_cast<float>(half)));
    EXPECT_EQ(wide.bits, std::bit_cast<uint64_t>(half));
    EXPECT_EQ(single.flags | wide.flags, 0u);
    EXPECT_EQ(ToHalf(Type::kF32, single.bits).bits, bits);
    EXPECT_EQ(ToHalf(Type::kF64, wide.bits).bits, bits);
    EXPECT_EQ(ToHalf(Type::kF64, wide.bits).flags, 0u);
  }
}

// Every exponent that matters, short fractions as often as long ones.
TEST(HalfFloat, RoundsToTheNearest) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) {
    const uint64_t exponent = 1023 - 30 + random() % 50;
    const uint64_t fraction = random() >> 12 >> random() % 52 << random() % 52;
    const uint64_t bits =
        (random() & 1) << 63 | exponent << 52 | (fraction & ((uint64_t{1} << 52) - 1));
    const auto value = std::bit_cast<double>(bits);
    EXPECT_EQ(ToHalf(Type::kF64, bits).bits, NearestHalf(value)) << std::hexfloat << value;
    const auto single = static_cast<float>(value);
    EXPECT_EQ(ToHalf(Type::kF32, std::bit_cast<uint32_t>(single)).bits, NearestHalf(single))
        << std::hexfloat << single;
  }
}

TEST(HalfFloat, TellsTheFlags) {
  const auto flags = [](float value, Rounding rounding = Rounding::kNearestEven) {
    return ToHalf(Type::kF32, std::bit_cast<uint32_t>(value), rounding).flags;
  };
  EXPECT_EQ(flags(1.0F), 0u);
  EXPECT_EQ(flags(1.0F + 0x1p-20F), kFloatInexact);
  EXPECT_EQ(flags(65519.0F), kFloatInexact);
  EXPECT_EQ(flags(65520.0F), kFloatInexact | kFloatOverflow);
  EXPECT_EQ(flags(65536.0F, Rounding::kTowardZero), kFloatInexact | kFloatOverflow);
  EXPECT_EQ(flags(0x1p-24F), 0u);
  EXPECT_EQ(flags(0x1.8p-24F), kFloatInexact | kFloatUnderflow);
  // Tiny before rounding to the least normal number, not after.
  EXPECT_EQ(flags(0x1.fffp-15F), kFloatInexact);
  EXPECT_EQ(flags(0x1.ffdp-15F), kFloatInexact | kFloatUnderflow);
  EXPECT_EQ(flags(0x1.fffp-15F, Rounding::kTowardZero), kFloatInexact | kFloatUnderflow);
  EXPECT_EQ(ToHalf(Type::kF32, std::bit_cast<uint32_t>(65536.0F), Rounding::kTowardZero).bits,
            0x7bffu);
  EXPECT_EQ(ToHalf(Type::kF32, 0x7f80'0001).flags, kFloatInvalid);
}

}  // namespace
}  // namespace emu::ir
