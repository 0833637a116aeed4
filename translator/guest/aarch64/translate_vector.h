// Lifts of vector computation: moves and logic as IR, all else by the vector unit.
#pragma once

#include <bit>

#include "translator/guest/aarch64/encodings.h"
#include "translator/guest/aarch64/translate_integer.h"
#include "translator/guest/aarch64/translate_vector_lanes.h"

namespace emu::translator::aarch64 {

inline void ByUnit(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.CallHelper(HelperId::kExecute, l.I64(l.row), l.I64(l.code));
}

// Operations on all bits alike.
enum class Logic : uint8_t { kAnd, kBic, kOrr, kOrn, kEor, kBsl, kBit, kBif };
inline Value LogicOf(Lifter& l, Op op, Value a, Value b) {
  return l.b.Vector(op, Type::kI64, a, b);
}
inline Value Chosen(Lifter& l, Value mask, Value a, Value b) {
  return l.b.Vector(Op::kVBitSelect, Type::kI64, mask, a, b);
}
template <Logic logic>
void VectorLogic(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Value a = l.V(l.rn()), b = l.V(l.rm());
  const auto result = [&]() -> Value {
    switch (logic) {
      case Logic::kAnd:
        return LogicOf(l, Op::kVAnd, a, b);
      case Logic::kBic:
        return LogicOf(l, Op::kVAndNot, a, b);
      case Logic::kOrr:
        return l.rn() == l.rm() ? a : LogicOf(l, Op::kVOr, a, b);
      case Logic::kOrn:
        return LogicOf(l, Op::kVOr, a, Inverted(l, b));
      case Logic::kEor:
        return LogicOf(l, Op::kVXor, a, b);
      case Logic::kBsl:
        return Chosen(l, l.V(l.rd()), a, b);
      case Logic::kBit:
        return Chosen(l, b, a, l.V(l.rd()));
      case Logic::kBif:
        return Chosen(l, b, l.V(l.rd()), a);
    }
    return a;
  };
  l.SetVector(l.rd(), result());
}

// imm5: the lowest bit that is set tells the lanes' width, those above it the index.
struct LaneField {
  Type type;
  uint32_t index;
};
inline std::optional<LaneField> LaneFieldOf(const Lifter& l) {
  const uint32_t imm5 = l.Bits(20, 16);
  if ((imm5 & 15) == 0) return std::nullopt;
  const auto scale = static_cast<uint32_t>(std::countr_zero(imm5));
  return LaneField{LaneType(scale), imm5 >> (scale + 1)};
}
// DUP of a lane or a general register.
template <bool from_general>
void Duplicate(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<LaneField> lane = LaneFieldOf(l);
  if (!lane || (lane->type == Type::kI64 && !l.Bit(30))) return l.Undefined();
  l.SetVector(l.rd(),
              from_general
                  ? l.b.Vector(Op::kVSplat, lane->type, l.Narrow(lane->type, l.X(l.rn())))
                  : l.b.Vector(Op::kVCopyLane, lane->type, l.V(l.rn()), {}, {}, lane->index));
}
inline void DuplicateScalar(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<LaneField> lane = LaneFieldOf(l);
  if (!lane) return l.Undefined();
  l.SetScalar(l.rd(), l.b.Extract(lane->type, l.V(l.rn()), lane->index));
}
// UMOV, SMOV.
template <bool is_signed>
void MoveLane(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<LaneField> lane = LaneFieldOf(l);
  const bool is_wide = l.Bit(30);
  const bool is_defined = lane && (is_signed ? ir::BitsOf(lane->type) < (is_wide ? 64U : 32U)
                                             : is_wide == (lane->type == Type::kI64));
  if (!is_defined) return l.Undefined();
  const Value value = l.b.Extract(lane->type, l.V(l.rn()), lane->index);
  if (!is_signed) return l.SetX(l.rd(), value);
  l.SetX(l.rd(), l.b.Convert(Op::kSignExtend, is_wide ? Type::kI64 : Type::kI32, value));
}
template <bool from_general>
void InsertLane(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const std::optional<LaneField> lane = LaneFieldOf(l);
  if (!lane) return l.Undefined();
  const uint32_t from = l.Bits(14, 11) / ir::BytesOf(lane->type);
  const Value element =
      from_general ? l.Narrow(lane->type, l.X(l.rn())) : l.b.Extract(lane->type, l.V(l.rn()), from);
  l.b.Set(VSlot(l.rd()), l.b.Insert(lane->type, l.V(l.rd()), lane->index, element));
}

// MOVI, MVNI, ORR, BIC and FMOV of an immediate.
void ModifiedImmediate(Lifter& l);
void HalfImmediate(Lifter& l);  // FMOV of halves

// FMOV between general registers and lanes.
template <Type bits>
void MoveToGeneral(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.SetX(l.rd(), l.b.Extract(bits, l.V(l.rn()), 0));
}
template <Type bits>
void MoveFromGeneral(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.SetScalar(l.rd(), l.Narrow(bits, l.X(l.rn())));
}
inline void MoveHighToGeneral(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.SetX(l.rd(), l.b.Extract(Type::kI64, l.V(l.rn()), 1));
}
inline void MoveGeneralToHigh(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.b.Set(VSlot(l.rd()), l.b.Insert(Type::kI64, l.V(l.rd()), 1, l.X(l.rn())));
}

}  // namespace emu::translator::aarch64
