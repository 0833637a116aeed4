// Rows of the encoding table: 16 bits.
#pragma once

#include <array>

#include "translator/guest/riscv64/compressed.h"
#include "translator/guest/riscv64/decoder.h"
#include "translator/guest/riscv64/encoding_row.h"
#include "translator/guest/riscv64/lifter.h"

namespace emu::translator::riscv64 {

// Lifts the 32-bit instruction that a compressed one stands for.
inline void Compressed(Lifter& lifter) {
  lifter.code = ExpandCompressed(lifter.raw);
  const Encoding* expanded = lifter.code == 0 ? nullptr : Decode(lifter.code);
  if (expanded == nullptr) {
    lifter.Illegal();
  } else {
    expanded->lift(lifter);
  }
}

inline constexpr std::array kCompressedEncodings = {
    // C
    Row("000...........00", "c.addi4spn", Format::kCompressed, Compressed),
    Row("001...........00", "c.fld", Format::kCompressed, Compressed),
    Row("010...........00", "c.lw", Format::kCompressed, Compressed),
    Row("011...........00", "c.ld", Format::kCompressed, Compressed),
    Row("101...........00", "c.fsd", Format::kCompressed, Compressed),
    Row("110...........00", "c.sw", Format::kCompressed, Compressed),
    Row("111...........00", "c.sd", Format::kCompressed, Compressed),
    Row("000...........01", "c.addi", Format::kCompressed, Compressed),
    Row("001...........01", "c.addiw", Format::kCompressed, Compressed),
    Row("010...........01", "c.li", Format::kCompressed, Compressed),
    Row("011.00010.....01", "c.addi16sp", Format::kCompressed, Compressed),
    Row("011...........01", "c.lui", Format::kCompressed, Compressed),
    Row("100.00........01", "c.srli", Format::kCompressed, Compressed),
    Row("100.01........01", "c.srai", Format::kCompressed, Compressed),
    Row("100.10........01", "c.andi", Format::kCompressed, Compressed),
    Row("100011...00...01", "c.sub", Format::kCompressed, Compressed),
    Row("100011...01...01", "c.xor", Format::kCompressed, Compressed),
    Row("100011...10...01", "c.or", Format::kCompressed, Compressed),
    Row("100011...11...01", "c.and", Format::kCompressed, Compressed),
    Row("100111...00...01", "c.subw", Format::kCompressed, Compressed),
    Row("100111...01...01", "c.addw", Format::kCompressed, Compressed),
    Row("101...........01", "c.j", Format::kCompressed, Compressed),
    Row("110...........01", "c.beqz", Format::kCompressed, Compressed),
    Row("111...........01", "c.bnez", Format::kCompressed, Compressed),
    Row("000...........10", "c.slli", Format::kCompressed, Compressed),
    Row("001...........10", "c.fldsp", Format::kCompressed, Compressed),
    Row("010...........10", "c.lwsp", Format::kCompressed, Compressed),
    Row("011...........10", "c.ldsp", Format::kCompressed, Compressed),
    Row("1001000000000010", "c.ebreak", Format::kCompressed, Compressed),
    Row("1000.....0000010", "c.jr", Format::kCompressed, Compressed),
    Row("1001.....0000010", "c.jalr", Format::kCompressed, Compressed),
    Row("1000..........10", "c.mv", Format::kCompressed, Compressed),
    Row("1001..........10", "c.add", Format::kCompressed, Compressed),
    Row("101...........10", "c.fsdsp", Format::kCompressed, Compressed),
    Row("110...........10", "c.swsp", Format::kCompressed, Compressed),
    Row("111...........10", "c.sdsp", Format::kCompressed, Compressed),
    // Zcb
    Row("100000........00", "c.lbu", Format::kCompressed, Compressed),
    Row("100001...0....00", "c.lhu", Format::kCompressed, Compressed),
    Row("100001...1....00", "c.lh", Format::kCompressed, Compressed),
    Row("100010........00", "c.sb", Format::kCompressed, Compressed),
    Row("100011...0....00", "c.sh", Format::kCompressed, Compressed),
    Row("100111...1100001", "c.zext.b", Format::kCompressed, Compressed),
    Row("100111...1100101", "c.sext.b", Format::kCompressed, Compressed),
    Row("100111...1101001", "c.zext.h", Format::kCompressed, Compressed),
    Row("100111...1101101", "c.sext.h", Format::kCompressed, Compressed),
    Row("100111...1110001", "c.zext.w", Format::kCompressed, Compressed),
    Row("100111...1110101", "c.not", Format::kCompressed, Compressed),
    Row("100111...10...01", "c.mul", Format::kCompressed, Compressed),
};

}  // namespace emu::translator::riscv64
