// Which NaN a result is, and what is tiny: see types.h.
#include <initializer_list>

#include "translator/ir/float_evaluate.h"

namespace emu::ir {
namespace {

// The formats, an i16 being a half.
struct Format {
  uint32_t bits, fraction_bits;
  constexpr uint64_t sign() const { return uint64_t{1} << (bits - 1); }
  constexpr uint64_t least_normal() const { return uint64_t{1} << fraction_bits; }
  constexpr uint64_t infinity() const { return (sign() - 1) & ~(least_normal() - 1); }
  constexpr uint64_t quiet() const { return least_normal() >> 1; }
  constexpr uint64_t MagnitudeOf(uint64_t value) const { return value & (sign() - 1); }
  constexpr bool IsNan(uint64_t value) const { return MagnitudeOf(value) > infinity(); }
};
constexpr Format FormatOf(Type type) {
  if (type == Type::kI16) return {16, 10};
  if (type == Type::kF32) return {32, 23};
  return {64, 52};
}

// The sign and the upper bits of the payload, made quiet.
uint64_t Converted(const Format& from, const Format& to, uint64_t nan) {
  const uint64_t payload = nan & (from.least_normal() - 1);
  const uint64_t kept = to.fraction_bits >= from.fraction_bits
                            ? payload << (to.fraction_bits - from.fraction_bits)
                            : payload >> (from.fraction_bits - to.fraction_bits);
  const uint64_t sign = (nan & from.sign()) != 0 ? to.sign() : 0;
  return sign | to.infinity() | to.quiet() | kept;
}

uint64_t PropagatedNan(const FloatOperation& operation, uint64_t a, uint64_t b, uint64_t c) {
  const Format from = FormatOf(operation.operand);
  const Format to = FormatOf(operation.result);
  const uint64_t none = from.infinity();
  std::initializer_list<uint64_t> operands = {a, b};
  uint64_t first = none;
  if (operation.op == Op::kFMulAdd) {
    const uint64_t x = from.MagnitudeOf(a);
    const uint64_t y = from.MagnitudeOf(b);
    const bool is_invalid = (x == 0 && y == from.infinity()) || (x == from.infinity() && y == 0);
    first = is_invalid && (c & from.quiet()) != 0 ? none : c;
  }
  const auto choose = [&](bool signalling) {
    const auto fits = [&](uint64_t value) {
      return from.IsNan(value) && ((value & from.quiet()) == 0) == signalling;
    };
    if (fits(first)) return first;
    for (const uint64_t operand : operands) {
      if (fits(operand)) return operand;
    }
    return none;
  };
  uint64_t nan = choose(/*signalling=*/true);
  if (nan == none) nan = choose(/*signalling=*/false);
  return nan == none ? to.infinity() | to.quiet() : Converted(from, to, nan);
}

bool IsUnary(Op op) { return InfoOf(op).operand_count == 1; }

}  // namespace

FloatResult EvaluateFloat(const FloatOperation& operation, Rounding current, uint64_t a, uint64_t b,
                          uint64_t c) {
  const auto& [op, result, operand, attr] = operation;
  const Rounding wanted = RoundingOf(attr);
  const Rounding rounding = wanted == Rounding::kDynamic ? current : wanted;
  FloatResult computed = EvaluateFloat(op, result, operand, rounding, a, b, c);
  const Format format = FormatOf(result);
  if ((attr & kNanIsZero) != 0 && FormatOf(operand).IsNan(a)) computed.bits = 0;
  if ((attr & kTinyBeforeRounding) != 0 && (computed.flags & kFloatInexact) != 0 &&
      format.MagnitudeOf(computed.bits) == format.least_normal()) {
    // Was it below before it was rounded up?
    const FloatResult cut = EvaluateFloat(op, result, operand, Rounding::kTowardZero, a, b, c);
    if (format.MagnitudeOf(cut.bits) < format.least_normal()) computed.flags |= kFloatUnderflow;
  }
  if ((attr & kPropagateNan) != 0 && format.IsNan(computed.bits)) {
    computed.bits = PropagatedNan(operation, a, IsUnary(op) ? a : b, c);
  }
  return computed;
}

}  // namespace emu::ir
