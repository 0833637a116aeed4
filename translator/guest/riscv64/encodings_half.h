// Rows of the encoding table: half precision.
#pragma once

#include <array>

#include "translator/guest/riscv64/encoding_row.h"
#include "translator/guest/riscv64/translate_half.h"

namespace emu::translator::riscv64 {

inline constexpr std::array kHalfEncodings = {
    // Zfhmin
    Row(".................001.....0000111", "flh", Format::kFloatLoad, HalfLoad),
    Row(".................001.....0100111", "fsh", Format::kFloatStore, HalfStore),
    Row("111001000000.....000.....1010011", "fmv.x.h", Format::kFloatToInt, HalfMoveToInt),
    Row("111101000000.....000.....1010011", "fmv.h.x", Format::kIntToFloat, HalfMoveFromInt),
    Row("010000000010.............1010011", "fcvt.s.h", Format::kFloatR1, HalfToFloat<Type::kF32>),
    Row("010001000000.............1010011", "fcvt.h.s", Format::kFloatR1, FloatToHalf<Type::kF32>),
    Row("010000100010.............1010011", "fcvt.d.h", Format::kFloatR1, HalfToFloat<Type::kF64>),
    Row("010001000001.............1010011", "fcvt.h.d", Format::kFloatR1, FloatToHalf<Type::kF64>),
    // Zfh
    Row(".....10..................1000011", "fmadd.h", Format::kFloatR4, HalfMulAdd<false, false>),
    Row(".....10..................1000111", "fmsub.h", Format::kFloatR4, HalfMulAdd<false, true>),
    Row(".....10..................1001011", "fnmsub.h", Format::kFloatR4, HalfMulAdd<true, false>),
    Row(".....10..................1001111", "fnmadd.h", Format::kFloatR4, HalfMulAdd<true, true>),
    Row("0000010..................1010011", "fadd.h", Format::kFloatR, HalfBinary<Op::kFAdd>),
    Row("0000110..................1010011", "fsub.h", Format::kFloatR, HalfBinary<Op::kFSub>),
    Row("0001010..................1010011", "fmul.h", Format::kFloatR, HalfBinary<Op::kFMul>),
    Row("0001110..................1010011", "fdiv.h", Format::kFloatR, HalfBinary<Op::kFDiv>),
    Row("010111000000.............1010011", "fsqrt.h", Format::kFloatR1, HalfSqrt),
    Row("0010010..........000.....1010011", "fsgnj.h", Format::kFloatR,
        HalfSignInject<SignSource::kCopy>),
    Row("0010010..........001.....1010011", "fsgnjn.h", Format::kFloatR,
        HalfSignInject<SignSource::kNegated>),
    Row("0010010..........010.....1010011", "fsgnjx.h", Format::kFloatR,
        HalfSignInject<SignSource::kXor>),
    Row("0010110..........000.....1010011", "fmin.h", Format::kFloatR, HalfMinMax<Op::kFMin>),
    Row("0010110..........001.....1010011", "fmax.h", Format::kFloatR, HalfMinMax<Op::kFMax>),
    Row("1010010..........010.....1010011", "feq.h", Format::kFloatCmp, HalfCompare<Op::kFEq>),
    Row("1010010..........001.....1010011", "flt.h", Format::kFloatCmp, HalfCompare<Op::kFLt>),
    Row("1010010..........000.....1010011", "fle.h", Format::kFloatCmp, HalfCompare<Op::kFLe>),
    Row("110001000000.............1010011", "fcvt.w.h", Format::kFloatToInt,
        HalfToInt<Op::kFToS, Type::kI32>),
    Row("110101000000.............1010011", "fcvt.h.w", Format::kIntToFloat,
        IntToHalf<Op::kSToF, Type::kI32>),
    Row("110001000001.............1010011", "fcvt.wu.h", Format::kFloatToInt,
        HalfToInt<Op::kFToU, Type::kI32>),
    Row("110101000001.............1010011", "fcvt.h.wu", Format::kIntToFloat,
        IntToHalf<Op::kUToF, Type::kI32>),
    Row("110001000010.............1010011", "fcvt.l.h", Format::kFloatToInt,
        HalfToInt<Op::kFToS, Type::kI64>),
    Row("110101000010.............1010011", "fcvt.h.l", Format::kIntToFloat,
        IntToHalf<Op::kSToF, Type::kI64>),
    Row("110001000011.............1010011", "fcvt.lu.h", Format::kFloatToInt,
        HalfToInt<Op::kFToU, Type::kI64>),
    Row("110101000011.............1010011", "fcvt.h.lu", Format::kIntToFloat,
        IntToHalf<Op::kUToF, Type::kI64>),
    Row("111001000000.....001.....1010011", "fclass.h", Format::kFloatToInt, HalfClass),
};

}  // namespace emu::translator::riscv64
