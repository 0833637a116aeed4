// Lifts of Zfa, additional floating point (RISC-V Unprivileged 20240411, chapter 24).
#pragma once

#include <bit>
#include <limits>

#include "translator/guest/riscv64/translate_half.h"
#include "translator/ir/float_evaluate.h"

namespace emu::translator::riscv64 {

// What fli loads; in each format the nearest value, but for kLeast: its least normal number.
inline constexpr uint32_t kLeast = 1;
inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kLoadable[32] = {
    -1.0,   0.0, 0x1p-16, 0x1p-15, 0x1p-8, 0x1p-7, 0.0625, 0.125,  0.25, 0.3125, 0.375,
    0.4375, 0.5, 0.625,   0.75,    0.875,  1.0,    1.25,   1.5,    1.75, 2.0,    2.5,
    3.0,    4.0, 8.0,     16.0,    128.0,  256.0,  0x1p15, 0x1p16, kInf, kNan};
template <Type type>
void LoadConstant(Lifter& l) {
  Unrounded(l, [&] {
    const uint64_t wide = std::bit_cast<uint64_t>(kLoadable[l.rs1()]);
    if (type == Type::kI16) {
      constexpr uint64_t kLeastHalf = 0x0400;
      const uint64_t half = ir::EvaluateFloat(Op::kFToHalf, Type::kI16, Type::kF64,
                                              ir::Rounding::kNearestEven, wide, 0, 0)
                                .bits;
      SetHalfBits(l, l.b.I64(l.rs1() == kLeast ? kLeastHalf : half));
    } else if (type == Type::kF32) {
      const float value = l.rs1() == kLeast ? std::numeric_limits<float>::min()
                                            : static_cast<float>(kLoadable[l.rs1()]);
      SetF(l, l.rd(), l.b.Const(type, std::bit_cast<uint32_t>(value)));
    } else {
      constexpr auto kLeastDouble = std::bit_cast<uint64_t>(std::numeric_limits<double>::min());
      SetF(l, l.rd(), l.b.Const(type, l.rs1() == kLeast ? kLeastDouble : wide));
    }
  });
}

// IEEE 754-2019 minimum and maximum: a NaN wins.
inline Value MinMaxOrNan(Lifter& l, Op op, Value a, Value b) {
  const bool single = a.type == Type::kF32;
  const Type bits = single ? Type::kI32 : Type::kI64;
  const Value nan = l.b.Const(bits, single ? 0x7fc0'0000 : 0x7ff8'0000'0000'0000);
  const Value is_ordered =
      l.b.Binary(Op::kAnd, l.b.Binary(Op::kFEq, a, a), l.b.Binary(Op::kFEq, b, b));
  const Value chosen = l.b.Convert(Op::kBitCast, bits, l.b.Binary(op, a, b));
  return l.b.Convert(Op::kBitCast, a.type, l.b.Select(is_ordered, chosen, nan));
}
template <Op op, Type type>
void FloatMinMaxOrNan(Lifter& l) {
  Unrounded(l,
            [&] { SetF(l, l.rd(), MinMaxOrNan(l, op, F(l, type, l.rs1()), F(l, type, l.rs2()))); });
}
template <Op op>
void HalfMinMaxOrNan(Lifter& l) {
  Unrounded(l, [&] {
    const Value a = Widened(l, Type::kF32, l.rs1());
    SetNarrowed(l, MinMaxOrNan(l, op, a, Widened(l, Type::kF32, l.rs2())), kExact);
  });
}

template <Op op, Type type>
void RoundToIntegral(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) { SetCanon(l, l.b.Unary(op, F(l, type, l.rs1()), rounding)); });
}
template <Op op>
void HalfRoundToIntegral(Lifter& l) {
  Rounded(l, [&](uint8_t rounding) {
    SetNarrowed(l, l.b.Unary(op, Widened(l, Type::kF32, l.rs1()), rounding), kExact);
  });
}

// fcvtmod.w.d: by a helper, as it is JavaScript's and rare.
inline void FloatToModularInt(Lifter& l) {
  Unrounded(l, [&] {
    const Value bits = l.b.Convert(Op::kBitCast, Type::kI64, l.F64(l.rs1()));
    l.SetX(l.rd(), l.CallHelper(HelperId::kFcvtmod, bits));
    l.TouchFloatState();
  });
}

}  // namespace emu::translator::riscv64
