#include "translator/ir/exact_float.h"

#include <bit>
#include <cassert>

#include "translator/ir/evaluate.h"

namespace emu::ir {
namespace {

__extension__ using Uint128 = unsigned __int128;

struct Format {
  int precision;  // bits of the significand, the hidden one included
  int min_exponent;
  int exponent_ones;
};
// A half is an i16.
constexpr Format FormatOf(Type type) {
  if (type == Type::kI16) return {11, -14, 0x1f};
  return type == Type::kF32 ? Format{24, -126, 0xff} : Format{53, -1022, 0x7ff};
}

// (-1)^negative * significand * 2^exponent, not zero. The significand's lowest bit may stand for
// all bits below it (a sticky bit), where enough bits lie above.
struct Number {
  bool negative = false;
  int exponent = 0;
  Uint128 significand = 0;
};

constexpr int kTop = 126;  // one bit is left for a carry

int WidthOf(Uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(value));
}

// Shifts right and keeps in the lowest bit whether anything was lost.
Uint128 ShiftRightSticky(Uint128 value, int by) {
  if (by >= 128) return value != 0;
  const Uint128 lost = value & ((Uint128{1} << by) - 1);
  return value >> by | (lost != 0);
}

// The highest one at bit kTop.
Number Normalized(Number number) {
  const int shift = kTop + 1 - WidthOf(number.significand);
  number.significand =
      shift >= 0 ? number.significand << shift : ShiftRightSticky(number.significand, -shift);
  number.exponent -= shift;
  return number;
}

Number Unpack(Type type, uint64_t bits) {
  const Format format = FormatOf(type);
  const uint64_t hidden = uint64_t{1} << (format.precision - 1);
  const auto field = static_cast<int>(bits >> (format.precision - 1)) & format.exponent_ones;
  const uint64_t fraction = bits & (hidden - 1);
  return {.negative = (bits >> (BitsOf(type) - 1) & 1) != 0,
          .exponent = (field == 0 ? format.min_exponent : field - 1 + format.min_exponent) -
                      (format.precision - 1),
          .significand = field == 0 ? fraction : fraction | hidden};
}

bool RoundsAway(Rounding rounding, bool negative, bool is_odd, Uint128 rest, Uint128 half) {
  switch (rounding) {
    case Rounding::kNearestEven:
      return rest > half || (rest == half && is_odd);
    case Rounding::kNearestMaxMagnitude:
      return rest >= half;
    case Rounding::kTowardZero:
      return false;
    case Rounding::kDown:
      return negative && rest != 0;
    case Rounding::kUp:
      return !negative && rest != 0;
    case Rounding::kDynamic:
      break;
  }
  assert(false && "the caller says how");
  return false;
}

struct Rounded {
  uint64_t bits;
  bool is_inexact;
};
// The `keep` highest of a normalized number's bits, rounded.
Rounded RoundTo(int keep, Rounding rounding, bool negative, Uint128 significand) {
  const int drop = kTop + 1 - keep;
  const auto kept = static_cast<uint64_t>(significand >> drop);
  const Uint128 rest = significand & ((Uint128{1} << drop) - 1);
  const Uint128 half = Uint128{1} << (drop - 1);
  const bool away = RoundsAway(rounding, negative, (kept & 1) != 0, rest, half);
  return {kept + away, rest != 0};
}

FloatResult Pack(Type type, Rounding rounding, Number number) {
  const Format format = FormatOf(type);
  number = Normalized(number);
  const int exponent = number.exponent + kTop;
  Uint128 significand = number.significand;
  const int below = format.min_exponent - exponent;
  bool is_tiny = false;
  if (below > 0) {
    // Unless it would round up to the least normal number with an unbounded exponent.
    const uint64_t unbounded =
        RoundTo(format.precision, rounding, number.negative, number.significand).bits;
    is_tiny = below > 1 || unbounded >> format.precision == 0;
    significand = ShiftRightSticky(significand, below);
  }
  const auto [rounded, is_inexact] =
      RoundTo(format.precision, rounding, number.negative, significand);
  uint32_t flags = is_inexact ? kFloatInexact | (is_tiny ? kFloatUnderflow : 0) : 0;
  // The hidden bit, and a carry out of the significand, move the exponent by themselves.
  const int field = below > 0 ? 0 : exponent - format.min_exponent;
  uint64_t bits = rounded + (static_cast<uint64_t>(field) << (format.precision - 1));
  const uint64_t infinity = static_cast<uint64_t>(format.exponent_ones) << (format.precision - 1);
  if (field >= format.exponent_ones || bits >= infinity) {
    flags |= kFloatOverflow | kFloatInexact;
    const bool is_infinite = RoundsAway(rounding, number.negative, true, 1, 1);
    bits = is_infinite ? infinity : infinity - 1;
  }
  return {bits | static_cast<uint64_t>(number.negative) << (BitsOf(type) - 1), flags};
}

Number Add(Number a, Number b) {
  // What is cut off lies far below the rounding position: if the shift loses bits, the sum keeps
  // all but one of its own.
  if (a.significand == 0) return b;
  if (b.significand == 0) return a;
  a = Normalized(a);
  b = Normalized(b);
  if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
    std::swap(a, b);
  }
  const Uint128 addend = ShiftRightSticky(b.significand, a.exponent - b.exponent);
  a.significand = a.negative == b.negative ? a.significand + addend : a.significand - addend;
  return a;
}

Number Multiply(const Number& a, const Number& b) {
  return {a.negative != b.negative, a.exponent + b.exponent, a.significand * b.significand};
}

Number Divide(const Number& a, const Number& b) {
  // 53 bits over 53 bits: the quotient has at least 64.
  const int shift = 127 - WidthOf(a.significand);
  const Uint128 dividend = a.significand << shift;
  const Uint128 quotient = dividend / b.significand;
  const bool is_inexact = dividend % b.significand != 0;
  return {a.negative != b.negative, a.exponent - shift - b.exponent - 1,
          quotient << 1 | static_cast<unsigned>(is_inexact)};
}

Number SquareRoot(Number a) {
  // Of an even power of two, with as many bits as fit: the root has at least 63.
  a = Normalized(a);
  if ((a.exponent & 1) != 0) {
    a.significand >>= 1;  // exact: the lowest bits are zeros
    a.exponent += 1;
  }
  Uint128 rest = a.significand;
  Uint128 root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const Uint128 step = (root << 1 | Uint128{1} << bit) << bit;
    if (step > rest) continue;
    rest -= step;
    root |= Uint128{1} << bit;
  }
  return {false, a.exponent / 2 - 1, root << 1 | (rest != 0)};
}

}  // namespace

FloatResult RoundFinite(Op op, Type result, Type operand, Rounding rounding, uint64_t a, uint64_t b,
                        uint64_t c) {
  const auto number = [operand](uint64_t bits) { return Unpack(operand, bits); };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
    case Op::kFAdd:
      return Pack(result, rounding, Add(number(a), number(b)));
    case Op::kFSub: {
      Number subtrahend = number(b);
      subtrahend.negative = !subtrahend.negative;
      return Pack(result, rounding, Add(number(a), subtrahend));
    }
    case Op::kFMul:
      return Pack(result, rounding, Multiply(number(a), number(b)));
    case Op::kFDiv:
      return Pack(result, rounding, Divide(number(a), number(b)));
    case Op::kFSqrt:
      return Pack(result, rounding, SquareRoot(number(a)));
    case Op::kFMulAdd:
      return Pack(result, rounding, Add(Multiply(number(a), number(b)), number(c)));
    case Op::kFConvert:
    case Op::kFFromHalf:
    case Op::kFToHalf:
      return Pack(result, rounding, number(a));
    case Op::kSToF: {
      const int64_t value = SignedValue(operand, a);
      const auto bits = static_cast<uint64_t>(value);
      return Pack(result, rounding, {value < 0, 0, value < 0 ? 0 - bits : bits});
    }
    case Op::kUToF:
      return Pack(result, rounding, {false, 0, a});
    default:
      break;
  }
#pragma GCC diagnostic pop
  assert(false && "an operation that rounds");
  return {};
}

}  // namespace emu::ir
