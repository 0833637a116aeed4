// Lifts of shifts of vectors by immh:immb, whose highest bit tells the lanes (Arm ARM C4.1.94.21).
#pragma once

#include <bit>

#include "translator/guest/aarch64/translate_vector_forms.h"

namespace emu::translator::aarch64 {

struct LaneShift {
  Type lane;
  uint32_t count;
};
// None if it traps or is undefined: 64 bits make no vector.
template <Direction direction>
std::optional<LaneShift> LaneShiftOf(Lifter& l) {
  if (l.FloatIsTrapped()) return std::nullopt;
  const uint32_t imm = l.Bits(22, 16);
  const uint32_t bits = std::bit_floor(imm);
  if (bits == 64 && !l.Bit(30)) {
    l.Undefined();
    return std::nullopt;
  }
  return LaneShift{LaneType(static_cast<uint32_t>(std::countr_zero(bits / 8))),
                   direction == Direction::kRight ? 2 * bits - imm : imm - bits};
}

template <Rounds rounds>
Value ShiftedRight(Lifter& l, Op shift, Type lane, Value a, uint32_t count) {
  const Value shifted = ShiftLanes(l, shift, lane, a, count);
  if (rounds == Rounds::kNo) return shifted;
  const Value below = ShiftLanes(l, Op::kVShrU, lane, a, count - 1);
  const Value half = l.b.Vector(Op::kVAnd, lane, below, InLanes(l, lane, 1));
  return l.b.Vector(Op::kVAdd, lane, shifted, half);
}
// SSHR, SSRA, SRSHR, SRSRA and those without signs.
template <Op shift, Rounds rounds, bool accumulates>
void LiftShiftRight(Lifter& l) {
  const auto field = LaneShiftOf<Direction::kRight>(l);
  if (!field) return;
  const Value shifted = ShiftedRight<rounds>(l, shift, field->lane, l.V(l.rn()), field->count);
  l.SetVector(l.rd(),
              accumulates ? l.b.Vector(Op::kVAdd, field->lane, l.V(l.rd()), shifted) : shifted);
}
inline void LiftShiftLeft(Lifter& l) {
  const auto field = LaneShiftOf<Direction::kLeft>(l);
  if (!field) return;
  l.SetVector(l.rd(), ShiftLanes(l, Op::kVShl, field->lane, l.V(l.rn()), field->count));
}
// SLI, SRI: into vd, of which the bits that are not shifted to stay.
template <Op shift, Direction direction>
void LiftShiftInsert(Lifter& l) {
  const auto field = LaneShiftOf<direction>(l);
  if (!field) return;
  const auto [lane, count] = *field;
  const Value filled = ShiftLanes(l, shift, lane, l.b.Const(Type::kV128, ~uint64_t{0}), count);
  const Value shifted = ShiftLanes(l, shift, lane, l.V(l.rn()), count);
  l.SetVector(l.rd(), l.b.Vector(Op::kVBitSelect, lane, filled, shifted, l.V(l.rd())));
}
// Into lanes half as wide, which are those the field tells.
inline LaneShift NarrowShiftOf(const Lifter& l) {
  const uint32_t imm = l.Bits(22, 16), bits = std::bit_floor(imm);
  return {LaneType(static_cast<uint32_t>(std::countr_zero(bits / 8))), 2 * bits - imm};
}
// SHRN, RSHRN.
template <Rounds rounds>
void LiftShiftNarrow(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const auto [lane, count] = NarrowShiftOf(l);
  SetCut(l, lane, ShiftedRight<rounds>(l, Op::kVShrU, WiderLane(lane), l.V(l.rn()), count));
}
// SSHLL, USHLL; SHLL, which shifts by the lanes' own width.
template <Sign sign>
void LiftShiftLong(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const uint32_t imm = l.Bits(22, 16), bits = std::bit_floor(imm);
  const Type lane = LaneType(static_cast<uint32_t>(std::countr_zero(bits / 8)));
  const Value wide = Widened(l, lane, sign, HalfOf(l), l.V(l.rn()));
  l.b.Set(VSlot(l.rd()), ShiftLanes(l, Op::kVShl, WiderLane(lane), wide, imm - bits));
}
inline void LiftShiftLongBySize(Lifter& l) {
  const std::optional<Type> lane = LanesOf(l, kUpTo32);
  if (!lane) return;
  const Value wide = Widened(l, *lane, Sign::kUnsigned, HalfOf(l), l.V(l.rn()));
  l.b.Set(VSlot(l.rd()), ShiftLanes(l, Op::kVShl, WiderLane(*lane), wide, ir::BitsOf(*lane)));
}

}  // namespace emu::translator::aarch64
