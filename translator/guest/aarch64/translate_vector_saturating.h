// Lifts of integer operations on vectors that saturate. Where they do, they leave bits in
// CpuState::saturated, which FPSR.QC tells of.
#pragma once

#include "translator/guest/aarch64/translate_vector_shifts.h"

namespace emu::translator::aarch64 {

// All lanes can saturate: those that the instruction has not got are copies of those it has.
inline Value SaturatingSource(Lifter& l, Type lane, Value value) {
  if (l.Bit(28)) return l.b.Vector(Op::kVCopyLane, lane, value);
  return l.Bit(30) ? value : LowerHalves(l, value, value);
}
inline void NoteSaturated(Lifter& l, Value where) {
  const Value before = l.b.Get(kSaturatedSlot);
  l.b.Set(kSaturatedSlot, l.b.Vector(Op::kVOr, Type::kI64, before, where));
}
inline void NoteDifference(Lifter& l, Value a, Value b) {
  NoteSaturated(l, l.b.Vector(Op::kVXor, Type::kI64, a, b));
}
// The lowest lane, or a vector.
inline void SetSaturated(Lifter& l, Type lane, Value value) {
  if (l.Bit(28)) {
    l.SetScalar(l.rd(), l.b.Extract(lane, value, 0));
  } else {
    l.SetVector(l.rd(), value);
  }
}
inline Extent ExtentOf(const Lifter& l) { return l.Bit(28) ? Extent::kWhole : Extent::kByQ; }

// SQADD and its kin: the sum that saturates, and the one that does not.
template <Op saturating, Op wrapping>
void LiftSaturating(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kAnySize, ExtentOf(l));
  if (!lane) return;
  const Value a = SaturatingSource(l, *lane, l.V(l.rn()));
  const Value b = SaturatingSource(l, *lane, l.V(l.rm()));
  const Value result = l.b.Vector(saturating, *lane, a, b);
  NoteDifference(l, result, l.b.Vector(wrapping, *lane, a, b));
  SetSaturated(l, *lane, result);
}

// What is the minimum only by being one too many becomes the maximum.
inline Value MinimumCut(Lifter& l, Type lane, Value value) {
  const Value minimum = InLanes(l, lane, uint64_t{1} << (ir::BitsOf(lane) - 1));
  const Value is_minimum = l.b.Vector(Op::kVEq, lane, value, minimum);
  NoteSaturated(l, is_minimum);
  return l.b.Vector(Op::kVXor, lane, value, is_minimum);
}
// SQABS, SQNEG.
template <VectorOperation operation>
void LiftMinimumCut(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kAnySize, ExtentOf(l));
  if (!lane) return;
  const Value a = SaturatingSource(l, *lane, l.V(l.rn()));
  SetSaturated(l, *lane, MinimumCut(l, *lane, operation(l, *lane, a, {})));
}

// SQDMULH, SQRDMULH of halfwords: bits 30:15 of the product, which only the product of two minima
// exceeds. Words are the vector unit's.
template <Rounds rounds>
void SetDoubledProduct(Lifter& l, Value b) {
  constexpr Type kLane = Type::kI16;
  const Value a = SaturatingSource(l, kLane, l.V(l.rn()));
  const Value low = l.b.Vector(Op::kVMul, kLane, a, b);
  const Value high = l.b.Vector(Op::kVMulHighS, kLane, a, b);
  Value product = l.b.Vector(Op::kVOr, kLane, ShiftLanes(l, Op::kVShl, kLane, high, 1),
                             ShiftLanes(l, Op::kVShrU, kLane, low, 15));
  if (rounds == Rounds::kYes) {
    const Value below = ShiftLanes(l, Op::kVShrU, kLane, low, 14);
    const Value half = l.b.Vector(Op::kVAnd, kLane, below, InLanes(l, kLane, 1));
    product = l.b.Vector(Op::kVAdd, kLane, product, half);
  }
  SetSaturated(l, kLane, MinimumCut(l, kLane, product));
}
inline bool HasHalfwords(const Lifter& l) { return l.Bits(23, 22) == 1 && !l.mode.fp_off; }
template <Rounds rounds>
void LiftDoubledProduct(Lifter& l) {
  if (!HasHalfwords(l)) return ByUnit(l);
  SetDoubledProduct<rounds>(l, SaturatingSource(l, Type::kI16, l.V(l.rm())));
}
template <Rounds rounds>
void LiftDoubledProductByElement(Lifter& l) {
  if (!HasHalfwords(l)) return ByUnit(l);
  SetDoubledProduct<rounds>(l, ElementInAll(l, Type::kI16));
}

// Into lanes half as wide: `narrow` of the wide ones, which saturated where they differ from what
// it extends to.
template <Op narrow, Sign sign>
void SetNarrowed(Lifter& l, Type lane, Value wide) {
  const Type wider = WiderLane(lane);
  if (l.Bit(28)) wide = l.b.Vector(Op::kVCopyLane, wider, wide);
  const Value halves = l.b.Vector(narrow, wider, wide, wide);
  NoteDifference(l, wide, Widened(l, lane, sign, Half::kLower, halves));
  if (l.Bit(28)) return l.SetScalar(l.rd(), l.b.Extract(lane, halves, 0));
  SetNarrowHalf(l, halves);
}
// SQXTN, SQXTUN, UQXTN.
template <Op narrow, Sign sign>
void LiftNarrowSaturated(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (lane) SetNarrowed<narrow, sign>(l, *lane, l.V(l.rn()));
}
// SQSHRN and its kin.
template <Op narrow, Sign sign, Op shift, Rounds rounds>
void LiftShiftNarrowSaturated(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const auto [lane, count] = NarrowShiftOf(l);
  SetNarrowed<narrow, sign>(l, lane,
                            ShiftedRight<rounds>(l, shift, WiderLane(lane), l.V(l.rn()), count));
}

}  // namespace emu::translator::aarch64
