// Lifts of floating point: F and D.
#pragma once

#include <optional>

#include "translator/guest/riscv64/translate_integer.h"

namespace emu::translator::riscv64 {

// The rounding attribute of an instruction with an rm field at bits 14:12; none if it is reserved,
// or dynamic while frm is (RISC-V Unprivileged 20240411 s. 20.2).
inline std::optional<uint8_t> RoundingOf(const Lifter& l) {
  using enum ir::Rounding;
  switch (l.Bits(14, 12)) {
    case 0:
      return static_cast<uint8_t>(kNearestEven);
    case 1:
      return static_cast<uint8_t>(kTowardZero);
    case 2:
      return static_cast<uint8_t>(kDown);
    case 3:
      return static_cast<uint8_t>(kUp);
    case 4:
      return static_cast<uint8_t>(kNearestMaxMagnitude);
    case 7:
      if (l.mode.rounding == 2) return std::nullopt;
      return static_cast<uint8_t>(l.mode.rounding == 1 ? kNearestMaxMagnitude : kDynamic);
    default:
      return std::nullopt;
  }
}

inline Value F(Lifter& l, Type type, uint32_t number) {
  return type == Type::kF32 ? l.F32(number) : l.F64(number);
}
inline void SetF(Lifter& l, uint32_t number, Value value) {
  if (value.type == Type::kF32) {
    l.SetF32(number, value);
  } else {
    l.SetF64(number, value);
  }
}
inline void SetCanon(Lifter& l, Value value) { SetF(l, l.rd(), l.b.Unary(Op::kCanon, value)); }

// Runs `lift` with the rounding attribute, unless the instruction is illegal now.
template <typename Lift>
void Rounded(Lifter& l, Lift&& lift) {
  const std::optional<uint8_t> rounding = RoundingOf(l);
  if (l.mode.fp_off || !rounding.has_value()) {
    l.Illegal();
  } else {
    lift(*rounding);
  }
}
template <typename Lift>
void Unrounded(Lifter& l, Lift&& lift) {
  if (l.mode.fp_off) {
    l.Illegal();
  } else {
    lift();
  }
}

template <Op op, Type type>
void FloatBinary(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    SetCanon(l, l.b.Binary(op, F(l, type, l.rs1()), F(l, type, l.rs2()), rounding));
  });
}
template <Type type>
void FloatSqrt(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    SetCanon(l, l.b.Unary(Op::kFSqrt, F(l, type, l.rs1()), rounding));
  });
}
// +-(a * b) +- c: negating an operand is exact.
template <Type type, bool negate_product, bool negate_addend>
void FloatMulAdd(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    Value a = F(l, type, l.rs1());
    Value c = F(l, type, l.rs3());
    if (negate_product) a = l.b.Unary(Op::kFNeg, a);
    if (negate_addend) c = l.b.Unary(Op::kFNeg, c);
    SetCanon(l, l.b.Ternary(Op::kFMulAdd, a, F(l, type, l.rs2()), c, rounding));
  });
}
template <Op op, Type type>
void FloatMinMax(Lifter& l) {
  Unrounded(l, [&] { SetCanon(l, l.b.Binary(op, F(l, type, l.rs1()), F(l, type, l.rs2()))); });
}
template <Op op, Type type>
void FloatCompare(Lifter& l) {
  Unrounded(l, [&] {
    l.SetUnsigned(l.rd(), l.b.Binary(op, F(l, type, l.rs1()), F(l, type, l.rs2())));
    l.TouchFloatState();
  });
}

enum class SignSource : uint8_t { kCopy, kNegated, kXor };
template <SignSource source, Type type>
void SignInject(Lifter& l) {
  Unrounded(l, [&] {
    const Type bits = type == Type::kF32 ? Type::kI32 : Type::kI64;
    const uint64_t sign = uint64_t{1} << (ir::BitsOf(bits) - 1);
    const Value a = l.b.Convert(Op::kBitCast, bits, F(l, type, l.rs1()));
    Value b = l.b.Convert(Op::kBitCast, bits, F(l, type, l.rs2()));
    if (source == SignSource::kNegated) b = l.b.Unary(Op::kNot, b);
    const Value mask = l.b.Const(bits, sign);
    const Value kept = source == SignSource::kXor ? a : l.b.Binary(Op::kAndNot, a, mask);
    const Op combine = source == SignSource::kXor ? Op::kXor : Op::kOr;
    const Value result = l.b.Binary(combine, kept, l.b.Binary(Op::kAnd, b, mask));
    SetF(l, l.rd(), l.b.Convert(Op::kBitCast, type, result));
  });
}

template <Op op, Type from, Type to>
void FloatToInt(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    const Value value = l.b.Convert(op, to, F(l, from, l.rs1()), rounding);
    if (to == Type::kI32) {
      l.SetSigned(l.rd(), value);
    } else {
      l.SetX(l.rd(), value);
    }
    l.TouchFloatState();
  });
}
template <Op op, Type from, Type to>
void IntToFloat(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    const Value value = from == Type::kI32 ? l.X32(l.rs1()) : l.X(l.rs1());
    SetF(l, l.rd(), l.b.Convert(op, to, value, rounding));
  });
}
template <Type from, Type to>
void FloatConvert(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    SetCanon(l, l.b.Convert(Op::kFConvert, to, F(l, from, l.rs1()), rounding));
  });
}
// The raw bits, whether boxed or not.
inline Value RawBits(Lifter& l, uint32_t number, Type type) {
  const Value bits = l.b.Convert(Op::kBitCast, Type::kI64, l.F64(number));
  return type == Type::kI64 ? bits : l.b.Convert(Op::kTruncate, Type::kI32, bits);
}
template <Type bits>
void MoveToInt(Lifter& l) {
  Unrounded(l, [&] {
    const Value value = RawBits(l, l.rs1(), bits);
    if (bits == Type::kI32) {
      l.SetSigned(l.rd(), value);
    } else {
      l.SetX(l.rd(), value);
    }
  });
}
template <Type type>
void MoveFromInt(Lifter& l) {
  Unrounded(l, [&] {
    const Value bits = type == Type::kF32 ? l.X32(l.rs1()) : l.X(l.rs1());
    SetF(l, l.rd(), l.b.Convert(Op::kBitCast, type, bits));
  });
}
template <Type type>
void FloatClass(Lifter& l) {
  Unrounded(l, [&] {
    const bool single = type == Type::kF32;
    const Value bits =
        l.b.Convert(Op::kBitCast, single ? Type::kI32 : Type::kI64, F(l, type, l.rs1()));
    l.SetX(l.rd(), l.CallHelper(single ? HelperId::kFclass32 : HelperId::kFclass64, bits));
  });
}

inline void LoadFloat(Lifter& l, Type type, uint32_t to, uint32_t base, int64_t displacement) {
  Unrounded(l, [&] { SetF(l, to, l.b.Load(type, l.X(base), displacement)); });
}
inline void StoreFloat(Lifter& l, Type type, uint32_t from, uint32_t base, int64_t displacement) {
  Unrounded(l, [&] {
    const Type bits = type == Type::kF32 ? Type::kI32 : Type::kI64;
    l.b.Store(l.X(base), displacement, RawBits(l, from, bits));
  });
}
template <Type type>
void FloatLoad(Lifter& l) {
  LoadFloat(l, type, l.rd(), l.rs1(), l.ImmI());
}
template <Type type>
void FloatStore(Lifter& l) {
  StoreFloat(l, type, l.rs2(), l.rs1(), l.ImmS());
}

}  // namespace emu::translator::riscv64
