// Instructions of scalar floating point (Arm ARM C4.1.94), for VectorUnit.
#pragma once

#include "translator/guest/aarch64/float_arithmetic.h"

namespace emu::translator::aarch64 {

// By the field ftype: 0 single, 1 double, 3 half; nullptr: the instruction is undefined.
const FloatFormat* FormatOf(uint32_t ftype);

// One lane of each operand. d: of the destination, as it was, or the addend.
struct FloatLanes {
  uint64_t a, b = 0, d = 0;
};
using FloatOperation = uint64_t (*)(FloatArithmetic&, const FloatLanes&);

namespace float_lane {

using Arithmetic = FloatArithmetic;
inline uint64_t AllIf(bool condition) { return condition ? ~uint64_t{0} : 0; }

template <ir::Op op>
uint64_t Binary(Arithmetic& f, const FloatLanes& l) {
  return f.Binary(op, l.a, l.b);
}
inline uint64_t NegatedMul(Arithmetic& f, const FloatLanes& l) {
  return f.Binary(ir::Op::kFMul, l.a, l.b) ^ f.format.sign();
}
inline uint64_t MulExtended(Arithmetic& f, const FloatLanes& l) { return f.MulExtended(l.a, l.b); }
inline uint64_t Difference(Arithmetic& f, const FloatLanes& l) {
  return f.format.magnitude(f.Binary(ir::Op::kFSub, l.a, l.b));
}
template <ir::Op op, Arithmetic::Prefer prefer>
uint64_t Extreme(Arithmetic& f, const FloatLanes& l) {
  return f.Extreme(op, prefer, l.a, l.b);
}
template <bool negates_product, bool negates_addend>
uint64_t MulAdd(Arithmetic& f, const FloatLanes& l) {
  const uint64_t sign = f.format.sign();
  return f.MulAdd(negates_addend ? l.d ^ sign : l.d, negates_product ? l.a ^ sign : l.a, l.b);
}
inline uint64_t RecipStep(Arithmetic& f, const FloatLanes& l) { return f.ReciprocalStep(l.a, l.b); }
inline uint64_t RootStep(Arithmetic& f, const FloatLanes& l) {
  return f.ReciprocalRootStep(l.a, l.b);
}
inline uint64_t RecipEstimate(Arithmetic& f, const FloatLanes& l) {
  return f.ReciprocalEstimate(l.a);
}
inline uint64_t RootEstimate(Arithmetic& f, const FloatLanes& l) {
  return f.ReciprocalRootEstimate(l.a);
}
inline uint64_t RecipExponent(Arithmetic& f, const FloatLanes& l) {
  return f.ReciprocalExponent(l.a);
}
inline uint64_t Sqrt(Arithmetic& f, const FloatLanes& l) { return f.Unary(ir::Op::kFSqrt, l.a); }
inline uint64_t Abs(Arithmetic& f, const FloatLanes& l) { return f.format.magnitude(l.a); }
inline uint64_t Neg(Arithmetic& f, const FloatLanes& l) { return l.a ^ f.format.sign(); }
template <ir::Rounding rounding, ir::Op op = ir::Op::kFRound>
uint64_t Round(Arithmetic& f, const FloatLanes& l) {
  const ir::Rounding how = rounding == ir::Rounding::kDynamic ? f.rounding() : rounding;
  return f.ToIntegral(op, how, l.a);
}
// Comparisons, of magnitudes or not, into all ones or zero.
inline uint64_t CmEq(Arithmetic& f, const FloatLanes& l) {
  return AllIf(f.Compare(l.a, l.b, Arithmetic::Signals::kOnSignalling) == Order::kEqual);
}
template <bool or_equal, bool of_magnitudes = false>
uint64_t CmGreater(Arithmetic& f, const FloatLanes& l) {
  const uint64_t a = of_magnitudes ? f.format.magnitude(l.a) : l.a;
  const uint64_t b = of_magnitudes ? f.format.magnitude(l.b) : l.b;
  const Order order = f.Compare(a, b, Arithmetic::Signals::kOnAnyNan);
  return AllIf(order == Order::kGreater || (or_equal && order == Order::kEqual));
}
template <bool or_equal>
uint64_t CmLess(Arithmetic& f, const FloatLanes& l) {
  return CmGreater<or_equal>(f, {l.b, l.a});
}
// Conversions in place: from and to integers as wide as the format.
template <ir::Rounding rounding, bool is_signed>
uint64_t ToInteger(Arithmetic& f, const FloatLanes& l) {
  return f.ToInteger(f.format.bits, is_signed, rounding, 0, l.a);
}
template <bool is_signed>
uint64_t FromInteger(Arithmetic& f, const FloatLanes& l) {
  return f.FromInteger(f.format.bits, is_signed, 0, l.a);
}

}  // namespace float_lane

// vd = operation(vn, vm, va).
template <FloatOperation operation>
void ScalarFloat(VectorUnit& unit) {
  const FloatFormat* format = FormatOf(unit.size());
  if (format == nullptr) return unit.Undefined();
  FloatArithmetic arithmetic(unit, *format);
  const auto operand = [&](uint32_t number) {
    return LaneOf(unit.state.v[number], format->bits, 0);
  };
  unit.SetScalar(
      operation(arithmetic, {operand(unit.rn()), operand(unit.rm()), operand(unit.ra())}));
}
// Into NZCV. Of rm, bit 3 of `opcode2` says that it is 0.0, bit 4 that a quiet NaN signals.
void FloatCompare(VectorUnit& unit);
void FloatCondCompare(VectorUnit& unit);
void FloatConvert(VectorUnit& unit);  // between formats

// To and from general registers; kFixed: with 64 - scale bits behind the point.
enum class Point : uint8_t { kNone, kFixed };
void FloatToGeneral(VectorUnit& unit, ir::Rounding rounding, bool is_signed, Point point);
void GeneralToFloat(VectorUnit& unit, bool is_signed, Point point);
template <ir::Rounding rounding, bool is_signed, Point point = Point::kNone>
void ToGeneral(VectorUnit& unit) {
  FloatToGeneral(unit, rounding, is_signed, point);
}
template <bool is_signed, Point point = Point::kNone>
void FromGeneral(VectorUnit& unit) {
  GeneralToFloat(unit, is_signed, point);
}

}  // namespace emu::translator::aarch64
