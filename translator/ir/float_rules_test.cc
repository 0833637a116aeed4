// NaNs and tininess by the instruction's attribute.
#include <gtest/gtest.h>

#include "translator/ir/float_evaluate.h"

namespace emu::ir {
namespace {

constexpr uint64_t kQuiet = 0x7ff8'0000'0000'0000;
constexpr uint64_t kQuietA = 0xfff8'0000'0000'000a;
constexpr uint64_t kQuietB = 0x7ff8'0000'0000'000b;
constexpr uint64_t kSignallingA = 0xfff0'0000'0000'000a;
constexpr uint64_t kSignallingB = 0x7ff0'0000'0000'000b;
constexpr uint64_t kSignallingC = 0x7ff4'0000'0000'000c;
constexpr uint64_t kInfinity = 0x7ff0'0000'0000'0000;
constexpr uint64_t kOne = 0x3ff0'0000'0000'0000;
constexpr uint64_t kHalf = 0x3fe0'0000'0000'0000;
constexpr uint64_t kMinusZero = 0x8000'0000'0000'0000;
constexpr uint64_t kLeastNormal = 0x0010'0000'0000'0000;

struct Case {
  Op op;
  uint64_t a, b, c, result;
  uint32_t flags;
};

constexpr Case kNans[] = {
    {Op::kFAdd, kQuietA, kSignallingB, 0, kSignallingB | kQuiet, kFloatInvalid},
    {Op::kFAdd, kSignallingA, kSignallingB, 0, kSignallingA | kQuiet, kFloatInvalid},
    {Op::kFAdd, kQuietA, kQuietB, 0, kQuietA, 0},
    {Op::kFSub, kOne, kQuietB, 0, kQuietB, 0},
    {Op::kFSub, kInfinity, kInfinity, 0, kQuiet, kFloatInvalid},
    {Op::kFMul, kInfinity, 0, 0, kQuiet, kFloatInvalid},
    {Op::kFSqrt, kOne | kMinusZero, 0, 0, kQuiet, kFloatInvalid},
    {Op::kFSqrt, kSignallingA, 0, 0, kSignallingA | kQuiet, kFloatInvalid},
    {Op::kFRound, kSignallingA, 0, 0, kSignallingA | kQuiet, kFloatInvalid},
    {Op::kFRoundExact, kQuietA, 0, 0, kQuietA, 0},
    {Op::kFMulAdd, kQuietA, kQuietB, kQuietA + 1, kQuietA + 1, 0},
    {Op::kFMulAdd, kSignallingA, kSignallingB, kQuietB, kSignallingA | kQuiet, kFloatInvalid},
    {Op::kFMulAdd, kSignallingA, kOne, kSignallingC, kSignallingC | kQuiet, kFloatInvalid},
    {Op::kFMulAdd, kInfinity, 0, kQuietB, kQuiet, kFloatInvalid},
    {Op::kFMulAdd, 0, kInfinity, kSignallingC, kSignallingC | kQuiet, kFloatInvalid},
    {Op::kFMulAdd, kInfinity, kOne, kInfinity | kMinusZero, kQuiet, kFloatInvalid},
    {Op::kFMin, kQuietA, kOne, 0, kOne, 0},
    {Op::kFMin, kSignallingA, kOne, 0, kOne, kFloatInvalid},
    {Op::kFMax, kQuietA, kSignallingB, 0, kSignallingB | kQuiet, kFloatInvalid},
    {Op::kFMinNum, kQuietA, kOne, 0, kOne, 0},
    {Op::kFMinNum, kOne, kSignallingB, 0, kSignallingB | kQuiet, kFloatInvalid},
    {Op::kFMaxNum, kQuietA, kQuietB, 0, kQuietA, 0},
    {Op::kFMaxNum, kMinusZero, 0, 0, 0, 0},
    {Op::kFMinimum, kOne, kQuietB, 0, kQuietB, 0},
    {Op::kFMaximum, kQuietA, kSignallingB, 0, kSignallingB | kQuiet, kFloatInvalid},
    {Op::kFMinimum, 0, kMinusZero, 0, kMinusZero, 0},
};

TEST(FloatRulesTest, APropagatedNanIsTheFirstSignallingOneThenTheFirst) {
  for (const Case& row : kNans) {
    const FloatResult result = EvaluateFloat({row.op, Type::kF64, Type::kF64, kPropagateNan},
                                             Rounding::kNearestEven, row.a, row.b, row.c);
    EXPECT_EQ(result.bits, row.result)
        << InfoOf(row.op).text << std::hex << ' ' << row.a << ' ' << row.b << ' ' << row.c;
    EXPECT_EQ(result.flags, row.flags) << InfoOf(row.op).text;
  }
}

TEST(FloatRulesTest, ConversionsKeepSignAndUpperPayload) {
  const auto convert = [](Op op, Type to, Type from, uint64_t bits) {
    return EvaluateFloat({op, to, from, kPropagateNan}, Rounding::kNearestEven, bits, 0, 0).bits;
  };
  EXPECT_EQ(convert(Op::kFConvert, Type::kF32, Type::kF64, 0xfff4'1234'5678'9abc), 0xffe0'91a2u);
  EXPECT_EQ(convert(Op::kFConvert, Type::kF64, Type::kF32, 0x7fa0'91a2), 0x7ffc'1234'4000'0000u);
  EXPECT_EQ(convert(Op::kFToHalf, Type::kI16, Type::kF32, 0xff82'5000), 0xfe12u);
  EXPECT_EQ(convert(Op::kFFromHalf, Type::kF32, Type::kI16, 0x7c01), 0x7fc0'2000u);
}

TEST(FloatRulesTest, WhatIsRoundedUpToTheLeastNormalIsTinyBefore) {
  const auto flags = [](uint8_t attr, uint64_t a, uint64_t b) {
    return EvaluateFloat({Op::kFMul, Type::kF64, Type::kF64, attr}, Rounding::kNearestEven, a, b, 0)
        .flags;
  };
  // (1 - 2^-28) * (1 + 2^-28) of the least normal number.
  const uint64_t a = 0x3fef'ffff'fe00'0000;
  const uint64_t b = 0x0010'0000'0100'0000;
  EXPECT_EQ(flags(kTinyBeforeRounding, a, b), kFloatInexact | kFloatUnderflow);
  EXPECT_EQ(flags(0, a, b), uint32_t{kFloatInexact});
  // Exactly the least normal number, and what is rounded down to it.
  EXPECT_EQ(flags(kTinyBeforeRounding, kHalf, 2 * kLeastNormal), 0u);
  EXPECT_EQ(flags(kTinyBeforeRounding, kOne + 1, kLeastNormal | 1) & kFloatUnderflow, 0u);
}

TEST(FloatRulesTest, ANanBecomesZeroWhereThatIsWanted) {
  const auto convert = [](uint8_t attr) {
    return EvaluateFloat({Op::kFToS, Type::kI32, Type::kF64, attr}, Rounding::kTowardZero, kQuietA,
                         0, 0);
  };
  EXPECT_EQ(convert(kNanIsZero).bits, 0u);
  EXPECT_EQ(convert(kNanIsZero).flags, uint32_t{kFloatInvalid});
  EXPECT_EQ(convert(0).bits, 0x7fff'ffffu);
}

TEST(FloatRulesTest, AComparisonTellsAllFourOrders) {
  const auto compare = [](Op op, uint64_t a, uint64_t b) {
    return EvaluateFloat({op, Type::kI32, Type::kF64, 0}, Rounding::kNearestEven, a, b, 0);
  };
  EXPECT_EQ(compare(Op::kFCompare, kHalf, kOne).bits, 0u);
  EXPECT_EQ(compare(Op::kFCompare, 0, kMinusZero).bits, 1u);
  EXPECT_EQ(compare(Op::kFCompare, kOne, kHalf).bits, 2u);
  EXPECT_EQ(compare(Op::kFCompare, kOne, kQuietA).bits, 0x8000'0000u);
  EXPECT_EQ(compare(Op::kFCompare, kOne, kQuietA).flags, uint32_t{kFloatInvalid});
  EXPECT_EQ(compare(Op::kFCompareQuiet, kOne, kQuietA).flags, 0u);
  EXPECT_EQ(compare(Op::kFCompareQuiet, kOne, kSignallingA).flags, uint32_t{kFloatInvalid});
}

}  // namespace
}  // namespace emu::ir
