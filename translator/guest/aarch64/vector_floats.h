// How instructions apply floating-point operations to the lanes of vectors (Arm ARM C4.1.94), for
// VectorUnit.
#pragma once

#include "translator/guest/aarch64/float_operations.h"
#include "translator/guest/aarch64/vector_forms.h"

namespace emu::translator::aarch64 {

// Lanes of singles or doubles, by bit 22; kHalves: of the instructions of half precision.
enum class Precision : uint8_t { kBySize, kHalves };
template <Precision precision>
const FloatFormat& LaneFormat(const VectorUnit& unit) {
  if (precision == Precision::kHalves) return kHalf;
  return unit.Bit(22) ? kDouble : kSingle;
}

// vd = operation(vn, vm, vd), lane by lane.
template <FloatOperation operation, Precision precision = Precision::kBySize,
          Second second = Second::kVm>
void FloatLanewise(VectorUnit& unit) {
  const FloatFormat& format = LaneFormat<precision>(unit);
  const uint32_t bits = format.bits;
  if (!unit.HasLanes(bits)) return unit.Undefined();
  FloatArithmetic arithmetic(unit, format);
  const VectorRegister a = unit.vn(), d = unit.vd();
  const VectorRegister b = second == Second::kVm ? unit.vm() : VectorRegister{};
  VectorRegister result = {};
  for (uint32_t i = 0; i < unit.LaneCount(bits); ++i) {
    SetLane(result, bits, i,
            operation(arithmetic, {LaneOf(a, bits, i), LaneOf(b, bits, i), LaneOf(d, bits, i)}));
  }
  unit.Set(result);
}
template <FloatOperation operation, Precision precision = Precision::kBySize>
void FloatOfOne(VectorUnit& unit) {
  FloatLanewise<operation, precision, Second::kZero>(unit);
}
template <FloatOperation operation, Precision precision = Precision::kBySize>
void FloatPairwise(VectorUnit& unit) {
  const FloatFormat& format = LaneFormat<precision>(unit);
  const uint32_t bits = format.bits;
  if (!unit.HasLanes(bits)) return unit.Undefined();
  FloatArithmetic arithmetic(unit, format);
  const uint32_t lanes = unit.LaneCount(bits);
  const VectorRegister sources[] = {unit.vn(), unit.vm()};
  VectorRegister result = {};
  for (uint32_t i = 0; i < lanes; ++i) {
    const VectorRegister& from = sources[2 * i / lanes];
    const uint32_t first = 2 * i % lanes;
    SetLane(result, bits, i,
            operation(arithmetic, {LaneOf(from, bits, first), LaneOf(from, bits, first + 1)}));
  }
  unit.Set(result);
}
// FADDP of a scalar and its kin.
template <FloatOperation operation, Precision precision = Precision::kBySize>
void FloatPair(VectorUnit& unit) {
  const FloatFormat& format = LaneFormat<precision>(unit);
  FloatArithmetic arithmetic(unit, format);
  unit.SetScalar(operation(arithmetic,
                           {LaneOf(unit.vn(), format.bits, 0), LaneOf(unit.vn(), format.bits, 1)}));
}
// All lanes into one: of halves first, as Arm's Reduce does.
template <FloatOperation operation, Precision precision = Precision::kBySize>
void FloatAcross(VectorUnit& unit) {
  const FloatFormat& format = LaneFormat<precision>(unit);
  const uint32_t bits = format.bits;
  if (bits == 64 || (bits == 32 && !unit.q())) return unit.Undefined();
  FloatArithmetic arithmetic(unit, format);
  VectorRegister all = unit.vn();
  for (uint32_t half = unit.LaneCount(bits) / 2; half > 0; half /= 2) {
    for (uint32_t i = 0; i < half; ++i) {
      SetLane(all, bits, i,
              operation(arithmetic, {LaneOf(all, bits, 2 * i), LaneOf(all, bits, 2 * i + 1)}));
    }
  }
  unit.SetScalar(LaneOf(all, bits, 0));
}
template <FloatOperation operation, Precision precision = Precision::kBySize>
void FloatByElement(VectorUnit& unit) {
  const FloatFormat& format = LaneFormat<precision>(unit);
  const uint32_t bits = format.bits;
  const bool is_reserved = bits == 64 && unit.Bit(21);
  if (is_reserved || !unit.HasLanes(bits)) return unit.Undefined();
  FloatArithmetic arithmetic(unit, format);
  const Element element = ElementOfVm(unit, bits);
  const uint64_t b = LaneOf(unit.state.v[element.number], bits, element.index);
  const VectorRegister a = unit.vn(), d = unit.vd();
  VectorRegister result = {};
  for (uint32_t i = 0; i < unit.LaneCount(bits); ++i) {
    SetLane(result, bits, i, operation(arithmetic, {LaneOf(a, bits, i), b, LaneOf(d, bits, i)}));
  }
  unit.Set(result);
}

// FCVTL: from the lower or (Q) the upper half into twice as wide; FCVTN: the other way, FCVTXN
// from doubles.
inline void FloatLong(VectorUnit& unit) {
  const FloatFormat& from = unit.Bit(22) ? kSingle : kHalf;
  const FloatFormat& to = unit.Bit(22) ? kDouble : kSingle;
  FloatArithmetic arithmetic(unit, from);
  const uint32_t lanes = 64 / from.bits;
  const VectorRegister a = unit.vn();
  VectorRegister result = {};
  for (uint32_t i = 0; i < lanes; ++i) {
    const uint64_t lane = LaneOf(a, from.bits, i + (unit.q() ? lanes : 0));
    SetLane(result, to.bits, i, arithmetic.ConvertTo(to, lane));
  }
  unit.SetWhole(result);
}
template <bool to_odd>
void FloatNarrow(VectorUnit& unit) {
  const FloatFormat& from = unit.Bit(22) ? kDouble : kSingle;
  const FloatFormat& to = unit.Bit(22) ? kSingle : kHalf;
  if (to_odd && !unit.Bit(22)) return unit.Undefined();
  FloatArithmetic arithmetic(unit, from);
  const VectorRegister a = unit.vn();
  VectorRegister result = {};
  for (uint32_t i = 0; i < (unit.is_scalar() ? 1 : 64 / to.bits); ++i) {
    const uint64_t lane = LaneOf(a, from.bits, i);
    SetLane(result, to.bits, i,
            to_odd ? arithmetic.ConvertToSingleOdd(lane) : arithmetic.ConvertTo(to, lane));
  }
  SetNarrow(unit, result.low);
}

// SCVTF, UCVTF, FCVTZS, FCVTZU with bits behind the point, as shifts say them.
enum class Conversion : uint8_t { kToInteger, kFromInteger };
template <Conversion conversion, bool is_signed>
void FloatFixedPoint(VectorUnit& unit) {
  const uint32_t bits = ShiftBits(unit);
  if (!unit.HasLanes(bits)) return unit.Undefined();
  const FloatFormat& format = bits == 64 ? kDouble : bits == 32 ? kSingle : kHalf;
  FloatArithmetic arithmetic(unit, format);
  const uint32_t fraction = 2 * bits - unit.Bits(22, 16);
  const VectorRegister a = unit.vn();
  VectorRegister result = {};
  for (uint32_t i = 0; i < unit.LaneCount(bits); ++i) {
    const uint64_t lane = LaneOf(a, bits, i);
    SetLane(result, bits, i,
            conversion == Conversion::kFromInteger
                ? arithmetic.FromInteger(bits, is_signed, fraction, lane)
                : arithmetic.ToInteger(bits, is_signed, ir::Rounding::kTowardZero, fraction, lane));
  }
  unit.Set(result);
}

// URECPE, URSQRTE.
template <uint64_t (*estimate)(uint64_t)>
void EstimateWords(VectorUnit& unit) {
  if (unit.Bit(22)) return unit.Undefined();
  const VectorRegister a = unit.vn();
  VectorRegister result = {};
  for (uint32_t i = 0; i < 4; ++i) SetLane(result, 32, i, estimate(LaneOf(a, 32, i)));
  unit.Set(result);
}

}  // namespace emu::translator::aarch64
