// Integer operations on all lanes of vectors, as IR (Arm ARM C7.2). The forms of
// translate_vector_forms.h apply them.
#pragma once

#include "translator/guest/aarch64/lifter.h"
#include "translator/guest/aarch64/vector_fields.h"

namespace emu::translator::aarch64 {

// Of vn and vm, lane by lane; what accumulates reads vd itself.
using VectorOperation = Value (*)(Lifter& l, Type lane, Value a, Value b);

constexpr Type WiderLane(Type lane) { return static_cast<Type>(static_cast<uint32_t>(lane) + 1); }
// `bits` in each lane.
inline Value InLanes(Lifter& l, Type lane, uint64_t bits) {
  uint64_t half = bits & (~uint64_t{0} >> (64 - ir::BitsOf(lane)));
  for (uint32_t width = ir::BitsOf(lane); width < 64; width *= 2) half |= half << width;
  return l.b.Const(Type::kV128, half);
}
inline Value ShiftLanes(Lifter& l, Op op, Type lane, Value a, uint32_t count) {
  if (count < ir::BitsOf(lane)) return l.b.Vector(op, lane, a, {}, {}, count);
  if (op != Op::kVShrS) return l.b.Const(Type::kV128, 0);
  return l.b.Vector(op, lane, a, {}, {}, ir::BitsOf(lane) - 1);
}
inline Value Inverted(Lifter& l, Value value) {
  return l.b.Vector(Op::kVXor, Type::kI64, value, l.b.Const(Type::kV128, ~uint64_t{0}));
}

namespace lanes {

template <Op op>
Value Plain(Lifter& l, Type lane, Value a, Value b) {
  return l.b.Vector(op, lane, a, b);
}
template <Op op>
Value One(Lifter& l, Type lane, Value a, Value) {
  return l.b.Vector(op, lane, a);
}
// With the operands the other way round.
template <VectorOperation operation>
Value Swapped(Lifter& l, Type lane, Value a, Value b) {
  return operation(l, lane, b, a);
}
template <Op sum, VectorOperation operation>
Value Accumulated(Lifter& l, Type lane, Value a, Value b) {
  return l.b.Vector(sum, lane, l.V(l.rd()), operation(l, lane, a, b));
}
inline Value Negated(Lifter& l, Type lane, Value a, Value) {
  return l.b.Vector(Op::kVSub, lane, l.b.Const(Type::kV128, 0), a);
}
inline Value Not(Lifter& l, Type, Value a, Value) { return Inverted(l, a); }
inline Value Tests(Lifter& l, Type lane, Value a, Value b) {
  const Value both = l.b.Vector(Op::kVAnd, lane, a, b);
  return Inverted(l, l.b.Vector(Op::kVEq, lane, both, l.b.Const(Type::kV128, 0)));
}
template <Op max, Op min>
Value Distance(Lifter& l, Type lane, Value a, Value b) {
  return l.b.Vector(Op::kVSub, lane, l.b.Vector(max, lane, a, b), l.b.Vector(min, lane, a, b));
}
// Half of a + b or of a - b, which may have a bit more: by those that are in one alone.
template <Op shift>
Value HalvedSum(Lifter& l, Type lane, Value a, Value b) {
  const Value differs = ShiftLanes(l, shift, lane, l.b.Vector(Op::kVXor, lane, a, b), 1);
  return l.b.Vector(Op::kVAdd, lane, l.b.Vector(Op::kVAnd, lane, a, b), differs);
}
template <Op shift>
Value HalvedSumRounded(Lifter& l, Type lane, Value a, Value b) {
  const Value differs = ShiftLanes(l, shift, lane, l.b.Vector(Op::kVXor, lane, a, b), 1);
  return l.b.Vector(Op::kVSub, lane, l.b.Vector(Op::kVOr, lane, a, b), differs);
}
template <Op shift>
Value HalvedDifference(Lifter& l, Type lane, Value a, Value b) {
  const Value differs = ShiftLanes(l, shift, lane, l.b.Vector(Op::kVXor, lane, a, b), 1);
  return l.b.Vector(Op::kVSub, lane, differs, l.b.Vector(Op::kVAndNot, lane, b, a));
}

// Shifts by the signed low byte of b's lanes: to the right by what is negative.
template <Op shift_right, Rounds rounds>
Value ShiftedBySigned(Lifter& l, Type lane, Value a, Value b) {
  const Value byte = InLanes(l, lane, 0xff), one = InLanes(l, lane, 1);
  const Value count = l.b.Vector(Op::kVAnd, lane, b, byte);
  const Value right_count = l.b.Vector(Op::kVAnd, lane, Negated(l, lane, b, {}), byte);
  const Value left = l.b.Vector(Op::kVShlLanes, lane, a, count);
  Value right = l.b.Vector(shift_right, lane, a, right_count);
  if (rounds == Rounds::kYes) {
    const Value below =
        l.b.Vector(shift_right, lane, a, l.b.Vector(Op::kVSub, lane, right_count, one));
    right = l.b.Vector(Op::kVAdd, lane, right, l.b.Vector(Op::kVAnd, lane, below, one));
  }
  const Value sign = l.b.Vector(Op::kVAnd, lane, b, InLanes(l, lane, 0x80));
  const Value is_left = l.b.Vector(Op::kVEq, lane, sign, l.b.Const(Type::kV128, 0));
  return l.b.Vector(Op::kVBitSelect, lane, is_left, left, right);
}

// How many bits below the sign are as it is.
inline Value SignBits(Lifter& l, Type lane, Value a, Value) {
  const Value changes = l.b.Vector(Op::kVXor, lane, a, ShiftLanes(l, Op::kVShrS, lane, a, 1));
  return l.b.Vector(Op::kVSub, lane, l.b.Vector(Op::kVClz, lane, changes), InLanes(l, lane, 1));
}

inline constexpr VectorOperation kAdd = Plain<Op::kVAdd>, kSub = Plain<Op::kVSub>,
                                 kMul = Plain<Op::kVMul>, kMla = Accumulated<Op::kVAdd, kMul>,
                                 kMls = Accumulated<Op::kVSub, kMul>,
                                 kSAbd = Distance<Op::kVMaxS, Op::kVMinS>,
                                 kUAbd = Distance<Op::kVMaxU, Op::kVMinU>,
                                 kSAba = Accumulated<Op::kVAdd, kSAbd>,
                                 kUAba = Accumulated<Op::kVAdd, kUAbd>;

}  // namespace lanes

// Both lanes of a wider one, extended to it: even (lower) and odd.
inline Value EvenExtended(Lifter& l, Type lane, Sign sign, Value a) {
  const uint32_t bits = ir::BitsOf(lane);
  const Type wide = WiderLane(lane);
  const Op shift = sign == Sign::kSigned ? Op::kVShrS : Op::kVShrU;
  return ShiftLanes(l, shift, wide, ShiftLanes(l, Op::kVShl, wide, a, bits), bits);
}
inline Value OddExtended(Lifter& l, Type lane, Sign sign, Value a) {
  const Op shift = sign == Sign::kSigned ? Op::kVShrS : Op::kVShrU;
  return ShiftLanes(l, shift, WiderLane(lane), a, ir::BitsOf(lane));
}

// The lower or the upper half of a's lanes, extended to twice their width.
enum class Half : uint8_t { kLower, kUpper };
inline Value Widened(Lifter& l, Type lane, Sign sign, Half half, Value a) {
  constexpr Op kOps[2][2] = {{Op::kVWidenLowU, Op::kVWidenHighU},
                             {Op::kVWidenLowS, Op::kVWidenHighS}};
  return l.b.Vector(kOps[static_cast<uint32_t>(sign)][static_cast<uint32_t>(half)], lane, a);
}
// Their products with b's, in full.
inline Value WidenedProduct(Lifter& l, Type lane, Sign sign, Half half, Value a, Value b) {
  const Op zip = half == Half::kUpper ? Op::kVZipHigh : Op::kVZipLow;
  if (lane == Type::kI32) {
    const Op multiply = sign == Sign::kSigned ? Op::kVMulEvenS : Op::kVMulEvenU;
    return l.b.Vector(multiply, lane, l.b.Vector(zip, lane, a, a), l.b.Vector(zip, lane, b, b));
  }
  if (lane == Type::kI16) {
    const Op high = sign == Sign::kSigned ? Op::kVMulHighS : Op::kVMulHighU;
    return l.b.Vector(zip, lane, l.b.Vector(Op::kVMul, lane, a, b), l.b.Vector(high, lane, a, b));
  }
  return l.b.Vector(Op::kVMul, Type::kI16, Widened(l, lane, sign, half, a),
                    Widened(l, lane, sign, half, b));
}

}  // namespace emu::translator::aarch64
