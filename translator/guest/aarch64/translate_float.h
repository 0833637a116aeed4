// Lifts of scalar floating point. Halves, and what FPCR asks for beyond a rounding mode, are left
// to the vector unit.
#pragma once

#include "translator/guest/aarch64/translate_vector.h"

namespace emu::translator::aarch64 {

// Arm's rules for results (Arm ARM, FPProcessNaNs and FPRound), as the IR has them.
constexpr uint8_t FloatRules(ir::Rounding rounding) {
  return static_cast<uint8_t>(rounding) | ir::kPropagateNan | ir::kTinyBeforeRounding;
}
inline constexpr uint8_t kByFpcr = FloatRules(ir::Rounding::kDynamic);

// The operands' type by the field ftype, halves as their bits; none: the instruction is undefined.
inline std::optional<Type> ScalarType(const Lifter& l) {
  constexpr std::optional<Type> kByType[] = {Type::kF32, Type::kF64, std::nullopt, Type::kI16};
  return kByType[l.Bits(23, 22)];
}
inline Value Scalar(Lifter& l, Type type, uint32_t number) {
  return l.b.Extract(type, l.V(number), 0);
}
// Calls `lift` with the operands' type, f32 or f64, unless the instruction traps or is left to the
// vector unit.
template <typename Lift>
void PlainFloat(Lifter& l, Lift&& lift) {
  const std::optional<Type> type = ScalarType(l);
  if (!l.mode.fp_off && l.mode.plain_floats && type && ir::IsFloat(*type)) return lift(*type);
  ByUnit(l);
  l.flags = {};  // FCMP and its kin set them there
}

template <Op op>
void LiftFloatBinary(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    l.SetScalar(l.rd(), l.b.Binary(op, Scalar(l, type, l.rn()), Scalar(l, type, l.rm()), kByFpcr));
  });
}
inline void LiftFloatNegatedMul(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    const Value product =
        l.b.Binary(Op::kFMul, Scalar(l, type, l.rn()), Scalar(l, type, l.rm()), kByFpcr);
    l.SetScalar(l.rd(), l.b.Unary(Op::kFNeg, product));
  });
}
template <Op op>
void LiftFloatExtreme(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    l.SetScalar(l.rd(), l.b.Binary(op, Scalar(l, type, l.rn()), Scalar(l, type, l.rm()),
                                   ir::kPropagateNan));
  });
}
// FABS and FNEG, which no rule is about.
template <Op op>
void LiftFloatSign(Lifter& l) {
  PlainFloat(l, [&](Type type) { l.SetScalar(l.rd(), l.b.Unary(op, Scalar(l, type, l.rn()))); });
}
template <Op op, ir::Rounding rounding = ir::Rounding::kDynamic>
void LiftFloatUnary(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    l.SetScalar(l.rd(), l.b.Unary(op, Scalar(l, type, l.rn()), FloatRules(rounding)));
  });
}
template <bool negates_product, bool negates_addend>
void LiftFloatMulAdd(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    Value a = Scalar(l, type, l.rn());
    Value addend = Scalar(l, type, l.ra());
    if (negates_product) a = l.b.Unary(Op::kFNeg, a);
    if (negates_addend) addend = l.b.Unary(Op::kFNeg, addend);
    l.SetScalar(l.rd(), l.b.Ternary(Op::kFMulAdd, a, Scalar(l, type, l.rm()), addend, kByFpcr));
  });
}
// Between formats; a half is neither operand nor result of anything else that is lifted.
inline void LiftFloatConvert(Lifter& l) {
  const uint32_t to = l.Bits(16, 15);
  if (ScalarType(l) == Type::kI16 && to < 2 && !l.mode.fp_off && l.mode.plain_floats) {
    const Type result = to == 1 ? Type::kF64 : Type::kF32;
    const Value half = Scalar(l, Type::kI16, l.rn());
    return l.SetScalar(l.rd(), l.b.Convert(Op::kFFromHalf, result, half, ir::kPropagateNan));
  }
  PlainFloat(l, [&](Type type) {
    if (to == l.Bits(23, 22) || to == 2) return l.Undefined();
    const Value a = Scalar(l, type, l.rn());
    const Type result = to == 3 ? Type::kI16 : to == 1 ? Type::kF64 : Type::kF32;
    l.SetScalar(l.rd(), l.b.Convert(to == 3 ? Op::kFToHalf : Op::kFConvert, result, a, kByFpcr));
  });
}
template <Op op, ir::Rounding rounding>
void LiftFloatToGeneral(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    constexpr uint8_t kRules = static_cast<uint8_t>(rounding) | ir::kNanIsZero;
    l.SetX(l.rd(), l.b.Convert(op, l.size(), Scalar(l, type, l.rn()), kRules));
  });
}
template <Op op>
void LiftGeneralToFloat(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    constexpr auto kDynamic = static_cast<uint8_t>(ir::Rounding::kDynamic);
    l.SetScalar(l.rd(), l.b.Convert(op, type, l.R(l.rn()), kDynamic));
  });
}

// Two to the power of `exponent`, within what singles have.
inline Value PowerOfTwo(Lifter& l, Type type, int exponent) {
  const bool is_double = type == Type::kF64;
  const int bias = is_double ? 1023 : 127, fraction_bits = is_double ? 52 : 23;
  return l.b.Const(type, static_cast<uint64_t>(bias + exponent) << fraction_bits);
}
// With 64 - scale bits behind the point; none: there are more than the register has.
inline std::optional<int> PointOf(const Lifter& l) {
  const int fraction = 64 - static_cast<int>(l.Bits(15, 10));
  if (!l.sf() && fraction > 32) return std::nullopt;
  return fraction;
}
// Scaling is exact. Doubles are the vector unit's: scaled, they might overflow.
template <Op op>
void LiftFloatToFixed(Lifter& l) {
  const std::optional<int> fraction = PointOf(l);
  if (!fraction || ScalarType(l) != Type::kF32) return ByUnit(l);
  PlainFloat(l, [&](Type type) {
    constexpr uint8_t kRules = static_cast<uint8_t>(ir::Rounding::kTowardZero) | ir::kNanIsZero;
    const Value wide = l.b.Convert(Op::kFConvert, Type::kF64, Scalar(l, type, l.rn()), kByFpcr);
    const Value scaled = l.b.Binary(Op::kFMul, wide, PowerOfTwo(l, Type::kF64, *fraction), kByFpcr);
    l.SetX(l.rd(), l.b.Convert(op, l.size(), scaled, kRules));
  });
}
template <Op op>
void LiftFixedToFloat(Lifter& l) {
  const std::optional<int> fraction = PointOf(l);
  if (!fraction) return ByUnit(l);
  PlainFloat(l, [&](Type type) {
    constexpr auto kDynamic = static_cast<uint8_t>(ir::Rounding::kDynamic);
    const Value value = l.b.Convert(op, type, l.R(l.rn()), kDynamic);
    l.SetScalar(l.rd(), l.b.Binary(Op::kFMul, value, PowerOfTwo(l, type, -*fraction), kByFpcr));
  });
}

// Comparisons set flags as an integer comparison with 1 does, of what tells the order.
inline constexpr uint64_t kEqualOrder = 1;
template <Op op, bool with_zero>
void LiftFloatCompare(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    const Value b = with_zero ? l.b.Const(type, 0) : Scalar(l, type, l.rm());
    const Value order = l.b.Compare(op, Type::kI64, Scalar(l, type, l.rn()), b);
    const Value equal = l.I64(kEqualOrder);
    l.SetFlags({FlagSource::Kind::kSub, order, equal}, order, equal, l.I64(kFlagCarryIn));
  });
}
// Where the condition does not hold nothing is compared: zeros raise no exception.
template <Op op>
void LiftFloatCondCompare(Lifter& l) {
  PlainFloat(l, [&](Type type) {
    const Value condition = l.Condition(l.Bits(15, 12));
    const auto operand = [&](uint32_t number) {
      return l.b.Select(condition, Scalar(l, type, number), l.b.Const(type, 0));
    };
    const Value order = l.b.Compare(op, Type::kI64, operand(l.rn()), operand(l.rm()));
    const Value equal = l.I64(kEqualOrder);
    const auto pick = [&](Value value, uint64_t otherwise) {
      return l.b.Select(condition, value, l.I64(otherwise));
    };
    l.SetFlags({FlagSource::Kind::kSub, order, equal, condition, l.Bits(3, 0)}, pick(order, 0),
               pick(equal, ~uint64_t{0}), pick(l.I64(kFlagCarryIn), FlagInFor(l.Bits(3, 0))));
  });
}

inline void MoveScalar(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<Type> type = ScalarType(l);
  if (!type) return l.Undefined();
  l.SetScalar(l.rd(), Scalar(l, *type, l.rn()));
}
inline void FloatCondSelect(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<Type> type = ScalarType(l);
  if (!type) return l.Undefined();
  const Value holds = l.Condition(l.Bits(15, 12));
  l.SetScalar(l.rd(), l.b.Select(holds, Scalar(l, *type, l.rn()), Scalar(l, *type, l.rm())));
}
// Arm ARM, VFPExpandImm.
inline void MoveImmediate(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<Type> type = ScalarType(l);
  if (!type) return l.Undefined();
  const uint32_t bits = ir::BitsOf(*type);
  const uint32_t fraction_bits = bits == 64 ? 52 : bits == 32 ? 23 : 10;
  const uint32_t exponent_bits = bits - fraction_bits - 1;
  const uint64_t imm8 = l.Bits(20, 13);
  const bool is_small = (imm8 & 0x40) != 0;
  const uint64_t repeated = is_small ? (uint64_t{1} << (exponent_bits - 3)) - 1 : 0;
  const uint64_t exponent =
      (is_small ? 0 : uint64_t{1} << (exponent_bits - 1)) | repeated << 2 | (imm8 >> 4 & 3);
  l.SetScalar(l.rd(), l.b.Const(*type, (imm8 >> 7) << (bits - 1) | exponent << fraction_bits |
                                           (imm8 & 15) << (fraction_bits - 4)));
}

}  // namespace emu::translator::aarch64
