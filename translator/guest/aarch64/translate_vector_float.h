// Lifts of floating point on vectors. Halves, and what FPCR asks for beyond a rounding mode, are
// left to the vector unit.
#pragma once

#include "translator/guest/aarch64/translate_float.h"
#include "translator/guest/aarch64/translate_vector_forms.h"

namespace emu::translator::aarch64 {

// Lanes of singles or doubles, by bit 22; and integers of their width.
inline Type FloatLane(const Lifter& l) { return l.Bit(22) ? Type::kF64 : Type::kF32; }
inline Type IntegerLane(const Lifter& l) { return l.Bit(22) ? Type::kI64 : Type::kI32; }
// Calls `lift` unless the instruction traps, is reserved or is left to the vector unit.
template <typename Lift>
void PlainVectorFloat(Lifter& l, Lift&& lift) {
  const bool is_lonely = l.Bit(22) && !l.Bit(30);
  if (l.mode.fp_off || !l.mode.plain_floats || is_lonely) return ByUnit(l);
  lift();
}
// All lanes raise exceptions: those that the instruction has not got are copies of those it has.
inline Value FloatSource(Lifter& l, Value value) {
  if (l.Bit(28)) return l.b.Vector(Op::kVCopyLane, IntegerLane(l), value);
  return l.Bit(30) ? value : LowerHalves(l, value, value);
}
inline Value FloatSource(Lifter& l, uint32_t number) { return FloatSource(l, l.V(number)); }
inline void SetFloats(Lifter& l, Value value) {
  if (l.Bit(28)) {
    l.SetScalar(l.rd(), l.b.Extract(FloatLane(l), value, 0));
  } else {
    l.SetVector(l.rd(), value);
  }
}

// Of vn and vm; what accumulates reads vd itself.
using FloatVectorOperation = Value (*)(Lifter& l, Value a, Value b);

namespace floats {

template <Op op, uint8_t rules>
Value Plain(Lifter& l, Value a, Value b) {
  return l.b.Vector(op, FloatLane(l), a, b, {}, rules);
}
template <Op op, uint8_t rules>
Value One(Lifter& l, Value a, Value) {
  return l.b.Vector(op, FloatLane(l), a, {}, {}, rules);
}
template <bool negates>
Value MulAdd(Lifter& l, Value a, Value b) {
  if (negates) a = l.b.Vector(Op::kVFNeg, FloatLane(l), a);
  return l.b.Vector(Op::kVFMulAdd, FloatLane(l), a, b, FloatSource(l, l.rd()), kByFpcr);
}
inline Value Distance(Lifter& l, Value a, Value b) {
  return l.b.Vector(Op::kVFAbs, FloatLane(l), Plain<Op::kVFSub, kByFpcr>(l, a, b));
}
template <Op op>
Value OfMagnitudes(Lifter& l, Value a, Value b) {
  return l.b.Vector(op, FloatLane(l), l.b.Vector(Op::kVFAbs, FloatLane(l), a),
                    l.b.Vector(Op::kVFAbs, FloatLane(l), b));
}
template <Op op>
Value Swapped(Lifter& l, Value a, Value b) {
  return l.b.Vector(op, FloatLane(l), b, a);
}

}  // namespace floats

// vd = operation(vn, vm).
template <FloatVectorOperation operation>
void LiftFloats(Lifter& l) {
  PlainVectorFloat(
      l, [&] { SetFloats(l, operation(l, FloatSource(l, l.rn()), FloatSource(l, l.rm()))); });
}
// vd = operation(vn, 0).
template <FloatVectorOperation operation>
void LiftFloatsOne(Lifter& l) {
  PlainVectorFloat(
      l, [&] { SetFloats(l, operation(l, FloatSource(l, l.rn()), l.b.Const(Type::kV128, 0))); });
}
// By an element of vm.
template <FloatVectorOperation operation>
void LiftFloatsByElement(Lifter& l) {
  if (l.Bit(22) && l.Bit(21)) return ByUnit(l);
  PlainVectorFloat(l, [&] {
    SetFloats(l, operation(l, FloatSource(l, l.rn()), ElementInAll(l, IntegerLane(l))));
  });
}
// Of neighbours: those of vn, then those of vm.
inline Value OnNeighbours(Lifter& l, FloatVectorOperation operation, Value a, Value b) {
  const Type lane = IntegerLane(l);
  return operation(l, l.b.Vector(Op::kVEven, lane, a, b), l.b.Vector(Op::kVOdd, lane, a, b));
}
template <FloatVectorOperation operation>
void LiftFloatPairs(Lifter& l) {
  PlainVectorFloat(l, [&] {
    Value a = l.V(l.rn()), b = l.V(l.rm());
    if (!l.Bit(30)) a = b = LowerHalves(l, a, b);
    l.SetVector(l.rd(), OnNeighbours(l, operation, a, b));
  });
}
template <FloatVectorOperation operation>
void LiftFloatPair(Lifter& l) {
  PlainVectorFloat(l, [&] {
    const Value a = l.V(l.rn());
    const Value pairs = l.Bit(22) ? a : LowerHalves(l, a, a);
    l.SetScalar(l.rd(), l.b.Extract(FloatLane(l), OnNeighbours(l, operation, pairs, pairs), 0));
  });
}
// All four singles into one.
template <FloatVectorOperation operation>
void LiftFloatAcross(Lifter& l) {
  if (l.Bit(22) || !l.Bit(30)) return ByUnit(l);
  PlainVectorFloat(l, [&] {
    const Value a = l.V(l.rn());
    const Value pairs = OnNeighbours(l, operation, a, a);
    const Value all = OnNeighbours(l, operation, pairs, pairs);
    l.SetScalar(l.rd(), l.b.Extract(Type::kF32, all, 0));
  });
}

// To and from integers in place; of scalars by what scalars have.
template <Op vector, Op scalar, ir::Rounding rounding>
void LiftFloatsToIntegers(Lifter& l) {
  constexpr uint8_t kRules = static_cast<uint8_t>(rounding) | ir::kNanIsZero;
  PlainVectorFloat(l, [&] {
    if (!l.Bit(28)) return SetFloats(l, floats::One<vector, kRules>(l, FloatSource(l, l.rn()), {}));
    const Value a = l.b.Extract(FloatLane(l), l.V(l.rn()), 0);
    l.SetScalar(l.rd(), l.b.Convert(scalar, IntegerLane(l), a, kRules));
  });
}
template <Op vector, Op scalar>
void LiftIntegersToFloats(Lifter& l) {
  constexpr auto kRules = static_cast<uint8_t>(ir::Rounding::kDynamic);
  PlainVectorFloat(l, [&] {
    if (!l.Bit(28)) return SetFloats(l, floats::One<vector, kRules>(l, FloatSource(l, l.rn()), {}));
    const Value a = l.b.Extract(IntegerLane(l), l.V(l.rn()), 0);
    l.SetScalar(l.rd(), l.b.Convert(scalar, FloatLane(l), a, kRules));
  });
}

// From integers with bits behind the point, as shifts say them; halves are the vector unit's.
template <Op op>
void LiftFixedToFloats(Lifter& l) {
  const uint32_t imm = l.Bits(22, 16), bits = std::bit_floor(imm);
  const bool is_lonely = bits == 64 && !l.Bit(30);
  if (l.mode.fp_off || !l.mode.plain_floats || is_lonely || bits == 16) return ByUnit(l);
  const Type lane = bits == 64 ? Type::kF64 : Type::kF32;
  const Value n = l.V(l.rn());
  const Value a = l.Bit(28)   ? l.b.Vector(Op::kVCopyLane, bits == 64 ? Type::kI64 : Type::kI32, n)
                  : l.Bit(30) ? n
                              : LowerHalves(l, n, n);
  constexpr auto kDynamic = static_cast<uint8_t>(ir::Rounding::kDynamic);
  const Value values = l.b.Vector(op, lane, a, {}, {}, kDynamic);
  const Value scale = PowerOfTwo(l, lane, static_cast<int>(imm) - 2 * static_cast<int>(bits));
  const Value all =
      l.b.Vector(Op::kVFMul, lane, values, l.b.Vector(Op::kVSplat, lane, scale), {}, kByFpcr);
  if (!l.Bit(28)) return l.SetVector(l.rd(), all);
  l.SetScalar(l.rd(), l.b.Extract(lane, all, 0));
}

// FCVTL: from the lower or (Q) the upper half into twice as wide. Bit 22: singles, else halves.
inline void LiftFloatLong(Lifter& l) {
  if (l.mode.fp_off || !l.mode.plain_floats) return ByUnit(l);
  Value a = l.V(l.rn());
  if (l.Bit(30)) a = l.b.Vector(Op::kVZipHigh, Type::kI64, a, a);
  const Op op = l.Bit(22) ? Op::kVFWiden : Op::kVFFromHalf;
  l.b.Set(VSlot(l.rd()), l.b.Vector(op, Type::kF32, a, {}, {}, ir::kPropagateNan));
}
// FCVTN: into the lower half, or (Q) the upper one.
inline void LiftFloatNarrow(Lifter& l) {
  if (l.mode.fp_off || !l.mode.plain_floats) return ByUnit(l);
  const Value narrow = l.Bit(22)
                           ? l.b.Vector(Op::kVFNarrow, Type::kF64, l.V(l.rn()), {}, {}, kByFpcr)
                           : l.b.Vector(Op::kVFToHalf, Type::kF32, l.V(l.rn()), {}, {}, kByFpcr);
  const Value half = l.b.Extract(Type::kF64, narrow, 0);
  if (l.Bit(30)) {
    l.b.Set(VSlot(l.rd()), l.b.Insert(Type::kF64, l.V(l.rd()), 1, half));
  } else {
    l.SetScalar(l.rd(), half);
  }
}

}  // namespace emu::translator::aarch64
