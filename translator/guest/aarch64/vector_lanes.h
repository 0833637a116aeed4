// What integer operations that are not lifted make of one lane, above all those that saturate (Arm
// ARM C7.2). The forms of vector_forms.h apply them.
#pragma once

#include <algorithm>
#include <bit>

#include "translator/guest/aarch64/vector_fields.h"
#include "translator/guest/aarch64/vector_unit.h"

namespace emu::translator::aarch64 {

// One lane of each operand; results are cut to `bits` bits.
struct Lanes {
  VectorUnit& unit;
  uint32_t bits;
  uint64_t a, b = 0, d = 0;  // d: of the destination, as it was
  int64_t sa() const { return SignedLane(a, bits); }
  int64_t sb() const { return SignedLane(b, bits); }
  int64_t sd() const { return SignedLane(d, bits); }
};
using LaneOperation = uint64_t (*)(const Lanes&);

// Saturation tells FPSR.QC.
inline uint64_t Clamp(const Lanes& l, __int128 value, __int128 low, __int128 high) {
  if (value >= low && value <= high) return static_cast<uint64_t>(value);
  l.unit.Saturated();
  return static_cast<uint64_t>(value < low ? low : high);
}
inline uint64_t ToSigned(const Lanes& l, __int128 value) {
  const __int128 limit = __int128{1} << (l.bits - 1);
  return Clamp(l, value, -limit, limit - 1);
}
inline uint64_t ToUnsigned(const Lanes& l, __int128 value) {
  return Clamp(l, value, 0, __int128{LaneMask(l.bits)});
}

// `value` >> count (1 to 64), rounded up at a half if it rounds.
inline __int128 Right(__int128 value, uint64_t count, Rounds rounds) {
  if (rounds == Rounds::kYes) value += __int128{1} << (count - 1);
  return value >> count;
}
// Shifted by the signed low byte of b (SSHL and its kin). No lane holds more than the widest one
// shifted by its width, so further counts need no telling apart.
inline __int128 ShiftByRegister(const Lanes& l, __int128 value, Rounds rounds) {
  const int count = static_cast<int8_t>(l.b);
  if (count < 0) return Right(value, static_cast<uint64_t>(std::min(-count, 66)), rounds);
  if (count < static_cast<int>(l.bits)) return value << count;
  constexpr __int128 kBeyond = __int128{1} << 100;
  return value == 0 ? 0 : value < 0 ? -kBeyond : kBeyond;
}
constexpr uint64_t PolynomialProduct(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  for (uint32_t bit = 0; bit < 8; ++bit) product ^= (b >> bit & 1) != 0 ? a << bit : 0;
  return product;
}

namespace lane {

inline uint64_t PMul(const Lanes& l) { return PolynomialProduct(l.a, l.b); }
inline uint64_t SUQAdd(const Lanes& l) { return ToSigned(l, __int128{l.sd()} + l.a); }
inline uint64_t USQAdd(const Lanes& l) { return ToUnsigned(l, __int128{l.d} + l.sa()); }

// Shifts by a register.
template <Rounds rounds>
uint64_t SQShl(const Lanes& l) {
  return ToSigned(l, ShiftByRegister(l, l.sa(), rounds));
}
template <Rounds rounds>
uint64_t UQShl(const Lanes& l) {
  return ToUnsigned(l, ShiftByRegister(l, l.a, rounds));
}
inline uint64_t SQShlU(const Lanes& l) {
  return ToUnsigned(l, ShiftByRegister(l, l.sa(), Rounds::kNo));
}

// Products that are doubled; of which the upper half is kept.
inline __int128 DoubledProduct(const Lanes& l) { return __int128{l.sa()} * l.sb() * 2; }
template <Rounds rounds>
uint64_t SQDMulH(const Lanes& l) {
  return ToSigned(l, Right(DoubledProduct(l), l.bits, rounds));
}
template <bool subtracts>
uint64_t SQRDMlaH(const Lanes& l) {
  const __int128 product = subtracts ? -DoubledProduct(l) : DoubledProduct(l);
  return ToSigned(l, Right((__int128{l.sd()} << l.bits) + product, l.bits, Rounds::kYes));
}
// Whole, into lanes twice as wide, which saturate.
inline uint64_t SQDMulL(const Lanes& l) { return ToSigned(l, DoubledProduct(l)); }
template <bool subtracts>
uint64_t SQDMlaL(const Lanes& l) {
  const __int128 product = SignedLane(ToSigned(l, DoubledProduct(l)), l.bits);
  return ToSigned(l, l.sd() + (subtracts ? -product : product));
}

}  // namespace lane
}  // namespace emu::translator::aarch64
