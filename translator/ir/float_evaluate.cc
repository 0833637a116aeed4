// Built with -frounding-math: the rounding mode is set at run time.
#include "translator/ir/float_evaluate.h"

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "translator/ir/evaluate.h"
#include "translator/ir/exact_float.h"

namespace emu::ir {
namespace {

int HostRounding(Rounding rounding) {
  switch (rounding) {
    case Rounding::kTowardZero:
      return FE_TOWARDZERO;
    case Rounding::kDown:
      return FE_DOWNWARD;
    case Rounding::kUp:
      return FE_UPWARD;
    case Rounding::kNearestEven:
    case Rounding::kNearestMaxMagnitude:
    case Rounding::kDynamic:
      return FE_TONEAREST;
  }
  return FE_TONEAREST;
}

// Sets the rounding mode with clear flags for its life and gives back the environment after it.
class ScopedEnvironment {
 public:
  explicit ScopedEnvironment(Rounding rounding) {
    std::feholdexcept(&saved_);
    std::fesetround(HostRounding(rounding));
  }
  ~ScopedEnvironment() { std::fesetenv(&saved_); }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

  uint32_t Flags() const {
    const int raised = std::fetestexcept(FE_ALL_EXCEPT);
    return ((raised & FE_INEXACT) != 0 ? kFloatInexact : 0) |
           ((raised & FE_UNDERFLOW) != 0 ? kFloatUnderflow : 0) |
           ((raised & FE_OVERFLOW) != 0 ? kFloatOverflow : 0) |
           ((raised & FE_DIVBYZERO) != 0 ? kFloatDivideByZero : 0) |
           ((raised & FE_INVALID) != 0 ? kFloatInvalid : 0);
  }

 private:
  std::fenv_t saved_;
};

template <typename Float>
using BitsFor = std::conditional_t<sizeof(Float) == 4, uint32_t, uint64_t>;

template <typename Float>
bool IsSignalling(Float value) {
  const auto bits = std::bit_cast<BitsFor<Float>>(value);
  constexpr BitsFor<Float> kQuiet = BitsFor<Float>{1} << (std::numeric_limits<Float>::digits - 2);
  return std::isnan(value) && (bits & kQuiet) == 0;
}

template <typename Float>
FloatResult MinMax(Op op, Float a, Float b) {
  const bool want_max = op == Op::kFMax || op == Op::kFMaxNum || op == Op::kFMaximum;
  const bool is_number = op == Op::kFMin || op == Op::kFMax;
  const bool is_nan = op == Op::kFMinimum || op == Op::kFMaximum;
  const bool signals = IsSignalling(a) || IsSignalling(b);
  const uint32_t flags = signals ? kFloatInvalid : 0;
  const bool unordered = std::isnan(a) || std::isnan(b);
  Float result;
  if (unordered && (is_nan || (signals && !is_number))) {
    result = std::numeric_limits<Float>::quiet_NaN();
  } else if (unordered) {
    result = std::isnan(a) ? b : a;
  } else if (a == b) {
    result = std::signbit(a) == want_max ? b : a;
  } else {
    result = (a < b) == want_max ? b : a;
  }
  return {std::bit_cast<BitsFor<Float>>(result), flags};
}

template <typename Float>
FloatResult Compare(bool signals, Type result, Float a, Float b) {
  if (std::isnan(a) || std::isnan(b)) {
    const bool is_invalid = signals || IsSignalling(a) || IsSignalling(b);
    return {uint64_t{1} << (BitsOf(result) - 1), is_invalid ? kFloatInvalid : 0U};
  }
  return {a < b ? 0U : a == b ? 1U : 2U, 0};
}

template <typename Float>
Float ToIntegral(Rounding rounding, Float a) {
  return rounding == Rounding::kNearestMaxMagnitude ? std::round(a) : std::nearbyint(a);
}

template <typename Float>
FloatResult RoundToIntegral(Rounding rounding, bool tells_inexact, Float a) {
  if (std::isnan(a)) {
    return {std::bit_cast<BitsFor<Float>>(std::numeric_limits<Float>::quiet_NaN()),
            IsSignalling(a) ? kFloatInvalid : 0U};
  }
  const Float integral = ToIntegral(rounding, a);
  const bool is_inexact = tells_inexact && integral != a;
  return {std::bit_cast<BitsFor<Float>>(integral), is_inexact ? kFloatInexact : 0U};
}

// Rounds to an integral value first and then asks whether the target holds it.
template <typename Float>
FloatResult ToInteger(Type result, bool is_signed, Rounding rounding, Float a) {
  const uint32_t width = BitsOf(result);
  const uint64_t maximum =
      is_signed ? (uint64_t{1} << (width - 1)) - 1 : MaskTo(result, ~uint64_t{0});
  const uint64_t minimum = is_signed ? uint64_t{1} << (width - 1) : 0;
  if (std::isnan(a)) return {maximum, kFloatInvalid};
  const Float integral = ToIntegral(rounding, a);
  const Float limit = std::ldexp(Float{1}, static_cast<int>(is_signed ? width - 1 : width));
  if (integral >= limit) return {maximum, kFloatInvalid};
  if (integral < (is_signed ? -limit : Float{0})) return {minimum, kFloatInvalid};
  const uint64_t bits = is_signed ? static_cast<uint64_t>(static_cast<int64_t>(integral))
                                  : static_cast<uint64_t>(integral);
  return {MaskTo(result, bits), integral == a ? 0U : uint32_t{kFloatInexact}};
}

template <typename Float>
FloatResult FromFloat(Op op, Type result, Rounding rounding, Float a, Float b, Float c) {
  const auto bits_of = [](auto value) -> uint64_t {
    return std::bit_cast<BitsFor<decltype(value)>>(value);
  };
  // Volatile keeps the compiler from moving arithmetic across the environment's changes.
  volatile Float x = a;
  volatile Float y = b;
  volatile Float z = c;
  const bool unordered = std::isnan(a) || std::isnan(b);
  const ScopedEnvironment environment(rounding);
  volatile Float value = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kFAdd:
      value = x + y;
      break;
    case Op::kFSub:
      value = x - y;
      break;
    case Op::kFMul:
      value = x * y;
      break;
    case Op::kFDiv:
      value = x / y;
      break;
    case Op::kFSqrt:
      value = std::sqrt(x);
      break;
    case Op::kFMulAdd:
      value = std::fma(x, y, z);
      break;
    case Op::kFRound:
      return RoundToIntegral<Float>(rounding, /*tells_inexact=*/false, a);
    case Op::kFRoundExact:
      return RoundToIntegral<Float>(rounding, /*tells_inexact=*/true, a);
    case Op::kFMin:
    case Op::kFMax:
    case Op::kFMinNum:
    case Op::kFMaxNum:
    case Op::kFMinimum:
    case Op::kFMaximum:
      return MinMax<Float>(op, a, b);
    case Op::kFCompareQuiet:
    case Op::kFCompare:
      return Compare<Float>(op == Op::kFCompare, result, a, b);
    case Op::kFEq:
      return {!unordered && a == b, IsSignalling(a) || IsSignalling(b) ? kFloatInvalid : 0U};
    case Op::kFLtQuiet:
      return {!unordered && a < b, IsSignalling(a) || IsSignalling(b) ? kFloatInvalid : 0U};
    case Op::kFLeQuiet:
      return {!unordered && a <= b, IsSignalling(a) || IsSignalling(b) ? kFloatInvalid : 0U};
    case Op::kFLt:
      return {!unordered && a < b, unordered ? kFloatInvalid : 0U};
    case Op::kFLe:
      return {!unordered && a <= b, unordered ? kFloatInvalid : 0U};
    case Op::kFToS:
      return ToInteger<Float>(result, true, rounding, a);
    case Op::kFToU:
      return ToInteger<Float>(result, false, rounding, a);
    case Op::kFConvert: {
      if (result == Type::kF32) {
        volatile float narrow = static_cast<float>(x);
        return {bits_of(float{narrow}), environment.Flags()};
      }
      volatile double wide = static_cast<double>(x);
      return {bits_of(double{wide}), environment.Flags()};
    }
    default:
      break;
  }
#pragma GCC diagnostic pop
  // The fused operation signals 0 * inf + qNaN on every host alike (IEEE 754-2019 s. 7.2 leaves it
  // open; RISC-V Unprivileged 20240411 s. 20.6 wants it).
  uint32_t flags = environment.Flags();
  if (op == Op::kFMulAdd && ((std::isinf(a) && b == 0) || (a == 0 && std::isinf(b)))) {
    flags |= kFloatInvalid;
  }
  return {bits_of(Float{value}), flags};
}

template <typename Float>
FloatResult FromInteger(Op op, Type operand, Rounding rounding, uint64_t a) {
  const ScopedEnvironment environment(rounding);
  volatile int64_t as_signed = SignedValue(operand, a);
  volatile uint64_t as_unsigned = a;
  volatile Float value =
      op == Op::kSToF ? static_cast<Float>(as_signed) : static_cast<Float>(as_unsigned);
  const Float plain = value;
  return {std::bit_cast<BitsFor<Float>>(plain), environment.Flags()};
}

// Whether the result of `op` is rounded to a floating-point format.
bool RoundsToFormat(Op op) {
  return op == Op::kFAdd || op == Op::kFSub || op == Op::kFMul || op == Op::kFDiv ||
         op == Op::kFSqrt || op == Op::kFMulAdd || op == Op::kFConvert || op == Op::kSToF ||
         op == Op::kUToF;
}

FloatResult EvaluateOnHost(Op op, Type result, Type operand, Rounding rounding, uint64_t a,
                           uint64_t b, uint64_t c) {
  if (op == Op::kSToF || op == Op::kUToF) {
    return result == Type::kF32 ? FromInteger<float>(op, operand, rounding, a)
                                : FromInteger<double>(op, operand, rounding, a);
  }
  if (operand == Type::kF32) {
    const auto as_float = [](uint64_t bits) {
      return std::bit_cast<float>(static_cast<uint32_t>(bits));
    };
    return FromFloat<float>(op, result, rounding, as_float(a), as_float(b), as_float(c));
  }
  return FromFloat<double>(op, result, rounding, std::bit_cast<double>(a), std::bit_cast<double>(b),
                           std::bit_cast<double>(c));
}

// By integers alone: not every host has halves.
FloatResult ConvertHalf(Op op, Type result, Type operand, Rounding rounding, uint64_t a) {
  struct Format {
    uint64_t infinity, quiet, sign;
  };
  const auto format_of = [](Type type) -> Format {
    if (type == Type::kI16) return {0x7c00, 0x200, 0x8000};
    if (type == Type::kF32) return {0x7f80'0000, 0x40'0000, 0x8000'0000};
    return {uint64_t{0x7ff} << 52, uint64_t{1} << 51, uint64_t{1} << 63};
  };
  const Format from = format_of(operand);
  const Format to = format_of(result);
  const uint64_t magnitude = a & ~from.sign;
  const uint64_t sign = (a & from.sign) != 0 ? to.sign : 0;
  if (magnitude > from.infinity) {
    return {to.infinity | to.quiet, (a & from.quiet) == 0 ? uint32_t{kFloatInvalid} : 0};
  }
  if (magnitude == from.infinity) return {sign | to.infinity, 0};
  if (magnitude == 0) return {sign, 0};
  return RoundFinite(op, result, operand, rounding, a, 0, 0);
}

}  // namespace

FloatResult EvaluateFloat(Op op, Type result, Type operand, Rounding rounding, uint64_t a,
                          uint64_t b, uint64_t c) {
  if (op == Op::kFFromHalf || op == Op::kFToHalf)
    return ConvertHalf(op, result, operand, rounding, a);
  const FloatResult on_host = EvaluateOnHost(op, result, operand, rounding, a, b, c);
  // The host rounds ties to even instead, which only an inexact result can show.
  if (rounding == Rounding::kNearestMaxMagnitude && RoundsToFormat(op) &&
      (on_host.flags & kFloatInexact) != 0) {
    return RoundFinite(op, result, operand, rounding, a, b, c);
  }
  return on_host;
}

}  // namespace emu::ir
