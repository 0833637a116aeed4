#include "tests/guest/exact_floats.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>

namespace emu::testing {
namespace {

constexpr int kTop = 126;  // where normalized magnitudes begin: a sum's carry has room

int TopBit(Wide value) {
  const auto high = static_cast<uint64_t>(value >> 64), low = static_cast<uint64_t>(value);
  return high != 0 ? 127 - std::countl_zero(high) : 63 - std::countl_zero(low);
}

Exact Normalized(const Exact& x) {
  const int shift = kTop - TopBit(x.magnitude);
  return {x.is_negative, x.magnitude << shift, x.exponent - shift, x.is_more};
}

// What is left of `magnitude` without its `count` lowest bits, and what those were.
struct Cut {
  Wide kept;
  bool is_half;  // the highest of them
  bool is_rest;  // any of the others
};
Cut WithoutLowBits(Wide magnitude, int count, bool is_more) {
  if (count == 0) return {magnitude, false, is_more};
  if (count > 127) return {0, false, magnitude != 0 || is_more};
  const Wide cut = magnitude & ((Wide{1} << count) - 1), half = Wide{1} << (count - 1);
  return {magnitude >> count, (cut & half) != 0, (cut & (half - 1)) != 0 || is_more};
}

bool RoundsUp(Rounding rounding, bool is_negative, const Cut& cut) {
  const bool is_odd = (cut.kept & 1) != 0, is_inexact = cut.is_half || cut.is_rest;
  switch (rounding) {
    case Rounding::kNearestEven:
      return cut.is_half && (cut.is_rest || is_odd);
    case Rounding::kNearestAway:
      return cut.is_half;
    case Rounding::kUp:
      return is_inexact && !is_negative;
    case Rounding::kDown:
      return is_inexact && is_negative;
    case Rounding::kTowardZero:
      return false;
    case Rounding::kOdd:
      return is_inexact && !is_odd;
  }
  return false;
}

// As a multiple of 2^exponent.
RoundedInteger Quantized(Rounding rounding, const Exact& value, int exponent) {
  const int count = exponent - value.exponent;
  if (count < 0) {
    // Only what is exact has fewer bits than are asked for.
    if (value.is_more) std::abort();
    return {value.magnitude << -count, false};
  }
  const Cut cut = WithoutLowBits(value.magnitude, count, value.is_more);
  const Wide up = RoundsUp(rounding, value.is_negative, cut) ? 1 : 0;
  return {cut.kept + up, cut.is_half || cut.is_rest};
}

}  // namespace

int Exact::TopExponent() const { return exponent + TopBit(magnitude); }

Exact ExactFrom(const FloatFormat& format, uint64_t bits) {
  const uint64_t magnitude = bits & (format.sign() - 1);
  const auto exponent = static_cast<int>(magnitude >> format.fraction_bits);
  const uint64_t leading = exponent != 0 ? format.least_normal() : 0;
  return {(bits & format.sign()) != 0, (magnitude & format.fraction()) | leading,
          std::max(exponent, 1) - format.bias() - static_cast<int>(format.fraction_bits)};
}

Exact Sum(Exact a, Exact b) {
  if (a.magnitude == 0) return b;
  if (b.magnitude == 0) return a;
  a = Normalized(a);
  b = Normalized(b);
  if (std::pair(a.exponent, a.magnitude) < std::pair(b.exponent, b.magnitude)) std::swap(a, b);
  const Cut low = WithoutLowBits(b.magnitude, a.exponent - b.exponent, false);
  const bool is_more = low.is_half || low.is_rest;
  if (a.is_negative == b.is_negative) {
    return {a.is_negative, a.magnitude + low.kept, a.exponent, is_more};
  }
  return {a.is_negative, a.magnitude - low.kept - (is_more ? 1 : 0), a.exponent, is_more};
}

Exact Product(const Exact& a, const Exact& b) {
  return {a.is_negative != b.is_negative, a.magnitude * b.magnitude, a.exponent + b.exponent};
}

Exact Quotient(const Exact& a, const Exact& b) {
  const Exact dividend = Normalized(a);
  const Wide quotient = dividend.magnitude / b.magnitude;
  return {a.is_negative != b.is_negative, quotient, dividend.exponent - b.exponent,
          quotient * b.magnitude != dividend.magnitude};
}

Exact SquareRoot(const Exact& a) {
  Exact square = Normalized(a);
  if ((square.exponent & 1) != 0) {
    square.magnitude >>= 1;  // its lowest bit is a zero that Normalized put there
    ++square.exponent;
  }
  Wide root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const Wide candidate = root | Wide{1} << bit;
    if (candidate * candidate <= square.magnitude) root = candidate;
  }
  return {false, root, square.exponent / 2, root * root != square.magnitude};
}

RoundedFloat RoundedTo(const FloatFormat& format, Rounding rounding, const Exact& value) {
  const int exponent = std::max(value.TopExponent(), format.least_exponent());
  const RoundedInteger rounded =
      Quantized(rounding, value, exponent - static_cast<int>(format.fraction_bits));
  // The leading bit and a carry out of the fraction move into the exponent by themselves.
  const uint64_t biased = static_cast<uint64_t>(exponent - format.least_exponent());
  const Wide bits = rounded.magnitude + (Wide{biased} << format.fraction_bits);
  return {static_cast<uint64_t>(std::min<Wide>(bits, ~uint64_t{0})), rounded.is_inexact};
}

RoundedInteger RoundedToInteger(Rounding rounding, const Exact& value) {
  if (value.IsZero()) return {0, false};
  if (value.TopExponent() >= 100) return {kTooGreat, false};
  return Quantized(rounding, value, 0);
}

}  // namespace emu::testing
