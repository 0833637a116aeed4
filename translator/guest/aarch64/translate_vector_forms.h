// How lifts apply an operation to the lanes of vectors of integers (Arm ARM C4.1.94).
#pragma once

#include "translator/guest/aarch64/translate_vector_lanes.h"

namespace emu::translator::aarch64 {

// The lanes of an instruction; none if it traps or is undefined. kWhole: 64 bits make no vector.
enum class Extent : uint8_t { kByQ, kWhole };
inline std::optional<Type> LanesOf(Lifter& l, uint32_t sizes, Extent extent = Extent::kByQ) {
  if (l.FloatIsTrapped()) return std::nullopt;
  const uint32_t size = l.Bits(23, 22);
  const bool is_lonely = size == 3 && !l.Bit(30) && extent == Extent::kByQ;
  if ((sizes >> size & 1) != 0 && !is_lonely) return LaneType(size);
  l.Undefined();
  return std::nullopt;
}
inline Half HalfOf(const Lifter& l) { return l.Bit(30) ? Half::kUpper : Half::kLower; }
// The lower halves of both as one vector.
inline Value LowerHalves(Lifter& l, Value a, Value b) {
  return l.b.Vector(Op::kVZipLow, Type::kI64, a, b);
}

// vd = operation(vn, vm).
template <VectorOperation operation, uint32_t sizes = kAnySize>
void LiftLanes(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, sizes);
  if (lane) l.SetVector(l.rd(), operation(l, *lane, l.V(l.rn()), l.V(l.rm())));
}
// vd = operation(vn, 0).
template <VectorOperation operation, uint32_t sizes = kAnySize>
void LiftOne(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, sizes);
  if (lane) l.SetVector(l.rd(), operation(l, *lane, l.V(l.rn()), l.b.Const(Type::kV128, 0)));
}
// The same on bytes, whatever `size` is.
template <VectorOperation operation>
void LiftBytes(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.SetVector(l.rd(), operation(l, Type::kI8, l.V(l.rn()), {}));
}

// Of neighbours: those of vn, then those of vm.
template <VectorOperation operation, uint32_t sizes>
void LiftPairs(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, sizes);
  if (!lane) return;
  Value a = l.V(l.rn()), b = l.V(l.rm());
  if (!l.Bit(30)) a = b = LowerHalves(l, a, b);
  l.SetVector(l.rd(), operation(l, *lane, l.b.Vector(Op::kVEven, *lane, a, b),
                                l.b.Vector(Op::kVOdd, *lane, a, b)));
}

// All lanes into one; there are at least four. Each step has half of them meet the other half.
inline Value Reduced(Lifter& l, VectorOperation operation, Type lane, Value value) {
  for (uint32_t bytes = l.Bit(30) ? 8 : 4; bytes >= ir::BytesOf(lane); bytes /= 2) {
    value = operation(l, lane, value, l.b.Vector(Op::kVAlign, Type::kI8, value, value, {}, bytes));
  }
  return value;
}
inline std::optional<Type> FourLanesOf(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (lane != Type::kI32 || l.Bit(30)) return lane;
  l.Undefined();
  return std::nullopt;
}
template <VectorOperation operation>
void LiftAcross(Lifter& l) {
  const std::optional<Type> lane = FourLanesOf(l);
  if (!lane) return;
  const Value all = Reduced(l, operation, *lane, l.V(l.rn()));
  l.SetScalar(l.rd(), l.b.Extract(*lane, all, 0));
}
inline Value PairSums(Lifter& l, Type lane, Sign sign, Value a) {
  return l.b.Vector(Op::kVAdd, WiderLane(lane), EvenExtended(l, lane, sign, a),
                    OddExtended(l, lane, sign, a));
}
template <Sign sign>
void LiftAddLongAcross(Lifter& l) {
  const std::optional<Type> lane = FourLanesOf(l);
  if (!lane) return;
  const Type wide = WiderLane(*lane);
  const Value all = Reduced(l, lanes::kAdd, wide, PairSums(l, *lane, sign, l.V(l.rn())));
  l.SetScalar(l.rd(), l.b.Extract(wide, all, 0));
}
inline void LiftAddPairScalar(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Value a = l.V(l.rn());
  l.SetScalar(l.rd(),
              l.b.Binary(Op::kAdd, l.b.Extract(Type::kI64, a, 0), l.b.Extract(Type::kI64, a, 1)));
}
template <Sign sign, bool accumulates>
void LiftAddLongPairs(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (!lane) return;
  const Value sums = PairSums(l, *lane, sign, l.V(l.rn()));
  l.SetVector(l.rd(),
              accumulates ? l.b.Vector(Op::kVAdd, WiderLane(*lane), l.V(l.rd()), sums) : sums);
}

// Twice as wide: of the lower or (Q) the upper halves. kWide: vn's lanes are so wide already.
template <VectorOperation operation, Sign sign, First first = First::kNarrow>
void LiftLong(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (!lane) return;
  const Value a = l.V(l.rn());
  const Value x = first == First::kWide ? a : Widened(l, *lane, sign, HalfOf(l), a);
  const Value y = Widened(l, *lane, sign, HalfOf(l), l.V(l.rm()));
  l.b.Set(VSlot(l.rd()), operation(l, WiderLane(*lane), x, y));
}
// The distance of lanes that have been widened has no sign.
inline Value WideDistance(Lifter& l, Type lane, Value a, Value b) {
  return l.b.Vector(Op::kVAbs, lane, l.b.Vector(Op::kVSub, lane, a, b));
}
// SMULL and its kin: the product, and what is made of vd with it.
enum class Into : uint8_t { kVd, kSum, kDifference };
template <Sign sign, Into into>
void SetProduct(Lifter& l, Type lane, Value b) {
  const Value product = WidenedProduct(l, lane, sign, HalfOf(l), l.V(l.rn()), b);
  if (into == Into::kVd) return l.b.Set(VSlot(l.rd()), product);
  const Op op = into == Into::kSum ? Op::kVAdd : Op::kVSub;
  l.b.Set(VSlot(l.rd()), l.b.Vector(op, WiderLane(lane), l.V(l.rd()), product));
}
template <Sign sign, Into into>
void LiftProduct(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (lane) SetProduct<sign, into>(l, *lane, l.V(l.rm()));
}

// Half as wide: what the lower half of `halves` has, into the lower half of vd, or (Q) into the
// upper one, which leaves the lower as it is.
inline void SetNarrowHalf(Lifter& l, Value halves) {
  if (l.Bit(30)) {
    const Value upper = l.b.Extract(Type::kF64, halves, 0);
    l.b.Set(VSlot(l.rd()), l.b.Insert(Type::kF64, l.V(l.rd()), 1, upper));
  } else {
    l.SetScalar(l.rd(), l.b.Extract(Type::kF64, halves, 0));
  }
}
inline void SetCut(Lifter& l, Type lane, Value wide) {
  SetNarrowHalf(l, l.b.Vector(Op::kVEven, lane, wide, wide));
}
inline void LiftNarrow(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (lane) SetCut(l, *lane, l.V(l.rn()));
}
// ADDHN, SUBHN and rounded: the upper halves of sums.
template <Op op, Rounds rounds>
void LiftHighNarrow(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (!lane) return;
  const Type wide = WiderLane(*lane);
  const uint32_t bits = ir::BitsOf(*lane);
  Value sum = l.b.Vector(op, wide, l.V(l.rn()), l.V(l.rm()));
  if (rounds == Rounds::kYes) {
    sum = l.b.Vector(Op::kVAdd, wide, sum, InLanes(l, wide, uint64_t{1} << (bits - 1)));
  }
  SetCut(l, *lane, ShiftLanes(l, Op::kVShrU, wide, sum, bits));
}

// By an element of vm, which all lanes have.
inline Value ElementInAll(Lifter& l, Type lane) {
  const uint32_t h = l.Bit(11), low = l.Bit(21), m = l.Bit(20);
  const bool is_half = lane == Type::kI16;
  const uint32_t number = is_half ? l.Bits(19, 16) : l.rm();
  const uint32_t index = is_half                  ? h << 2 | low << 1 | m
                         : ir::BitsOf(lane) == 32 ? h << 1 | low
                                                  : h;
  return l.b.Vector(Op::kVCopyLane, lane, l.V(number), {}, {}, index);
}
template <VectorOperation operation>
void LiftByElement(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, k16And32);
  if (!lane) return;
  l.SetVector(l.rd(), operation(l, *lane, l.V(l.rn()), ElementInAll(l, *lane)));
}
template <Sign sign, Into into>
void LiftProductByElement(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, k16And32);
  if (lane) SetProduct<sign, into>(l, *lane, ElementInAll(l, *lane));
}

// SDOT, UDOT: to each word of vd, the products of four bytes with four of vm or of its element. The
// even bytes and the odd ones, as halfwords, are two products each.
template <Sign sign, bool by_element>
void LiftDotProduct(Lifter& l) {
  if (!LanesOf(l, 1u << 2)) return;
  const Value a = l.V(l.rn()), b = by_element ? ElementInAll(l, Type::kI32) : l.V(l.rm());
  const auto products = [&](Value (*extended)(Lifter&, Type, Sign, Value)) {
    return l.b.Vector(Op::kVDotPairs, Type::kI16, extended(l, Type::kI8, sign, a),
                      extended(l, Type::kI8, sign, b));
  };
  const Value sum =
      l.b.Vector(Op::kVAdd, Type::kI32, products(EvenExtended), products(OddExtended));
  l.SetVector(l.rd(), l.b.Vector(Op::kVAdd, Type::kI32, l.V(l.rd()), sum));
}

}  // namespace emu::translator::aarch64
