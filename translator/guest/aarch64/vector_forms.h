// How instructions that are not lifted apply an operation to the lanes of vectors of integers (Arm
// ARM C4.1.94).
#pragma once

#include "translator/guest/aarch64/vector_lanes.h"

namespace emu::translator::aarch64 {

inline bool Allows(const VectorUnit& unit, uint32_t sizes) {
  return (sizes >> unit.size() & 1) != 0;
}

// vd = operation(vn, vm), lane by lane.
enum class Second : uint8_t { kVm, kZero };
template <LaneOperation operation, uint32_t sizes, Second second = Second::kVm>
void Lanewise(VectorUnit& unit) {
  const uint32_t bits = unit.lane_bits();
  if (!Allows(unit, sizes) || !unit.HasLanes(bits)) return unit.Undefined();
  const VectorRegister a = unit.vn(), d = unit.vd();
  const VectorRegister b = second == Second::kVm ? unit.vm() : VectorRegister{};
  VectorRegister result = {};
  for (uint32_t i = 0; i < unit.LaneCount(bits); ++i) {
    SetLane(result, bits, i,
            operation({unit, bits, LaneOf(a, bits, i), LaneOf(b, bits, i), LaneOf(d, bits, i)}));
  }
  unit.Set(result);
}
// On one operand.
template <LaneOperation operation, uint32_t sizes = kAnySize>
void OfOne(VectorUnit& unit) {
  Lanewise<operation, sizes, Second::kZero>(unit);
}
template <Sign sign>
uint64_t Extend(uint64_t lane, uint32_t bits) {
  return sign == Sign::kSigned ? static_cast<uint64_t>(SignedLane(lane, bits)) : lane;
}
// Twice as wide: of the lower or (Q) the upper halves of vn and vm, into all of vd.
template <LaneOperation operation, Sign sign, uint32_t sizes = kUpTo32>
void Long(VectorUnit& unit) {
  if (!Allows(unit, sizes)) return unit.Undefined();
  const uint32_t bits = unit.lane_bits(), wide = 2 * bits;
  const uint32_t lanes = unit.is_scalar() ? 1 : 64 / bits;
  const uint32_t skipped = !unit.is_scalar() && unit.q() ? lanes : 0;
  const VectorRegister a = unit.vn(), b = unit.vm(), d = unit.vd();
  VectorRegister result = {};
  for (uint32_t i = 0; i < lanes; ++i) {
    const uint64_t x = Extend<sign>(LaneOf(a, bits, skipped + i), bits);
    const uint64_t y = Extend<sign>(LaneOf(b, bits, skipped + i), bits);
    SetLane(result, wide, i, operation({unit, wide, x, y, LaneOf(d, wide, i)}));
  }
  unit.SetWhole(result);
}

// Half as wide: into the lower half, or (Q) the upper one, which leaves the lower as it is.
inline void SetNarrow(VectorUnit& unit, uint64_t half) {
  if (unit.q() && !unit.is_scalar()) {
    unit.vd().high = half;
  } else {
    unit.SetScalar(half);
  }
}
// By an element of vm.
struct Element {
  uint32_t bits, index, number;  // number: of the register
};
inline Element ElementOfVm(const VectorUnit& unit, uint32_t bits) {
  const uint32_t h = unit.Bit(11), l = unit.Bit(21), m = unit.Bit(20);
  if (bits == 16) return {bits, h << 2 | l << 1 | m, unit.Bits(19, 16)};
  if (bits == 32) return {bits, h << 1 | l, unit.rm()};
  return {bits, h, unit.rm()};
}
template <LaneOperation operation>
void ByElement(VectorUnit& unit) {
  if (!Allows(unit, k16And32)) return unit.Undefined();
  const uint32_t bits = unit.lane_bits();
  const Element element = ElementOfVm(unit, bits);
  const uint64_t b = LaneOf(unit.state.v[element.number], bits, element.index);
  const VectorRegister a = unit.vn(), d = unit.vd();
  VectorRegister result = {};
  for (uint32_t i = 0; i < unit.LaneCount(bits); ++i) {
    SetLane(result, bits, i, operation({unit, bits, LaneOf(a, bits, i), b, LaneOf(d, bits, i)}));
  }
  unit.Set(result);
}
template <LaneOperation operation, Sign sign>
void LongByElement(VectorUnit& unit) {
  if (!Allows(unit, k16And32)) return unit.Undefined();
  const uint32_t bits = unit.lane_bits(), wide = 2 * bits;
  const Element element = ElementOfVm(unit, bits);
  const uint64_t b = Extend<sign>(LaneOf(unit.state.v[element.number], bits, element.index), bits);
  const uint32_t lanes = unit.is_scalar() ? 1 : 64 / bits;
  const uint32_t skipped = !unit.is_scalar() && unit.q() ? lanes : 0;
  const VectorRegister a = unit.vn(), d = unit.vd();
  VectorRegister result = {};
  for (uint32_t i = 0; i < lanes; ++i) {
    const uint64_t x = Extend<sign>(LaneOf(a, bits, skipped + i), bits);
    SetLane(result, wide, i, operation({unit, wide, x, b, LaneOf(d, wide, i)}));
  }
  unit.SetWhole(result);
}

// Shifts by immh:immb, whose highest bit tells the lanes (Arm ARM C4.1.94.21).
inline uint32_t ShiftBits(const VectorUnit& unit) { return std::bit_floor(unit.Bits(22, 16)); }
template <LaneOperation operation>
void ShiftLeft(VectorUnit& unit) {
  const uint32_t bits = ShiftBits(unit);
  if (!unit.HasLanes(bits)) return unit.Undefined();
  const uint32_t count = unit.Bits(22, 16) - bits;
  const VectorRegister a = unit.vn(), d = unit.vd();
  VectorRegister result = {};
  for (uint32_t i = 0; i < unit.LaneCount(bits); ++i) {
    SetLane(result, bits, i,
            operation({unit, bits, LaneOf(a, bits, i), count, LaneOf(d, bits, i)}));
  }
  unit.Set(result);
}

}  // namespace emu::translator::aarch64
