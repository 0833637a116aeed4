// Lifts of half precision: Zfh and Zfhmin. A single holds every sum, product, quotient and root of
// halves so well that rounding it again rounds the exact result: 24 >= 2 * 11 + 2 bits (Figueroa,
// "When is double rounding innocuous?", 1995); a product of halves is exact in it. A fused
// operation needs a double, in which the exact sum of a product and a half is either exact or
// nowhere near to where a half would round differently.
#pragma once

#include "translator/guest/riscv64/translate_float.h"

namespace emu::translator::riscv64 {

inline constexpr int64_t kHalfBox = -0x1'0000;

// The low 16 bits are those of the half in f`number`, or of a NaN if there is none.
inline Value HalfBits(Lifter& l, uint32_t number) {
  const Value bits = l.b.Convert(Op::kBitCast, Type::kI64, l.F64(number));
  const Value is_boxed = l.b.Binary(Op::kGeU, bits, l.I64(kHalfBox));
  return l.b.Select(is_boxed, bits, l.I64(0x7e00));
}
// Takes the low 16 bits; all others are lost in the box.
inline void SetHalfBits(Lifter& l, Value bits) {
  const Value boxed = l.b.Binary(Op::kOr, bits, l.I64(kHalfBox));
  l.SetF64(l.rd(), l.b.Convert(Op::kBitCast, Type::kF64, boxed));
}

inline Value Widened(Lifter& l, Type type, uint32_t number) {
  const Value half = l.b.Convert(Op::kTruncate, Type::kI16, HalfBits(l, number));
  return l.b.Convert(Op::kFFromHalf, type, half);
}
inline void SetNarrowed(Lifter& l, Value value, uint8_t rounding) {
  const Value half = l.b.Convert(Op::kFToHalf, Type::kI16, value, rounding);
  SetHalfBits(l, l.b.Convert(Op::kZeroExtend, Type::kI64, half));
}

template <Op op>
void HalfBinary(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    const Value a = Widened(l, Type::kF32, l.rs1());
    const Value b = Widened(l, Type::kF32, l.rs2());
    SetNarrowed(l, l.b.Binary(op, a, b, rounding), rounding);
  });
}
inline void HalfSqrt(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    const Value a = Widened(l, Type::kF32, l.rs1());
    SetNarrowed(l, l.b.Unary(Op::kFSqrt, a, rounding), rounding);
  });
}
template <bool negate_product, bool negate_addend>
void HalfMulAdd(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    Value a = Widened(l, Type::kF64, l.rs1());
    Value c = Widened(l, Type::kF64, l.rs3());
    if (negate_product) a = l.b.Unary(Op::kFNeg, a);
    if (negate_addend) c = l.b.Unary(Op::kFNeg, c);
    const Value b = Widened(l, Type::kF64, l.rs2());
    SetNarrowed(l, l.b.Ternary(Op::kFMulAdd, a, b, c, rounding), rounding);
  });
}

// Exact, whatever the mode.
inline constexpr auto kExact = static_cast<uint8_t>(ir::Rounding::kNearestEven);
template <Op op>
void HalfMinMax(Lifter& l) {
  Unrounded(l, [&] {
    const Value a = Widened(l, Type::kF32, l.rs1());
    SetNarrowed(l, l.b.Binary(op, a, Widened(l, Type::kF32, l.rs2())), kExact);
  });
}
template <Op op>
void HalfCompare(Lifter& l) {
  Unrounded(l, [&] {
    const Value a = Widened(l, Type::kF32, l.rs1());
    l.SetUnsigned(l.rd(), l.b.Binary(op, a, Widened(l, Type::kF32, l.rs2())));
    l.TouchFloatState();
  });
}
template <SignSource source>
void HalfSignInject(Lifter& l) {
  Unrounded(l, [&] {
    constexpr int64_t kSign = 0x8000;
    const Value a = HalfBits(l, l.rs1());
    Value b = HalfBits(l, l.rs2());
    if (source == SignSource::kNegated) b = l.b.Unary(Op::kNot, b);
    b = l.b.Binary(Op::kAnd, b, l.I64(kSign));
    const bool flips = source == SignSource::kXor;
    const Value kept = flips ? a : l.b.Binary(Op::kAndNot, a, l.I64(kSign));
    SetHalfBits(l, l.b.Binary(flips ? Op::kXor : Op::kOr, kept, b));
  });
}

template <Op op, Type to>
void HalfToInt(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    const Value value = l.b.Convert(op, to, Widened(l, Type::kF32, l.rs1()), rounding);
    if (to == Type::kI32) {
      l.SetSigned(l.rd(), value);
    } else {
      l.SetX(l.rd(), value);
    }
    l.TouchFloatState();
  });
}
// Integers that a single does not hold are infinite or the largest of halves.
template <Op op, Type from>
void IntToHalf(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    const Value value = from == Type::kI32 ? l.X32(l.rs1()) : l.X(l.rs1());
    SetNarrowed(l, l.b.Convert(op, Type::kF32, value, rounding), rounding);
  });
}
template <Type from>
void FloatToHalf(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) { SetNarrowed(l, F(l, from, l.rs1()), rounding); });
}
template <Type to>
void HalfToFloat(Lifter& l) {
  Rounded(l, [&](uint8_t) { SetCanon(l, Widened(l, to, l.rs1())); });
}

inline void HalfMoveToInt(Lifter& l) {
  Unrounded(l, [&] {
    const Value half = l.b.Convert(Op::kTruncate, Type::kI16, RawBits(l, l.rs1(), Type::kI64));
    l.SetSigned(l.rd(), half);
  });
}
inline void HalfMoveFromInt(Lifter& l) {
  Unrounded(l, [&] { SetHalfBits(l, l.X(l.rs1())); });
}
inline void HalfClass(Lifter& l) {
  Unrounded(l, [&] { l.SetX(l.rd(), l.CallHelper(HelperId::kFclass16, HalfBits(l, l.rs1()))); });
}
inline void HalfLoad(Lifter& l) {
  Unrounded(l, [&] {
    const Value half = l.b.Load(Type::kI16, l.X(l.rs1()), l.ImmI());
    SetHalfBits(l, l.b.Convert(Op::kZeroExtend, Type::kI64, half));
  });
}
inline void HalfStore(Lifter& l) {
  Unrounded(l, [&] {
    const Value bits = RawBits(l, l.rs2(), Type::kI64);
    l.b.Store(l.X(l.rs1()), l.ImmS(), l.b.Convert(Op::kTruncate, Type::kI16, bits));
  });
}

}  // namespace emu::translator::riscv64
