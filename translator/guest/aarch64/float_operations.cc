#include "translator/guest/aarch64/float_operations.h"

#include "translator/guest/aarch64/flags.h"

namespace emu::translator::aarch64 {
namespace {

uint32_t NzcvOf(Order order) {
  switch (order) {
    case Order::kLess:
      return kN;
    case Order::kEqual:
      return kZ | kC;
    case Order::kGreater:
      return kC;
    case Order::kUnordered:
      return kC | kV;
  }
  return 0;
}

// Arm ARM C1.2.4.
bool ConditionHolds(uint32_t condition, uint32_t nzcv) {
  const bool n = (nzcv & kN) != 0, z = (nzcv & kZ) != 0, c = (nzcv & kC) != 0, v = (nzcv & kV) != 0;
  const bool bases[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
  const bool holds = bases[condition >> 1];
  const bool is_inverted = (condition & 1) != 0 && condition != 15;
  return holds != is_inverted;
}

uint32_t Compared(VectorUnit& unit, const FloatFormat& format, bool with_zero, bool signals) {
  FloatArithmetic arithmetic(unit, format);
  const uint64_t b = with_zero ? 0 : LaneOf(unit.vm(), format.bits, 0);
  return NzcvOf(arithmetic.Compare(
      LaneOf(unit.vn(), format.bits, 0), b,
      signals ? FloatArithmetic::Signals::kOnAnyNan : FloatArithmetic::Signals::kOnSignalling));
}

// Bits behind the point; none: the instruction is undefined.
bool FractionOf(const VectorUnit& unit, Point point, uint32_t* fraction) {
  *fraction = point == Point::kFixed ? 64 - unit.Bits(15, 10) : 0;
  return unit.Bit(31) || *fraction <= 32;
}

}  // namespace

const FloatFormat* FormatOf(uint32_t ftype) {
  constexpr const FloatFormat* kByType[] = {&kSingle, &kDouble, nullptr, &kHalf};
  return kByType[ftype];
}

void FloatCompare(VectorUnit& unit) {
  const FloatFormat* format = FormatOf(unit.size());
  if (format == nullptr) return unit.Undefined();
  WriteNzcv(unit.state, Compared(unit, *format, unit.Bit(3), unit.Bit(4)));
}

void FloatCondCompare(VectorUnit& unit) {
  const FloatFormat* format = FormatOf(unit.size());
  if (format == nullptr) return unit.Undefined();
  const bool holds = ConditionHolds(unit.Bits(15, 12), ReadNzcv(unit.state));
  WriteNzcv(unit.state,
            holds ? Compared(unit, *format, /*with_zero=*/false, unit.Bit(4)) : unit.Bits(3, 0));
}

void FloatConvert(VectorUnit& unit) {
  const FloatFormat* from = FormatOf(unit.size());
  const FloatFormat* to = FormatOf(unit.Bits(16, 15));
  if (from == nullptr || to == nullptr || from == to) return unit.Undefined();
  FloatArithmetic arithmetic(unit, *from);
  unit.SetScalar(arithmetic.ConvertTo(*to, LaneOf(unit.vn(), from->bits, 0)));
}

void FloatToGeneral(VectorUnit& unit, ir::Rounding rounding, bool is_signed, Point point) {
  const FloatFormat* format = FormatOf(unit.size());
  uint32_t fraction = 0;
  if (format == nullptr || !FractionOf(unit, point, &fraction)) return unit.Undefined();
  FloatArithmetic arithmetic(unit, *format);
  unit.SetX(unit.rd(), arithmetic.ToInteger(unit.Bit(31) ? 64 : 32, is_signed, rounding, fraction,
                                            LaneOf(unit.vn(), format->bits, 0)));
}

void GeneralToFloat(VectorUnit& unit, bool is_signed, Point point) {
  const FloatFormat* format = FormatOf(unit.size());
  uint32_t fraction = 0;
  if (format == nullptr || !FractionOf(unit, point, &fraction)) return unit.Undefined();
  FloatArithmetic arithmetic(unit, *format);
  unit.SetScalar(
      arithmetic.FromInteger(unit.Bit(31) ? 64 : 32, is_signed, fraction, unit.X(unit.rn())));
}

}  // namespace emu::translator::aarch64
