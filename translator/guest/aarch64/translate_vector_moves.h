// Lifts of what moves lanes to other places: permutations, reversals, tables (Arm ARM C7.2).
#pragma once

#include "translator/guest/aarch64/translate_vector_forms.h"

namespace emu::translator::aarch64 {

// ZIP1 and ZIP2; of half vectors, both are in one whole.
template <Half half>
void LiftZip(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kAnySize);
  if (!lane) return;
  const Value a = l.V(l.rn()), b = l.V(l.rm());
  if (l.Bit(30)) {
    const Op op = half == Half::kLower ? Op::kVZipLow : Op::kVZipHigh;
    return l.b.Set(VSlot(l.rd()), l.b.Vector(op, *lane, a, b));
  }
  const Value both = l.b.Vector(Op::kVZipLow, *lane, a, b);
  l.SetScalar(l.rd(), l.b.Extract(Type::kF64, both, half == Half::kLower ? 0 : 1));
}
// UZP1 and UZP2.
template <Op op>
void LiftUnzip(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kAnySize);
  if (!lane) return;
  Value a = l.V(l.rn()), b = l.V(l.rm());
  if (!l.Bit(30)) a = b = LowerHalves(l, a, b);
  l.SetVector(l.rd(), l.b.Vector(op, *lane, a, b));
}
// TRN1 and TRN2: the even or odd lanes of both.
template <Half half>
void LiftTranspose(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kAnySize);
  if (!lane) return;
  const Value a = l.V(l.rn()), b = l.V(l.rm());
  if (*lane == Type::kI64) {
    const Op op = half == Half::kLower ? Op::kVZipLow : Op::kVZipHigh;
    return l.b.Set(VSlot(l.rd()), l.b.Vector(op, *lane, a, b));
  }
  const uint32_t bits = ir::BitsOf(*lane);
  const Type wide = WiderLane(*lane);
  const Value even = InLanes(l, wide, (uint64_t{1} << bits) - 1);
  const bool is_lower = half == Half::kLower;
  const Value low = is_lower ? a : ShiftLanes(l, Op::kVShrU, wide, a, bits);
  const Value high = is_lower ? ShiftLanes(l, Op::kVShl, wide, b, bits) : b;
  l.SetVector(l.rd(), l.b.Vector(Op::kVBitSelect, *lane, even, low, high));
}
// REV16, REV32, REV64: lanes in the other order, inside of containers.
template <uint32_t container_bits>
void LiftReverse(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kAnySize);
  if (!lane) return;
  if (ir::BitsOf(*lane) >= container_bits) return l.Undefined();
  l.SetVector(l.rd(), l.b.Vector(Op::kVReverse, *lane, l.V(l.rn()), {}, {}, container_bits));
}
inline void LiftExtract(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const uint32_t first = l.Bits(14, 11);
  Value a = l.V(l.rn()), b = l.V(l.rm());
  if (!l.Bit(30)) {
    if (first >= 8) return l.Undefined();
    a = b = LowerHalves(l, a, b);
  }
  l.SetVector(l.rd(), l.b.Vector(Op::kVAlign, Type::kI8, a, b, {}, first));
}
// TBL, TBX: bytes of one to four registers by index; what none of them has is 0, or (TBX) vd's.
template <bool keeps>
void LiftTable(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const uint32_t registers = l.Bits(14, 13) + 1;
  const Value indices = l.V(l.rm());
  Value found = l.b.Vector(Op::kVLookup, Type::kI8, l.V(l.rn()), indices);
  for (uint32_t i = 1; i < registers; ++i) {
    const Value index = l.b.Vector(Op::kVSub, Type::kI8, indices, InLanes(l, Type::kI8, 16 * i));
    const Value bytes = l.b.Vector(Op::kVLookup, Type::kI8, l.V((l.rn() + i) % 32), index);
    found = l.b.Vector(Op::kVOr, Type::kI8, found, bytes);
  }
  if (keeps) {
    const Value is_inside =
        l.b.Vector(Op::kVGtU, Type::kI8, InLanes(l, Type::kI8, 16 * registers), indices);
    found = l.b.Vector(Op::kVBitSelect, Type::kI8, is_inside, found, l.V(l.rd()));
  }
  l.SetVector(l.rd(), found);
}

}  // namespace emu::translator::aarch64
