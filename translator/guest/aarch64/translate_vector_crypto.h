// Lifts of AES, SHA-1, SHA-256 and polynomial products (Arm ARM C7.2, AESE to SHA256SU1, PMULL).
#pragma once

#include "translator/guest/aarch64/translate_vector_forms.h"

namespace emu::translator::aarch64 {

// AESE, AESD: of vd and the round key, which comes first. With the MixColumns and the key that
// follow, the IR makes a whole round of it.
template <Op op>
void LiftAesRound(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Value state = l.b.Vector(Op::kVXor, Type::kI8, l.V(l.rd()), l.V(l.rn()));
  l.b.Set(VSlot(l.rd()), l.b.Vector(op, Type::kI8, state, l.b.Const(Type::kV128, 0)));
}
template <Op op>
void LiftAesColumns(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.b.Set(VSlot(l.rd()), l.b.Vector(op, Type::kI8, l.V(l.rn())));
}

// PMULL of doublewords: the lower ones, or (Q) the upper ones.
inline void LiftPolynomialProduct(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  constexpr uint32_t kLower = 0, kUpper = 3;
  l.b.Set(VSlot(l.rd()), l.b.Vector(Op::kVClMul, Type::kI64, l.V(l.rn()), l.V(l.rm()), {},
                                    l.Bit(30) ? kUpper : kLower));
}

// 16 bytes of b:a, from byte `first`.
inline Value Aligned(Lifter& l, Value a, Value b, uint32_t first) {
  return l.b.Vector(Op::kVAlign, Type::kI8, a, b, {}, first);
}
inline Value OnWords(Lifter& l, Op op, Value a, Value b) {
  return l.b.Vector(op, Type::kI32, a, b);
}
inline Value RotatedByOne(Lifter& l, Value words) {
  return OnWords(l, Op::kVOr, ShiftLanes(l, Op::kVShl, Type::kI32, words, 1),
                 ShiftLanes(l, Op::kVShrU, Type::kI32, words, 31));
}

// SHA1C, SHA1P, SHA1M by number.
template <uint32_t function>
void LiftSha1Rounds(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.b.Set(VSlot(l.rd()), l.b.Vector(Op::kVSha1Rounds, Type::kI32, l.V(l.rd()), l.V(l.rn()),
                                    l.V(l.rm()), function));
}
// SHA1H.
inline void LiftSha1Fixed(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  constexpr uint32_t kToLeft = 30;
  const Value word = l.b.Extract(Type::kI32, l.V(l.rn()), 0);
  l.SetScalar(l.rd(), l.b.Binary(Op::kRotL, word, l.b.Const(Type::kI32, kToLeft)));
}
// SHA1SU0, SHA1SU1.
inline void LiftSha1Schedule0(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Value d = l.V(l.rd());
  const Value sum = OnWords(l, Op::kVXor, Aligned(l, d, l.V(l.rn()), 8), d);
  l.b.Set(VSlot(l.rd()), OnWords(l, Op::kVXor, sum, l.V(l.rm())));
}
inline void LiftSha1Schedule1(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Value zero = l.b.Const(Type::kV128, 0);
  const Value above = Aligned(l, l.V(l.rn()), zero, 4);
  const Value words = RotatedByOne(l, OnWords(l, Op::kVXor, l.V(l.rd()), above));
  // The highest word depends on the lowest one of the result.
  const Value last = Aligned(l, zero, RotatedByOne(l, words), 4);
  l.b.Set(VSlot(l.rd()), OnWords(l, Op::kVXor, words, last));
}

// SHA256H: A to D, which are in vd; SHA256H2: E to H, which are.
inline void LiftSha256First(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.b.Set(VSlot(l.rd()),
          l.b.Vector(Op::kVSha256Rounds, Type::kI32, l.V(l.rd()), l.V(l.rn()), l.V(l.rm()), 0));
}
inline void LiftSha256Second(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.b.Set(VSlot(l.rd()),
          l.b.Vector(Op::kVSha256Rounds, Type::kI32, l.V(l.rn()), l.V(l.rd()), l.V(l.rm()), 1));
}
// SHA256SU0, SHA256SU1.
inline void LiftSha256Schedule0(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  l.b.Set(VSlot(l.rd()), OnWords(l, Op::kVSha256Schedule0, l.V(l.rd()), l.V(l.rn())));
}
inline void LiftSha256Schedule1(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const Value m = l.V(l.rm());
  const Value sum = OnWords(l, Op::kVAdd, l.V(l.rd()), Aligned(l, l.V(l.rn()), m, 4));
  l.b.Set(VSlot(l.rd()), OnWords(l, Op::kVSha256Schedule1, sum, m));
}

}  // namespace emu::translator::aarch64
