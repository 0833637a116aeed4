// Estimates of reciprocals and of reciprocal square roots (Arm ARM, FPRecipEstimate and its kin).
#include "translator/guest/aarch64/float_arithmetic.h"

namespace emu::translator::aarch64 {
namespace {

// Of a, 256 to 511, in units of 1/512: 256 to 511 in units of 1/256.
uint32_t RecipEstimate(uint32_t a) { return ((1u << 19) / (2 * a + 1) + 1) / 2; }
// Of a, 128 to 511.
uint32_t RecipRootEstimate(uint32_t a) {
  const uint64_t twice = a < 256 ? 2 * uint64_t{a} + 1 : (uint64_t{a} / 2 * 2 + 1) * 2;
  uint64_t b = 512;
  while (twice * (b + 1) * (b + 1) < uint64_t{1} << 28) ++b;
  return static_cast<uint32_t>((b + 1) / 2);
}

// A number that is neither zero nor infinite, the fraction with 52 bits.
struct Parts {
  int exponent;
  uint64_t fraction;
};
constexpr uint64_t kFraction = kDouble.fraction_mask();
constexpr uint64_t kFractionTop = uint64_t{1} << 51;
Parts PartsOf(const FloatFormat& format, uint64_t a) {
  return {static_cast<int>(format.magnitude(a) >> format.fraction_bits),
          (a & format.fraction_mask()) << (52 - format.fraction_bits)};
}
// The exponent's field of 1.0.
int BiasOf(const FloatFormat& format) {
  return static_cast<int>(format.one() >> format.fraction_bits);
}

}  // namespace

uint64_t FloatArithmetic::ReciprocalEstimate(uint64_t a) {
  a = Flushed(a);
  const uint64_t sign = a & format.sign();
  uint64_t nan = 0;
  if (PickNan({&a, 1}, &nan)) return nan;
  if (format.IsInfinite(a)) return sign;
  if (format.IsZero(a)) {
    Raise(ir::kFloatDivideByZero);
    return sign | format.infinity();
  }
  const uint64_t quarter_of_min_normal = format.min_normal() >> 2;
  if (format.magnitude(a) < quarter_of_min_normal) {
    Raise(ir::kFloatOverflow | ir::kFloatInexact);
    const ir::Rounding how = rounding();
    const bool is_infinite = how == ir::Rounding::kNearestEven ||
                             how == (sign == 0 ? ir::Rounding::kUp : ir::Rounding::kDown);
    return sign | (is_infinite ? format.infinity() : format.max_normal());
  }
  auto [exponent, fraction] = PartsOf(format, a);
  const int result_limit = 2 * BiasOf(format) - 1;
  if (FlushesToZero(format) && exponent >= result_limit) {
    Raise(ir::kFloatUnderflow);
    return sign;
  }
  if (exponent == 0) {
    const bool is_shifted_twice = (fraction & kFractionTop) == 0;
    exponent = is_shifted_twice ? -1 : 0;
    fraction = fraction << (is_shifted_twice ? 2 : 1) & kFraction;
  }
  int result_exponent = result_limit - exponent;
  uint64_t result = (RecipEstimate(256 | static_cast<uint32_t>(fraction >> 44)) & 0xffULL) << 44;
  if (result_exponent == 0) {
    result = kFractionTop | result >> 1;
  } else if (result_exponent == -1) {
    result = kFractionTop >> 1 | result >> 2;
    result_exponent = 0;
  }
  return sign | static_cast<uint64_t>(result_exponent) << format.fraction_bits |
         result >> (52 - format.fraction_bits);
}

uint64_t FloatArithmetic::ReciprocalRootEstimate(uint64_t a) {
  a = Flushed(a);
  uint64_t nan = 0;
  if (PickNan({&a, 1}, &nan)) return nan;
  if (format.IsZero(a)) {
    Raise(ir::kFloatDivideByZero);
    return (a & format.sign()) | format.infinity();
  }
  if (format.IsNegative(a)) return Invalid();
  if (format.IsInfinite(a)) return 0;
  auto [exponent, fraction] = PartsOf(format, a);
  if (exponent == 0) {
    for (; (fraction & kFractionTop) == 0; --exponent) fraction = fraction << 1;
    fraction = fraction << 1 & kFraction;
  }
  const uint64_t scaled = (exponent & 1) == 0 ? 256 | fraction >> 44 : 128 | fraction >> 45;
  const int result_exponent = (3 * BiasOf(format) - 1 - exponent) / 2;
  const uint64_t estimate = RecipRootEstimate(static_cast<uint32_t>(scaled)) & 0xff;
  return static_cast<uint64_t>(result_exponent) << format.fraction_bits |
         estimate << (format.fraction_bits - 8);
}

uint64_t FloatArithmetic::ReciprocalExponent(uint64_t a) {
  uint64_t nan = 0;
  if (PickNan({&a, 1}, &nan)) return nan;
  a = Flushed(a);
  const uint64_t exponent = a & format.infinity();
  const uint64_t inverted =
      exponent == 0 ? format.infinity() - format.min_normal() : exponent ^ format.infinity();
  return (a & format.sign()) | inverted;
}

uint64_t RecipEstimateOfWord(uint64_t a) {
  if ((a >> 31) == 0) return 0xffff'ffff;
  return uint64_t{RecipEstimate(static_cast<uint32_t>(a >> 23))} << 23;
}
uint64_t RecipRootEstimateOfWord(uint64_t a) {
  if ((a >> 30) == 0) return 0xffff'ffff;
  return uint64_t{RecipRootEstimate(static_cast<uint32_t>(a >> 23))} << 23;
}

}  // namespace emu::translator::aarch64
