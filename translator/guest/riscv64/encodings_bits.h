// Rows of the encoding table: bit manipulation and conditional operations.
#pragma once

#include <array>

#include "translator/guest/riscv64/encoding_row.h"
#include "translator/guest/riscv64/translate_bits.h"
#include "translator/guest/riscv64/translate_integer.h"

namespace emu::translator::riscv64 {

inline constexpr std::array kBitsEncodings = {
    // Zba
    Row("0010000..........010.....0110011", "sh1add", Format::kR, ShiftAdd<1>),
    Row("0010000..........010.....0111011", "sh1add.uw", Format::kR, ShiftAddUw<1>),
    Row("0010000..........100.....0110011", "sh2add", Format::kR, ShiftAdd<2>),
    Row("0010000..........100.....0111011", "sh2add.uw", Format::kR, ShiftAddUw<2>),
    Row("0010000..........110.....0110011", "sh3add", Format::kR, ShiftAdd<3>),
    Row("0010000..........110.....0111011", "sh3add.uw", Format::kR, ShiftAddUw<3>),
    Row("0000100..........000.....0111011", "add.uw", Format::kR, ShiftAddUw<0>),
    Row("000010...........001.....0011011", "slli.uw", Format::kShift, SlliUw),
    // Zbb
    Row("0100000..........111.....0110011", "andn", Format::kR, Binary<Op::kAndNot>),
    Row("0100000..........110.....0110011", "orn", Format::kR, BinaryInverted<Op::kOr>),
    Row("0100000..........100.....0110011", "xnor", Format::kR, BinaryInverted<Op::kXor>),
    Row("011000000000.....001.....0010011", "clz", Format::kR1, Unary<Op::kClz>),
    Row("011000000000.....001.....0011011", "clzw", Format::kR1, UnaryW<Op::kClz>),
    Row("011000000001.....001.....0010011", "ctz", Format::kR1, Unary<Op::kCtz>),
    Row("011000000001.....001.....0011011", "ctzw", Format::kR1, UnaryW<Op::kCtz>),
    Row("011000000010.....001.....0010011", "cpop", Format::kR1, Unary<Op::kPopCount>),
    Row("011000000010.....001.....0011011", "cpopw", Format::kR1, UnaryW<Op::kPopCount>),
    Row("011000000100.....001.....0010011", "sext.b", Format::kR1,
        Extend<Op::kSignExtend, Type::kI8>),
    Row("011000000101.....001.....0010011", "sext.h", Format::kR1,
        Extend<Op::kSignExtend, Type::kI16>),
    Row("000010000000.....100.....0111011", "zext.h", Format::kR1,
        Extend<Op::kZeroExtend, Type::kI16>),
    Row("0000101..........100.....0110011", "min", Format::kR, MinMax<Op::kLtS>),
    Row("0000101..........101.....0110011", "minu", Format::kR, MinMax<Op::kLtU>),
    Row("0000101..........110.....0110011", "max", Format::kR, MinMax<Op::kGeS>),
    Row("0000101..........111.....0110011", "maxu", Format::kR, MinMax<Op::kGeU>),
    Row("0110000..........001.....0110011", "rol", Format::kR, Binary<Op::kRotL>),
    Row("0110000..........101.....0110011", "ror", Format::kR, Binary<Op::kRotR>),
    Row("0110000..........001.....0111011", "rolw", Format::kR, BinaryW<Op::kRotL>),
    Row("0110000..........101.....0111011", "rorw", Format::kR, BinaryW<Op::kRotR>),
    Row("011000...........101.....0010011", "rori", Format::kShift, ShiftImm<Op::kRotR>),
    Row("0110000..........101.....0011011", "roriw", Format::kShift, ShiftImmW<Op::kRotR>),
    Row("001010000111.....101.....0010011", "orc.b", Format::kR1, Unary<Op::kOrCombine>),
    Row("011010111000.....101.....0010011", "rev8", Format::kR1, Unary<Op::kByteSwap>),
    // Zbc
    Row("0000101..........001.....0110011", "clmul", Format::kR, Binary<Op::kClMulLow>),
    Row("0000101..........011.....0110011", "clmulh", Format::kR, Binary<Op::kClMulHigh>),
    Row("0000101..........010.....0110011", "clmulr", Format::kR, Clmulr),
    // Zbs
    Row("0100100..........001.....0110011", "bclr", Format::kR, SingleBit<BitAction::kClear>),
    Row("010010...........001.....0010011", "bclri", Format::kShift,
        SingleBitImm<BitAction::kClear>),
    Row("0100100..........101.....0110011", "bext", Format::kR, SingleBit<BitAction::kExtract>),
    Row("010010...........101.....0010011", "bexti", Format::kShift,
        SingleBitImm<BitAction::kExtract>),
    Row("0110100..........001.....0110011", "binv", Format::kR, SingleBit<BitAction::kInvert>),
    Row("011010...........001.....0010011", "binvi", Format::kShift,
        SingleBitImm<BitAction::kInvert>),
    Row("0010100..........001.....0110011", "bset", Format::kR, SingleBit<BitAction::kSet>),
    Row("001010...........001.....0010011", "bseti", Format::kShift, SingleBitImm<BitAction::kSet>),
    // Zicond
    Row("0000111..........101.....0110011", "czero.eqz", Format::kR, ZeroIf<Op::kEq>),
    Row("0000111..........111.....0110011", "czero.nez", Format::kR, ZeroIf<Op::kNe>),
    // Zbkb, beyond what Zbb has, too
    Row("0000100..........100.....0110011", "pack", Format::kR, Pack),
    Row("0000100..........111.....0110011", "packh", Format::kR, PackBytes),
    Row("0000100..........100.....0111011", "packw", Format::kR, PackHalvesW),
    Row("011010000111.....101.....0010011", "brev8", Format::kR1, ReverseBitsInBytes),
    // Zbkx
    Row("0010100..........010.....0110011", "xperm4", Format::kR, Binary<Op::kNibbleLookup>),
    Row("0010100..........100.....0110011", "xperm8", Format::kR, Binary<Op::kByteLookup>),
};

}  // namespace emu::translator::riscv64
