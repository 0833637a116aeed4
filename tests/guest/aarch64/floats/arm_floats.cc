#include "tests/guest/aarch64/floats/arm_floats.h"

#include <initializer_list>

namespace emu::testing {
namespace {

constexpr Exact kTwo = {false, 2, 0, false}, kThree = {false, 3, 0, false};

bool RoundsToInfinity(Rounding rounding, bool is_negative) {
  switch (rounding) {
    case Rounding::kNearestEven:
    case Rounding::kNearestAway:
      return true;
    case Rounding::kUp:
      return !is_negative;
    case Rounding::kDown:
      return is_negative;
    case Rounding::kTowardZero:
    case Rounding::kOdd:
      return false;
  }
  return false;
}

// Less than zero, zero, or more, as a is to b.
int Order(const Exact& a, const Exact& b) {
  const Exact difference = Sum(a, {!b.is_negative, b.magnitude, b.exponent, false});
  if (difference.IsZero()) return 0;
  return difference.is_negative ? -1 : 1;
}

}  // namespace

ArmFloats::Unpacked ArmFloats::Unpack(uint64_t bits) {
  const bool is_negative = (bits & format.sign()) != 0;
  const uint64_t magnitude = bits & (format.sign() - 1);
  if (magnitude > format.infinity()) {
    const bool is_quiet = (bits & format.quiet_bit()) != 0;
    return {is_quiet ? Kind::kQuietNan : Kind::kSignallingNan, is_negative, bits, {}};
  }
  if (magnitude == format.infinity()) return {Kind::kInfinity, is_negative, bits, {}};
  const bool is_subnormal = magnitude != 0 && magnitude < format.least_normal();
  if (is_subnormal && FlushesToZero(format)) {
    if (format.bits != 16) fpsr |= kIdc;
    return {Kind::kZero, is_negative, Zero(is_negative), {}};
  }
  return {magnitude == 0 ? Kind::kZero : Kind::kNumber, is_negative, bits, ExactFrom(format, bits)};
}

// FPUnpackCV: halves are never flushed, and may be alternative ones.
ArmFloats::Unpacked ArmFloats::UnpackForConversion(uint64_t bits) {
  if (format.bits != 16) return Unpack(bits);
  const bool is_alternative = (fpcr_ & kFpcrAhp) != 0;
  const uint64_t magnitude = bits & (format.sign() - 1);
  if (!is_alternative && magnitude >= format.infinity()) return Unpack(bits);
  return {magnitude == 0 ? Kind::kZero : Kind::kNumber, (bits & format.sign()) != 0, bits,
          ExactFrom(format, bits)};
}

ArmFloats::Nan ArmFloats::ProcessNan(const Unpacked& nan) {
  if (nan.kind == Kind::kSignallingNan) fpsr |= kIoc;
  const bool is_default = (fpcr_ & kFpcrDn) != 0;
  return {true, is_default ? DefaultNan(format) : nan.bits | format.quiet_bit()};
}

template <typename... More>
ArmFloats::Nan ArmFloats::ProcessNans(const Unpacked& first, const More&... more) {
  const Unpacked* const operands[] = {&first, &more...};
  for (const Kind kind : {Kind::kSignallingNan, Kind::kQuietNan}) {
    for (const Unpacked* operand : operands) {
      if (operand->kind == kind) return ProcessNan(*operand);
    }
  }
  return {false, 0};
}

uint64_t ArmFloats::Invalid() {
  fpsr |= kIoc;
  return DefaultNan(format);
}

uint64_t ArmFloats::RoundSum(const Exact& value) {
  return value.IsZero() ? Zero(rounding() == Rounding::kDown) : Round(value);
}

// FPRound: tininess is told before rounding, and what is flushed is not inexact.
uint64_t ArmFloats::RoundInto(const FloatFormat& to, Rounding rounding, const Exact& value) {
  if (value.TopExponent() < to.least_exponent() && FlushesToZero(to)) {
    fpsr |= kUfc;
    return Signed(to, value.is_negative, 0);
  }
  return RoundUnflushed(to, rounding, value);
}

uint64_t ArmFloats::RoundUnflushed(const FloatFormat& to, Rounding rounding, const Exact& value) {
  const RoundedFloat rounded = RoundedTo(to, rounding, value);
  const bool is_tiny = value.TopExponent() < to.least_exponent();
  if (is_tiny && rounded.is_inexact) fpsr |= kUfc;
  if (rounded.bits >= to.infinity()) {
    fpsr |= kOfc | kIxc;
    const bool is_infinite = RoundsToInfinity(rounding, value.is_negative);
    return Signed(to, value.is_negative, to.infinity() - (is_infinite ? 0 : 1));
  }
  if (rounded.is_inexact) fpsr |= kIxc;
  return Signed(to, value.is_negative, rounded.bits);
}

// FPRoundCV: halves are never flushed, and may be alternative ones.
uint64_t ArmFloats::RoundConverted(const FloatFormat& to, Rounding rounding, const Exact& value) {
  if (to.bits != 16) return RoundInto(to, rounding, value);
  if ((fpcr_ & kFpcrAhp) == 0) return RoundUnflushed(to, rounding, value);
  const RoundedFloat rounded = RoundedTo(to, rounding, value);
  const uint64_t greatest = to.sign() - 1;
  if (rounded.bits > greatest) {
    fpsr |= kIoc;
    return Signed(to, value.is_negative, greatest);
  }
  const bool is_tiny = value.TopExponent() < to.least_exponent();
  if (rounded.is_inexact) fpsr |= is_tiny ? kUfc | kIxc : kIxc;
  return Signed(to, value.is_negative, rounded.bits);
}

uint64_t ArmFloats::Add(uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  if (const Nan nan = ProcessNans(x, y); nan.is_one) return nan.bits;
  if (x.IsInfinite() && y.IsInfinite() && x.is_negative != y.is_negative) return Invalid();
  if (x.IsInfinite() || y.IsInfinite()) return x.IsInfinite() ? x.bits : y.bits;
  if (x.IsZero() && y.IsZero() && x.is_negative == y.is_negative) return x.bits;
  return RoundSum(Sum(x.value, y.value));
}

uint64_t ArmFloats::Sub(uint64_t a, uint64_t b) {
  // A NaN keeps its sign.
  const bool is_nan = (b & (format.sign() - 1)) > format.infinity();
  return Add(a, is_nan ? b : Negated(b));
}

uint64_t ArmFloats::Mul(uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  if (const Nan nan = ProcessNans(x, y); nan.is_one) return nan.bits;
  const bool is_negative = x.is_negative != y.is_negative;
  if ((x.IsInfinite() && y.IsZero()) || (x.IsZero() && y.IsInfinite())) return Invalid();
  if (x.IsInfinite() || y.IsInfinite()) return Infinity(is_negative);
  if (x.IsZero() || y.IsZero()) return Zero(is_negative);
  return Round(Product(x.value, y.value));
}

uint64_t ArmFloats::MulX(uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  if ((x.IsInfinite() && y.IsZero()) || (x.IsZero() && y.IsInfinite())) {
    Exact two = kTwo;
    two.is_negative = x.is_negative != y.is_negative;
    return Round(two);
  }
  return Mul(a, b);
}

uint64_t ArmFloats::Div(uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  if (const Nan nan = ProcessNans(x, y); nan.is_one) return nan.bits;
  const bool is_negative = x.is_negative != y.is_negative;
  if ((x.IsInfinite() && y.IsInfinite()) || (x.IsZero() && y.IsZero())) return Invalid();
  if (x.IsInfinite()) return Infinity(is_negative);
  if (y.IsZero()) {
    fpsr |= kDzc;
    return Infinity(is_negative);
  }
  if (x.IsZero() || y.IsInfinite()) return Zero(is_negative);
  return Round(Quotient(x.value, y.value));
}

uint64_t ArmFloats::Sqrt(uint64_t a) {
  const Unpacked x = Unpack(a);
  if (x.IsNan()) return ProcessNan(x).bits;
  if (x.IsZero()) return x.bits;
  if (x.is_negative) return Invalid();
  return x.IsInfinite() ? x.bits : Round(SquareRoot(x.value));
}

uint64_t ArmFloats::MulAdd(uint64_t addend, uint64_t a, uint64_t b) {
  const Unpacked z = Unpack(addend), x = Unpack(a), y = Unpack(b);
  const bool is_product_invalid = (x.IsInfinite() && y.IsZero()) || (x.IsZero() && y.IsInfinite());
  const Nan nan = ProcessNans(z, x, y);
  // Even of a quiet addend.
  if (z.kind == Kind::kQuietNan && is_product_invalid) return Invalid();
  if (nan.is_one) return nan.bits;
  const bool is_negative = x.is_negative != y.is_negative;
  const bool is_infinite = x.IsInfinite() || y.IsInfinite();
  if (is_product_invalid || (is_infinite && z.IsInfinite() && z.is_negative != is_negative)) {
    return Invalid();
  }
  if (z.IsInfinite()) return z.bits;
  if (is_infinite) return Infinity(is_negative);
  const bool is_zero = x.IsZero() || y.IsZero();
  if (z.IsZero() && is_zero && z.is_negative == is_negative) return z.bits;
  return RoundSum(Sum(z.value, Product(x.value, y.value)));
}

uint64_t ArmFloats::RecipStepFused(uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(Negated(a)), y = Unpack(b);
  if (const Nan nan = ProcessNans(x, y); nan.is_one) return nan.bits;
  if ((x.IsInfinite() && y.IsZero()) || (x.IsZero() && y.IsInfinite())) return Round(kTwo);
  if (x.IsInfinite() || y.IsInfinite()) return Infinity(x.is_negative != y.is_negative);
  return RoundSum(Sum(kTwo, Product(x.value, y.value)));
}

uint64_t ArmFloats::RSqrtStepFused(uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(Negated(a)), y = Unpack(b);
  if (const Nan nan = ProcessNans(x, y); nan.is_one) return nan.bits;
  if ((x.IsInfinite() && y.IsZero()) || (x.IsZero() && y.IsInfinite())) {
    return Round(kThree.Scaled(-1));
  }
  if (x.IsInfinite() || y.IsInfinite()) return Infinity(x.is_negative != y.is_negative);
  return RoundSum(Sum(kThree, Product(x.value, y.value)).Scaled(-1));
}

uint64_t ArmFloats::Extreme(Which which, uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  if (const Nan nan = ProcessNans(x, y); nan.is_one) return nan.bits;
  const bool wants_less = which == Which::kLeast;
  if (x.IsZero() && y.IsZero()) {
    return Zero(wants_less ? x.is_negative || y.is_negative : x.is_negative && y.is_negative);
  }
  if (x.IsInfinite()) return x.is_negative == wants_less ? x.bits : y.bits;
  if (y.IsInfinite()) return y.is_negative == wants_less ? y.bits : x.bits;
  return (Order(x.value, y.value) < 0) == wants_less ? x.bits : y.bits;
}

uint64_t ArmFloats::ExtremeNumber(Which which, uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  const uint64_t loser = Infinity(which == Which::kGreatest);
  if (x.kind == Kind::kQuietNan && y.kind != Kind::kQuietNan) return Extreme(which, loser, b);
  if (x.kind != Kind::kQuietNan && y.kind == Kind::kQuietNan) return Extreme(which, a, loser);
  return Extreme(which, a, b);
}

uint64_t ArmFloats::RoundInt(Rounding rounding, Exactness exactness, uint64_t a) {
  const Unpacked x = Unpack(a);
  if (x.IsNan()) return ProcessNan(x).bits;
  if (x.IsInfinite() || x.IsZero()) return x.bits;
  const RoundedInteger integer = RoundedToInteger(rounding, x.value);
  if (integer.is_inexact && exactness == Exactness::kTold) fpsr |= kIxc;
  if (integer.magnitude == kTooGreat) return x.bits;
  if (integer.magnitude == 0) return Zero(x.is_negative);
  return Round({x.is_negative, integer.magnitude, 0, false});
}

ArmFloats::Relation ArmFloats::Compare(NanSignals signals, uint64_t a, uint64_t b) {
  const Unpacked x = Unpack(a), y = Unpack(b);
  if (x.IsNan() || y.IsNan()) {
    const bool has_signalling = x.kind == Kind::kSignallingNan || y.kind == Kind::kSignallingNan;
    if (has_signalling || signals == NanSignals::kAlways) fpsr |= kIoc;
    return Relation::kUnordered;
  }
  if (x.bits == y.bits) return Relation::kEqual;
  if (x.IsInfinite()) return x.is_negative ? Relation::kLess : Relation::kGreater;
  if (y.IsInfinite()) return y.is_negative ? Relation::kGreater : Relation::kLess;
  const int order = Order(x.value, y.value);
  return order < 0 ? Relation::kLess : order > 0 ? Relation::kGreater : Relation::kEqual;
}

uint64_t ArmFloats::Convert(const FloatFormat& to, Rounding rounding, uint64_t a) {
  const bool is_alternative = to.bits == 16 && (fpcr_ & kFpcrAhp) != 0;
  const Unpacked x = UnpackForConversion(a);
  if (x.IsNan()) {
    if (x.kind == Kind::kSignallingNan || is_alternative) fpsr |= kIoc;
    if (is_alternative) return Signed(to, x.is_negative, 0);
    if ((fpcr_ & kFpcrDn) != 0) return DefaultNan(to);
    // FPConvertNaN keeps the fraction's highest bits.
    const int narrower = static_cast<int>(format.fraction_bits - to.fraction_bits);
    const uint64_t fraction = x.bits & format.fraction();
    const uint64_t kept = narrower > 0 ? fraction >> narrower : fraction << -narrower;
    return Signed(to, x.is_negative, DefaultNan(to) | kept);
  }
  if (x.IsInfinite()) {
    if (!is_alternative) return Signed(to, x.is_negative, to.infinity());
    fpsr |= kIoc;
    return Signed(to, x.is_negative, to.sign() - 1);
  }
  return x.IsZero() ? Signed(to, x.is_negative, 0) : RoundConverted(to, rounding, x.value);
}

uint64_t ArmFloats::ToFixed(uint32_t bits, bool is_signed, uint32_t fraction, Rounding rounding,
                            uint64_t a) {
  const Unpacked x = Unpack(a);
  const uint64_t ones = ~uint64_t{0} >> (64 - bits);
  if (x.IsNan()) {
    fpsr |= kIoc;
    return 0;
  }
  const RoundedInteger integer =
      x.IsInfinite() ? RoundedInteger{kTooGreat, false}
                     : RoundedToInteger(rounding, x.value.Scaled(static_cast<int>(fraction)));
  const uint64_t greatest = is_signed ? ones >> 1 : ones;
  const uint64_t least = is_signed ? greatest + 1 : 0;  // its magnitude
  const uint64_t limit = x.is_negative ? least : greatest;
  if (integer.magnitude > limit) {
    fpsr |= kIoc;
    return limit;
  }
  if (integer.is_inexact) fpsr |= kIxc;
  const auto magnitude = static_cast<uint64_t>(integer.magnitude);
  return (x.is_negative ? -magnitude : magnitude) & ones;
}

uint64_t ArmFloats::FromFixed(uint32_t bits, bool is_signed, uint32_t fraction, uint64_t a) {
  const uint64_t ones = ~uint64_t{0} >> (64 - bits);
  const bool is_negative = is_signed && (a >> (bits - 1) & 1) != 0;
  const uint64_t magnitude = (is_negative ? -a : a) & ones;
  if (magnitude == 0) return Zero(false);
  return Round({is_negative, magnitude, -static_cast<int>(fraction), false});
}

}  // namespace emu::testing
