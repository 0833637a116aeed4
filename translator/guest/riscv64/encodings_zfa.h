// Rows of the encoding table: Zfa.
#pragma once

#include <array>

#include "translator/guest/riscv64/encoding_row.h"
#include "translator/guest/riscv64/translate_zfa.h"

namespace emu::translator::riscv64 {

inline constexpr std::array kZfaEncodings = {
    Row("111100000001.....000.....1010011", "fli.s", Format::kFloatConst, LoadConstant<Type::kF32>),
    Row("0010100..........010.....1010011", "fminm.s", Format::kFloatR,
        FloatMinMaxOrNan<Op::kFMin, Type::kF32>),
    Row("0010100..........011.....1010011", "fmaxm.s", Format::kFloatR,
        FloatMinMaxOrNan<Op::kFMax, Type::kF32>),
    Row("010000000100.............1010011", "fround.s", Format::kFloatR1,
        RoundToIntegral<Op::kFRound, Type::kF32>),
    Row("010000000101.............1010011", "froundnx.s", Format::kFloatR1,
        RoundToIntegral<Op::kFRoundExact, Type::kF32>),
    Row("1010000..........101.....1010011", "fltq.s", Format::kFloatCmp,
        FloatCompare<Op::kFLtQuiet, Type::kF32>),
    Row("1010000..........100.....1010011", "fleq.s", Format::kFloatCmp,
        FloatCompare<Op::kFLeQuiet, Type::kF32>),
    Row("111100100001.....000.....1010011", "fli.d", Format::kFloatConst, LoadConstant<Type::kF64>),
    Row("0010101..........010.....1010011", "fminm.d", Format::kFloatR,
        FloatMinMaxOrNan<Op::kFMin, Type::kF64>),
    Row("0010101..........011.....1010011", "fmaxm.d", Format::kFloatR,
        FloatMinMaxOrNan<Op::kFMax, Type::kF64>),
    Row("010000100100.............1010011", "fround.d", Format::kFloatR1,
        RoundToIntegral<Op::kFRound, Type::kF64>),
    Row("010000100101.............1010011", "froundnx.d", Format::kFloatR1,
        RoundToIntegral<Op::kFRoundExact, Type::kF64>),
    Row("1010001..........101.....1010011", "fltq.d", Format::kFloatCmp,
        FloatCompare<Op::kFLtQuiet, Type::kF64>),
    Row("1010001..........100.....1010011", "fleq.d", Format::kFloatCmp,
        FloatCompare<Op::kFLeQuiet, Type::kF64>),
    Row("111101000001.....000.....1010011", "fli.h", Format::kFloatConst, LoadConstant<Type::kI16>),
    Row("0010110..........010.....1010011", "fminm.h", Format::kFloatR, HalfMinMaxOrNan<Op::kFMin>),
    Row("0010110..........011.....1010011", "fmaxm.h", Format::kFloatR, HalfMinMaxOrNan<Op::kFMax>),
    Row("010001000100.............1010011", "fround.h", Format::kFloatR1,
        HalfRoundToIntegral<Op::kFRound>),
    Row("010001000101.............1010011", "froundnx.h", Format::kFloatR1,
        HalfRoundToIntegral<Op::kFRoundExact>),
    Row("1010010..........101.....1010011", "fltq.h", Format::kFloatCmp,
        HalfCompare<Op::kFLtQuiet>),
    Row("1010010..........100.....1010011", "fleq.h", Format::kFloatCmp,
        HalfCompare<Op::kFLeQuiet>),
    Row("110000101000.....001.....1010011", "fcvtmod.w.d", Format::kFloatToInt, FloatToModularInt),
};

}  // namespace emu::translator::riscv64
