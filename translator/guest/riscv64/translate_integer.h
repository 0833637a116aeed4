// Lifts of integer computation: RV64I and M.
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

}  // namespace emu::translator::riscv64
