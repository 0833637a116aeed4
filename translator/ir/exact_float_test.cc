#include "translator/ir/exact_float.h"

#include <gtest/gtest.h>

#include <random>

namespace emu::ir {
namespace {

constexpr uint64_t kOne = 0x3ff0'0000'0000'0000;
constexpr uint64_t kHalfUlp = 0x3ca0'0000'0000'0000;  // 2^-53

FloatResult Rmm(Op op, uint64_t a, uint64_t b = 0, uint64_t c = 0) {
  return EvaluateFloat(op, Type::kF64, Type::kF64, Rounding::kNearestMaxMagnitude, a, b, c);
}

TEST(ExactFloat, TiesGoAwayFromZero) {
  EXPECT_EQ(Rmm(Op::kFAdd, kOne, kHalfUlp).bits, kOne + 1);
  EXPECT_EQ(Rmm(Op::kFSub, kOne | 1ull << 63, kHalfUlp).bits, (kOne | 1ull << 63) + 1);
  EXPECT_EQ(Rmm(Op::kFMulAdd, kOne, kOne, kHalfUlp).bits, kOne + 1);
  EXPECT_EQ(Rmm(Op::kFAdd, kOne, kHalfUlp).flags, kFloatInexact);
  // 1.5 ulp is a tie that even rounding sends up, too; 1.25 ulp is none.
  EXPECT_EQ(Rmm(Op::kFAdd, kOne, kHalfUlp + (3ull << 51)).bits, kOne + 2);
  EXPECT_EQ(Rmm(Op::kFAdd, kOne, kHalfUlp - 1).bits, kOne);
  const FloatResult half_subnormal = Rmm(Op::kFMul, 1, 0x3fe0'0000'0000'0000);
  EXPECT_EQ(half_subnormal.bits, 1u);
  EXPECT_EQ(half_subnormal.flags, kFloatInexact | kFloatUnderflow);
  EXPECT_EQ(EvaluateFloat(Op::kUToF, Type::kF64, Type::kI64, Rounding::kNearestMaxMagnitude,
                          (1ull << 53) + 1, 0, 0)
                .bits,
            0x4340'0000'0000'0001u);
  EXPECT_EQ(EvaluateFloat(Op::kFConvert, Type::kF32, Type::kF64, Rounding::kNearestMaxMagnitude,
                          0x3ff0'0000'1000'0000, 0, 0)
                .bits,
            0x3f80'0001u);
}

// Every mode that the host has, by its own unit: what the two share is nothing.
TEST(ExactFloat, AgreesWithTheHostWhereTheHostCan) {
  std::mt19937_64 random(20240411);
  // Close exponents, short fractions, ends of the range: where rounding is hard.
  const auto operand = [&random](Type type) -> uint64_t {
    const int fraction_bits = type == Type::kF32 ? 23 : 52;
    const int exponent_bits = type == Type::kF32 ? 8 : 11;
    const uint64_t ones = (uint64_t{1} << exponent_bits) - 1;
    uint64_t exponent = random() % ones;
    if (random() % 2 == 0) exponent = ones / 2 - 40 + random() % 80;
    if (random() % 8 == 0) exponent = random() % 3;
    uint64_t fraction = random() & ((uint64_t{1} << fraction_bits) - 1);
    if (random() % 2 == 0) {
      const uint64_t cut = random() % fraction_bits;
      fraction = fraction >> cut << cut;
    }
    return (random() & 1) << (fraction_bits + exponent_bits) | exponent << fraction_bits | fraction;
  };
  int inexact = 0;
  for (int i = 0; i < 200'000; ++i) {
    constexpr Op kOps[] = {Op::kFAdd,    Op::kFSub,     Op::kFMul, Op::kFDiv, Op::kFSqrt,
                           Op::kFMulAdd, Op::kFConvert, Op::kSToF, Op::kUToF};
    const Op op = kOps[random() % std::size(kOps)];
    const auto rounding = static_cast<Rounding>(random() % 4);
    Type result = random() % 2 == 0 ? Type::kF32 : Type::kF64;
    Type type = result;
    if (op == Op::kFConvert) {
      type = Type::kF64;
      result = Type::kF32;
    }
    if (op == Op::kSToF || op == Op::kUToF) type = random() % 2 == 0 ? Type::kI32 : Type::kI64;
    uint64_t a = IsFloat(type) ? operand(type) : random() >> random() % 64;
    if (type == Type::kI32) a &= 0xffff'ffff;
    const uint64_t b = IsFloat(type) ? operand(type) : 0;
    const uint64_t c = IsFloat(type) ? operand(type) : 0;
    const FloatResult host = EvaluateFloat(op, result, type, rounding, a, b, c);
    if (host.bits << (64 - BitsOf(result) + 1) == 0 && (host.flags & kFloatInexact) == 0) continue;
    if ((host.flags & ~(kFloatInexact | kFloatUnderflow | kFloatOverflow)) != 0) continue;
    if ((host.flags & kFloatInexact) != 0) ++inexact;
    const FloatResult exact = RoundFinite(op, result, type, rounding, a, b, c);
    ASSERT_EQ(exact.bits, host.bits) << InfoOf(op).text << std::hex << " " << a << " " << b << " "
                                     << c << " rounding " << static_cast<int>(rounding);
    ASSERT_EQ(exact.flags, host.flags) << InfoOf(op).text << std::hex << " " << a << " " << b << " "
                                       << c << " rounding " << static_cast<int>(rounding);
  }
  EXPECT_GT(inexact, 50'000);
}

}  // namespace
}  // namespace emu::ir
