// Lifts of integer computation: RV64I, M, Zba, Zbb, Zbc, Zbs.
#pragma once

#include "translator/guest/riscv64/lifter.h"

namespace emu::translator::riscv64 {

using ir::Op;
using ir::Type;
using ir::Value;

template <Op op>
void Binary(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(op, l.X(l.rs1()), l.X(l.rs2())));
}
template <Op op>
void BinaryImm(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(op, l.X(l.rs1()), l.I64(l.ImmI())));
}
template <Op op>
void BinaryW(Lifter& l) {
  l.SetSigned(l.rd(), l.b.Binary(op, l.X32(l.rs1()), l.X32(l.rs2())));
}
inline void Addiw(Lifter& l) {
  l.SetSigned(l.rd(), l.b.Binary(Op::kAdd, l.X32(l.rs1()),
                                 l.b.Const(Type::kI32, static_cast<uint64_t>(l.ImmI()))));
}
template <Op op>
void ShiftImm(Lifter& l) {
  l.SetX(l.rd(), l.b.Binary(op, l.X(l.rs1()), l.I64(l.Bits(25, 20))));
}
template <Op op>
void ShiftImmW(Lifter& l) {
  l.SetSigned(l.rd(), l.b.Binary(op, l.X32(l.rs1()), l.b.Const(Type::kI32, l.Bits(24, 20))));
}
template <Op op>
void Compare(Lifter& l) {
  l.SetUnsigned(l.rd(), l.b.Binary(op, l.X(l.rs1()), l.X(l.rs2())));
}
template <Op op>
void CompareImm(Lifter& l) {
  l.SetUnsigned(l.rd(), l.b.Binary(op, l.X(l.rs1()), l.I64(l.ImmI())));
}
inline void Lui(Lifter& l) { l.SetX(l.rd(), l.I64(l.ImmU())); }
inline void Auipc(Lifter& l) { l.SetX(l.rd(), l.b.Pc(l.offset + l.ImmU())); }

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

}  // namespace emu::translator::riscv64
