// Lifts of bit manipulation: Zba, Zbb, Zbc, Zbs, Zbkb, Zbkx; and of Zicond.
#pragma once

#include "translator/guest/riscv64/translate_integer.h"

namespace emu::translator::riscv64 {

template <Op op>
void Unary(Lifter& l) {
  l.SetX(l.rd(), l.b.Unary(op, l.X(l.rs1())));
}
template <Op op>
void UnaryW(Lifter& l) {
  l.SetSigned(l.rd(), l.b.Unary(op, l.X32(l.rs1())));
}
template <Op extension, Type narrow>
void Extend(Lifter& l) {
  const Value value = l.b.Convert(Op::kTruncate, narrow, l.X(l.rs1()));
  l.SetX(l.rd(), l.b.Convert(extension, Type::kI64, value));
}
// Zbb min, max and their unsigned forms: the first operand if `op` holds.
template <Op op>
void MinMax(Lifter& l) {
  const Value a = l.X(l.rs1());
  const Value c = l.X(l.rs2());
  l.SetX(l.rd(), l.b.Select(l.b.Binary(op, a, c), a, c));
}
template <Op op>
void BinaryInverted(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(op, l.X(l.rs1()), l.b.Unary(Op::kNot, l.X(l.rs2()))));
}

template <int shift>
void ShiftAdd(Lifter& l) {
  l.SetX(l.rd(),
         l.b.Binary(Op::kAdd, l.b.Binary(Op::kShl, l.X(l.rs1()), l.I64(shift)), l.X(l.rs2())));
}
inline Value ZeroExtendedWord(Lifter& l) {
  return l.b.Convert(Op::kZeroExtend, Type::kI64, l.X32(l.rs1()));
}
template <int shift>
void ShiftAddUw(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(Op::kAdd, l.b.Binary(Op::kShl, ZeroExtendedWord(l), l.I64(shift)),
                            l.X(l.rs2())));
}
inline void SlliUw(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(Op::kShl, ZeroExtendedWord(l), l.I64(l.Bits(25, 20))));
}

// Zbc clmulr: bits 126:63 of the product.
inline void Clmulr(Lifter& l) {
  const Value a = l.X(l.rs1());
  const Value c = l.X(l.rs2());
  const Value high = l.b.Binary(Op::kShl, l.b.Binary(Op::kClMulHigh, a, c), l.I64(1));
  const Value low = l.b.Binary(Op::kShrU, l.b.Binary(Op::kClMulLow, a, c), l.I64(63));
  l.SetX(l.rd(), l.b.Binary(Op::kOr, high, low));
}

enum class BitAction : uint8_t { kClear, kExtract, kInvert, kSet };
inline void ActOnBit(Lifter& l, BitAction action, Value position) {
  const Value a = l.X(l.rs1());
  if (action == BitAction::kExtract) {
    l.SetX(l.rd(), l.b.Binary(Op::kAnd, l.b.Binary(Op::kShrU, a, position), l.I64(1)));
    return;
  }
  const Value bit = l.b.Binary(Op::kShl, l.I64(1), position);
  const Op op = action == BitAction::kClear    ? Op::kAndNot
                : action == BitAction::kInvert ? Op::kXor
                                               : Op::kOr;
  l.SetX(l.rd(), l.b.Binary(op, a, bit));
}
template <BitAction action>
void SingleBit(Lifter& l) {
  ActOnBit(l, action, l.X(l.rs2()));
}
template <BitAction action>
void SingleBitImm(Lifter& l) {
  ActOnBit(l, action, l.I64(l.Bits(25, 20)));
}

// Zicond: rs1, or zero if `op` holds of rs2 and zero.
template <Op op>
void ZeroIf(Lifter& l) {
  const Value is_zeroed = l.b.Binary(op, l.X(l.rs2()), l.I64(0));
  l.SetX(l.rd(), l.b.Select(is_zeroed, l.I64(0), l.X(l.rs1())));
}

// Zbkb.
inline void ReverseBitsInBytes(Lifter& l) {
  constexpr struct {
    int64_t shift, mask;
  } kSwaps[] = {{1, 0x5555'5555'5555'5555}, {2, 0x3333'3333'3333'3333}, {4, 0x0f0f'0f0f'0f0f'0f0f}};
  Value bits = l.X(l.rs1());
  for (const auto& [shift, mask] : kSwaps) {
    const Value high = l.b.Binary(Op::kShl, l.b.Binary(Op::kAnd, bits, l.I64(mask)), l.I64(shift));
    const Value low = l.b.Binary(Op::kAnd, l.b.Binary(Op::kShrU, bits, l.I64(shift)), l.I64(mask));
    bits = l.b.Binary(Op::kOr, high, low);
  }
  l.SetX(l.rd(), bits);
}
inline void Pack(Lifter& l) {
  const Value high = l.b.Binary(Op::kShl, l.X(l.rs2()), l.I64(32));
  l.SetX(l.rd(), l.b.Binary(Op::kOr, ZeroExtendedWord(l), high));
}
inline void PackBytes(Lifter& l) {
  const Value low = l.b.Binary(Op::kAnd, l.X(l.rs1()), l.I64(0xff));
  const Value high = l.b.Binary(Op::kAnd, l.X(l.rs2()), l.I64(0xff));
  l.SetX(l.rd(), l.b.Binary(Op::kOr, low, l.b.Binary(Op::kShl, high, l.I64(8))));
}
inline void PackHalvesW(Lifter& l) {
  const auto word = [&l](uint64_t bits) { return l.b.Const(Type::kI32, bits); };
  const Value low = l.b.Binary(Op::kAnd, l.X32(l.rs1()), word(0xffff));
  const Value high = l.b.Binary(Op::kShl, l.X32(l.rs2()), word(16));
  l.SetSigned(l.rd(), l.b.Binary(Op::kOr, low, high));
}

}  // namespace emu::translator::riscv64
