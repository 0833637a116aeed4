#include "translator/guest/aarch64/float_arithmetic.h"

#include <bit>
#include <cmath>
#include <utility>

#include "translator/guest/aarch64/status_bits.h"

namespace emu::translator::aarch64 {
namespace {

using enum ir::Op;
using ir::FloatResult;
using ir::Rounding;
using ir::Type;

constexpr uint64_t kFpcrAhp = 1 << 26, kFpcrDn = 1 << 25, kFpcrFz = 1 << 24, kFpcrFz16 = 1 << 19;

// Exactly; `bits` is no NaN.
uint64_t AsDouble(const FloatFormat& format, uint64_t bits) {
  if (format.bits == 64) return bits;
  const ir::Op op = format.bits == 16 ? kFFromHalf : kFConvert;
  return EvaluateFloat(op, Type::kF64, format.type, Rounding::kNearestEven, bits, 0, 0).bits;
}

// Into a half by way of a double that is odd where it is inexact: so it is rounded but once.
template <typename Compute>
FloatResult RoundedToHalf(Rounding rounding, Compute&& compute_double) {
  FloatResult wide = compute_double(rounding);
  if ((wide.flags & ir::kFloatInexact) != 0) {
    wide = compute_double(Rounding::kTowardZero);
    wide.bits |= 1;
  }
  FloatResult half = EvaluateFloat(kFToHalf, Type::kI16, Type::kF64, rounding, wide.bits, 0, 0);
  half.flags |= wide.flags & (ir::kFloatInvalid | ir::kFloatDivideByZero);
  return half;
}

// `op` on operands and result of one format.
FloatResult Compute(const FloatFormat& format, ir::Op op, Rounding rounding, uint64_t a, uint64_t b,
                    uint64_t c) {
  if (format.bits != 16) return EvaluateFloat(op, format.type, format.type, rounding, a, b, c);
  const uint64_t x = AsDouble(format, a), y = AsDouble(format, b), z = AsDouble(format, c);
  return RoundedToHalf(rounding, [&](Rounding how) {
    return EvaluateFloat(op, Type::kF64, Type::kF64, how, x, y, z);
  });
}

bool IsProductInvalid(const FloatFormat& format, uint64_t a, uint64_t b) {
  return (format.IsInfinite(a) && format.IsZero(b)) || (format.IsZero(a) && format.IsInfinite(b));
}

// Of a number that is not infinite. No bit is lost where `bits`, if it is less than twice the least
// normal number, is even.
uint64_t HalfOf(const FloatFormat& format, uint64_t bits) {
  const uint64_t magnitude = format.magnitude(bits);
  if (magnitude >= 2 * format.min_normal()) return bits - format.min_normal();
  return (bits & format.sign()) | magnitude >> 1;
}

// As signed magnitudes, by which -0 is less than +0.
int64_t OrderKey(const FloatFormat& format, uint64_t value) {
  const auto magnitude = static_cast<int64_t>(format.magnitude(value));
  return format.IsNegative(value) ? -magnitude - 1 : magnitude;
}

}  // namespace

FloatArithmetic::~FloatArithmetic() {
  if (flags_ != 0) unit_.context.WriteFpFlags(unit_.context.ReadFpFlags() | flags_);
}

Rounding FloatArithmetic::rounding() const {
  constexpr Rounding kByMode[] = {Rounding::kNearestEven, Rounding::kUp, Rounding::kDown,
                                  Rounding::kTowardZero};
  return kByMode[unit_.state.fpcr >> 22 & 3];
}

bool FloatArithmetic::FlushesToZero(const FloatFormat& of) const {
  return (unit_.state.fpcr & (of.bits == 16 ? kFpcrFz16 : kFpcrFz)) != 0;
}

uint64_t FloatArithmetic::Flushed(uint64_t a) {
  if (!FlushesToZero(format) || !format.IsSubnormal(a)) return a;
  if (format.bits != 16) unit_.state.fpsr_kept |= kFpsrIdc;
  return a & format.sign();
}

bool FloatArithmetic::PickNan(std::span<const uint64_t> operands, uint64_t* result) {
  const uint64_t* first = nullptr;
  for (const uint64_t& operand : operands) {
    if (!format.IsNan(operand)) continue;
    const bool is_better =
        first == nullptr || (format.IsSignalling(operand) && !format.IsSignalling(*first));
    if (is_better) first = &operand;
  }
  if (first == nullptr) return false;
  if (format.IsSignalling(*first)) Raise(ir::kFloatInvalid);
  const bool is_default = (unit_.state.fpcr & kFpcrDn) != 0;
  *result = is_default ? format.default_nan() : *first | format.quiet_bit();
  return true;
}

uint64_t FloatArithmetic::Invalid() {
  Raise(ir::kFloatInvalid);
  return format.default_nan();
}

// Arm detects tininess before rounding: by what rounding toward zero leaves.
template <FloatArithmetic::Tiny tiny, typename Compute>
uint64_t FloatArithmetic::Finished(const FloatFormat& to, Rounding rounding, Compute&& compute) {
  const FloatResult result = compute(rounding);
  const bool is_inexact = (result.flags & ir::kFloatInexact) != 0;
  const bool may_be_tiny =
      to.magnitude(result.bits) <= to.min_normal() && (!to.IsZero(result.bits) || is_inexact);
  if (to.IsNan(result.bits)) {
    Raise(result.flags);
    return to.default_nan();
  }
  if (may_be_tiny && to.magnitude(compute(Rounding::kTowardZero).bits) < to.min_normal()) {
    if (tiny == Tiny::kFlushed && FlushesToZero(to)) {
      Raise(ir::kFloatUnderflow);
      return result.bits & to.sign();
    }
    if (is_inexact) Raise(ir::kFloatUnderflow);
  }
  Raise(result.flags);
  return result.bits;
}

uint64_t FloatArithmetic::Unary(ir::Op op, uint64_t a) {
  a = Flushed(a);
  uint64_t nan = 0;
  if (PickNan({&a, 1}, &nan)) return nan;
  return Finished(format, rounding(),
                  [&](Rounding how) { return Compute(format, op, how, a, 0, 0); });
}

uint64_t FloatArithmetic::Binary(ir::Op op, uint64_t a, uint64_t b) {
  const std::array operands = {Flushed(a), Flushed(b)};
  uint64_t nan = 0;
  if (PickNan(operands, &nan)) return nan;
  return Finished(format, rounding(), [&](Rounding how) {
    return Compute(format, op, how, operands[0], operands[1], 0);
  });
}

// FPMulAdd: an invalid product is that before a quiet addend is.
uint64_t FloatArithmetic::MulAdd(uint64_t addend, uint64_t a, uint64_t b) {
  const std::array operands = {Flushed(addend), Flushed(a), Flushed(b)};
  const auto [z, x, y] = operands;
  const bool is_invalid = IsProductInvalid(format, x, y);
  if (is_invalid && format.IsNan(z) && !format.IsSignalling(z)) return Invalid();
  uint64_t nan = 0;
  if (PickNan(operands, &nan)) return nan;
  return Finished(format, rounding(), [&, x = x, y = y, z = z](Rounding how) {
    return Compute(format, kFMulAdd, how, x, y, z);
  });
}

uint64_t FloatArithmetic::ToIntegral(ir::Op op, Rounding rounding, uint64_t a) {
  a = Flushed(a);
  uint64_t nan = 0;
  if (PickNan({&a, 1}, &nan)) return nan;
  if (format.bits != 16) {
    const FloatResult result = EvaluateFloat(op, format.type, format.type, rounding, a, 0, 0);
    Raise(result.flags);
    return result.bits;
  }
  const FloatResult wide =
      EvaluateFloat(op, Type::kF64, Type::kF64, rounding, AsDouble(format, a), 0, 0);
  Raise(wide.flags);
  return EvaluateFloat(kFToHalf, Type::kI16, Type::kF64, rounding, wide.bits, 0, 0).bits;
}

uint64_t FloatArithmetic::MulExtended(uint64_t a, uint64_t b) {
  if (!IsProductInvalid(format, Flushed(a), Flushed(b))) return Binary(kFMul, a, b);
  return ((a ^ b) & format.sign()) | format.two();
}

// 2 - a * b, rounded once.
uint64_t FloatArithmetic::ReciprocalStep(uint64_t a, uint64_t b) {
  const std::array operands = {Flushed(a ^ format.sign()), Flushed(b)};
  uint64_t nan = 0;
  if (PickNan(operands, &nan)) return nan;
  if (IsProductInvalid(format, operands[0], operands[1])) return format.two();
  return Finished(format, rounding(), [&](Rounding how) {
    return Compute(format, kFMulAdd, how, operands[0], operands[1], format.two());
  });
}

// (3 - a * b) / 2, rounded once: the greater factor is halved, or, where both are less than 2, the
// sum. One that is near zero is the exact difference of 3 and a product of two numbers near its
// root: a multiple of a half number's ulp, squared, at 1, which is even among its subnormal ones.
uint64_t FloatArithmetic::ReciprocalRootStep(uint64_t a, uint64_t b) {
  std::array operands = {Flushed(a ^ format.sign()), Flushed(b)};
  uint64_t nan = 0;
  if (PickNan(operands, &nan)) return nan;
  const uint64_t one_and_a_half = format.one() | format.quiet_bit();
  if (IsProductInvalid(format, operands[0], operands[1])) return one_and_a_half;
  if (format.magnitude(operands[0]) < format.magnitude(operands[1])) {
    std::swap(operands[0], operands[1]);
  }
  const bool halves_factor =
      format.magnitude(operands[0]) >= format.two() && !format.IsInfinite(operands[0]);
  if (halves_factor) operands[0] -= format.min_normal();
  const uint64_t addend = halves_factor ? one_and_a_half : one_and_a_half + format.min_normal();
  const bool halves_sum = !halves_factor && !format.IsInfinite(operands[0]);
  return Finished(format, rounding(), [&](Rounding how) {
    FloatResult result = Compute(format, kFMulAdd, how, operands[0], operands[1], addend);
    if (halves_sum) result.bits = HalfOf(format, result.bits);
    return result;
  });
}

uint64_t FloatArithmetic::Extreme(ir::Op max_or_min, Prefer prefer, uint64_t a, uint64_t b) {
  const std::array operands = {Flushed(a), Flushed(b)};
  const auto is_quiet = [this](uint64_t value) {
    return format.IsNan(value) && !format.IsSignalling(value);
  };
  if (prefer == Prefer::kNumber) {
    if (is_quiet(operands[0]) && !format.IsNan(operands[1])) return operands[1];
    if (is_quiet(operands[1]) && !format.IsNan(operands[0])) return operands[0];
  }
  uint64_t nan = 0;
  if (PickNan(operands, &nan)) return nan;
  const bool is_first_greater = OrderKey(format, operands[0]) >= OrderKey(format, operands[1]);
  return operands[is_first_greater == (max_or_min == kFMax) ? 0 : 1];
}

Order FloatArithmetic::Compare(uint64_t a, uint64_t b, Signals signals) {
  a = Flushed(a);
  b = Flushed(b);
  if (format.IsNan(a) || format.IsNan(b)) {
    const bool is_invalid =
        signals == Signals::kOnAnyNan || format.IsSignalling(a) || format.IsSignalling(b);
    if (is_invalid) Raise(ir::kFloatInvalid);
    return Order::kUnordered;
  }
  if (format.IsZero(a) && format.IsZero(b)) return Order::kEqual;
  const int64_t x = OrderKey(format, a), y = OrderKey(format, b);
  return x < y ? Order::kLess : x > y ? Order::kGreater : Order::kEqual;
}

// Alternative half precision: neither infinities nor NaNs, and an exponent more.
uint64_t FloatArithmetic::ToHalfAlternative(uint64_t a) {
  constexpr uint64_t kGreatest = 0x7fff;
  const uint64_t sign = format.IsNegative(a) ? kHalf.sign() : 0;
  if (format.IsNan(a)) {
    Raise(ir::kFloatInvalid);
    return sign;
  }
  const double value = std::fabs(std::bit_cast<double>(AsDouble(format, a)));
  const bool is_halved = value >= 0x1p15;
  const uint64_t scaled =
      std::bit_cast<uint64_t>(is_halved ? value / 2 : value) | (sign != 0 ? kDouble.sign() : 0);
  const auto compute = [&](Rounding how) {
    return EvaluateFloat(kFToHalf, Type::kI16, Type::kF64, how, scaled, 0, 0);
  };
  if (!is_halved) return Finished<Tiny::kKept>(kHalf, rounding(), compute);
  const FloatResult half = compute(rounding());
  const bool is_too_great = kHalf.IsInfinite(half.bits) || value >= 0x1p17;
  if (is_too_great) {
    Raise(ir::kFloatInvalid);
    return sign | kGreatest;
  }
  Raise(half.flags);
  return half.bits + kHalf.min_normal();
}

// FPConvert. FZ16 has no say in it.
uint64_t FloatArithmetic::ConvertTo(const FloatFormat& to, uint64_t a) {
  const bool is_alternative = (unit_.state.fpcr & kFpcrAhp) != 0;
  if (format.bits != 16) a = Flushed(a);
  if (to.bits == 16 && is_alternative) return ToHalfAlternative(a);
  const uint64_t sign = format.IsNegative(a) ? to.sign() : 0;
  if (format.bits == 16 && is_alternative && format.magnitude(a) >= format.infinity()) {
    const uint64_t half = AsDouble(format, format.magnitude(a) - format.min_normal());
    const uint64_t value = half + kDouble.min_normal();
    if (to.bits == 64) return sign | value;
    return sign | EvaluateFloat(kFConvert, to.type, Type::kF64, rounding(), value, 0, 0).bits;
  }
  if (format.IsNan(a)) {
    if (format.IsSignalling(a)) Raise(ir::kFloatInvalid);
    if ((unit_.state.fpcr & kFpcrDn) != 0) return to.default_nan();
    // Fractions are aligned by their highest bits.
    const uint64_t fraction = (a & format.fraction_mask()) << (64 - format.fraction_bits);
    return sign | to.default_nan() | fraction >> (64 - to.fraction_bits);
  }
  const ir::Op op = format.bits == 16 ? kFFromHalf : to.bits == 16 ? kFToHalf : kFConvert;
  const auto compute = [&](Rounding how) {
    return EvaluateFloat(op, to.type, format.type, how, a, 0, 0);
  };
  return to.bits == 16 ? Finished<Tiny::kKept>(to, rounding(), compute)
                       : Finished(to, rounding(), compute);
}

uint64_t FloatArithmetic::ConvertToSingleOdd(uint64_t a) {
  if (format.IsNan(a)) return ConvertTo(kSingle, a);
  a = Flushed(a);
  return Finished(kSingle, Rounding::kTowardZero, [&](Rounding how) {
    FloatResult result = EvaluateFloat(kFConvert, Type::kF32, Type::kF64, how, a, 0, 0);
    if ((result.flags & ir::kFloatInexact) != 0) result.bits |= 1;
    return result;
  });
}

uint64_t FloatArithmetic::ToInteger(uint32_t bits, bool is_signed, Rounding rounding,
                                    uint32_t fraction, uint64_t a) {
  a = Flushed(a);
  if (format.IsNan(a)) {
    Raise(ir::kFloatInvalid);
    return 0;
  }
  const double scaled =
      std::ldexp(std::bit_cast<double>(AsDouble(format, a)), static_cast<int>(fraction));
  const Type to = bits == 64 ? Type::kI64 : bits == 32 ? Type::kI32 : Type::kI16;
  const FloatResult result = EvaluateFloat(is_signed ? kFToS : kFToU, to, Type::kF64, rounding,
                                           std::bit_cast<uint64_t>(scaled), 0, 0);
  Raise(result.flags);
  return result.bits;
}

uint64_t FloatArithmetic::FromInteger(uint32_t bits, bool is_signed, uint32_t fraction,
                                      uint64_t a) {
  const uint64_t value =
      is_signed ? static_cast<uint64_t>(SignedLane(a, bits)) : a & LaneMask(bits);
  const ir::Op op = is_signed ? kSToF : kUToF;
  const auto convert = [&](const FloatFormat& to, Rounding how) {
    FloatResult result = EvaluateFloat(op, to.type, Type::kI64, how, value, 0, 0);
    if (!to.IsZero(result.bits)) result.bits -= fraction * to.min_normal();
    return result;
  };
  return Finished(format, rounding(), [&](Rounding how) {
    if (format.bits != 16) return convert(format, how);
    return RoundedToHalf(how, [&](Rounding wide) { return convert(kDouble, wide); });
  });
}

}  // namespace emu::translator::aarch64
