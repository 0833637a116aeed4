#include "translator/guest/aarch64/translate_vector.h"

namespace emu::translator::aarch64 {
namespace {

// Arm ARM, AdvSIMDExpandImm: half of the vector.
uint64_t ExpandImmediate(uint32_t cmode, bool op, uint64_t imm8) {
  const auto repeat = [](uint64_t value, uint32_t bits) {
    for (; bits < 64; bits *= 2) value |= value << bits;
    return value;
  };
  if (cmode < 8) return repeat(imm8 << (8 * (cmode >> 1)), 32);
  if (cmode < 12) return repeat(imm8 << (8 * (cmode >> 1 & 1)), 16);
  if (cmode < 14) {
    const uint32_t shift = cmode == 12 ? 8 : 16;
    return repeat(imm8 << shift | ((uint64_t{1} << shift) - 1), 32);
  }
  if (cmode == 14 && !op) return repeat(imm8, 8);
  if (cmode == 14) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < 8; ++i) bytes |= uint64_t{(imm8 >> i & 1) != 0 ? 0xffU : 0} << (8 * i);
    return bytes;
  }
  const bool is_small = (imm8 & 0x40) != 0;
  if (!op) {
    return repeat(
        (imm8 >> 7) << 31 | uint64_t{is_small ? 0x1fU : 0x20U} << 25 | (imm8 & 0x3f) << 19, 32);
  }
  return (imm8 >> 7) << 63 | uint64_t{is_small ? 0xffU : 0x100U} << 54 | (imm8 & 0x3f) << 48;
}

}  // namespace

void ModifiedImmediate(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const uint32_t cmode = l.Bits(15, 12);
  const bool op = l.Bit(29);
  if (cmode == 15 && op && !l.Bit(30)) return l.Undefined();
  const uint64_t expanded = ExpandImmediate(cmode, op, l.Bits(18, 16) << 5 | l.Bits(9, 5));
  const bool combines = cmode < 12 && (cmode & 1) != 0;  // ORR, BIC
  const bool inverts = op && cmode < 14;                 // MVNI, BIC
  const Value imm = l.b.Const(Type::kV128, inverts ? ~expanded : expanded);
  if (!combines) return l.SetVector(l.rd(), imm);
  l.SetVector(l.rd(), LogicOf(l, op ? Op::kVAnd : Op::kVOr, l.V(l.rd()), imm));
}

void HalfImmediate(Lifter& l) {
  if (l.FloatIsTrapped()) return;
  const uint64_t imm8 = l.Bits(18, 16) << 5 | l.Bits(9, 5);
  const uint64_t exponent = (imm8 & 0x40) != 0 ? 3 : 4;
  const uint64_t half = (imm8 >> 7) << 15 | exponent << 12 | (imm8 & 0x3f) << 6;
  l.SetVector(l.rd(), l.b.Const(Type::kV128, half * 0x0001'0001'0001'0001));
}

}  // namespace emu::translator::aarch64
