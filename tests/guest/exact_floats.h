// Arithmetic on binary floating-point numbers, exact and then rounded once: in integers, so that it
// shares nothing with the host's floating-point unit. What a guest makes of NaNs, infinities and
// subnormals is its own reference's.
#pragma once

#include <cstdint>

namespace emu::testing {

__extension__ using Wide = unsigned __int128;

struct FloatFormat {
  uint32_t bits, fraction_bits;
  constexpr uint64_t sign() const { return uint64_t{1} << (bits - 1); }
  constexpr uint64_t least_normal() const { return uint64_t{1} << fraction_bits; }
  constexpr uint64_t fraction() const { return least_normal() - 1; }
  constexpr uint64_t infinity() const { return sign() - least_normal(); }
  constexpr uint64_t quiet_bit() const { return least_normal() >> 1; }
  constexpr int bias() const { return static_cast<int>(infinity() >> fraction_bits) / 2; }
  constexpr int least_exponent() const { return 1 - bias(); }
};
inline constexpr FloatFormat kHalf = {16, 10}, kSingle = {32, 23}, kDouble = {64, 52};

enum class Rounding : uint8_t { kNearestEven, kUp, kDown, kTowardZero, kNearestAway, kOdd };

// magnitude * 2^exponent, and with `is_more` beyond that less than 2^exponent.
struct Exact {
  bool is_negative = false;
  Wide magnitude = 0;
  int exponent = 0;
  bool is_more = false;

  bool IsZero() const { return magnitude == 0 && !is_more; }
  // Of the power of two that the magnitude, not 0, is at least.
  int TopExponent() const;
  Exact Scaled(int by) const { return {is_negative, magnitude, exponent + by, is_more}; }
};

// Of bits that are a number; an exponent of all ones counts as any other.
Exact ExactFrom(const FloatFormat& format, uint64_t bits);

// Operands are exact, with 64 bits at most but for those of Sum, which may be products. Quotients
// and roots are of positive magnitudes. More bits remain than any format has.
Exact Sum(Exact a, Exact b);
Exact Product(const Exact& a, const Exact& b);
Exact Quotient(const Exact& a, const Exact& b);
Exact SquareRoot(const Exact& a);

struct RoundedFloat {
  uint64_t bits;  // beyond the format's infinity, without a bound to the exponent, where too great
  bool is_inexact;
};
// Without the sign.
RoundedFloat RoundedTo(const FloatFormat& format, Rounding rounding, const Exact& value);

struct RoundedInteger {
  Wide magnitude;  // kTooGreat at most
  bool is_inexact;
};
inline constexpr Wide kTooGreat = Wide{1} << 100;
RoundedInteger RoundedToInteger(Rounding rounding, const Exact& value);

}  // namespace emu::testing
