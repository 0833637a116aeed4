# Zcb: more 16-bit instructions. Binutils 2.40 knows none of them.

  .include "test.inc"

# The access's offset, and which of those that share a code, are where others have a second operand.
.macro c.lbu rd, offset, base
  .insn ca 0, 0x20, ((\offset & 1) << 1 | \offset >> 1), \base, \rd
.endm
.macro c.lhu rd, offset, base
  .insn ca 0, 0x21, (\offset >> 1), \base, \rd
.endm
.macro c.lh rd, offset, base
  .insn ca 0, 0x21, (2 | \offset >> 1), \base, \rd
.endm
.macro c.sb rs, offset, base
  .insn ca 0, 0x22, ((\offset & 1) << 1 | \offset >> 1), \base, \rs
.endm
.macro c.sh rs, offset, base
  .insn ca 0, 0x23, (\offset >> 1), \base, \rs
.endm
.macro c.zext.b rd
  .insn ca 1, 0x27, 3, \rd, s0
.endm
.macro c.sext.b rd
  .insn ca 1, 0x27, 3, \rd, s1
.endm
.macro c.zext.h rd
  .insn ca 1, 0x27, 3, \rd, a0
.endm
.macro c.sext.h rd
  .insn ca 1, 0x27, 3, \rd, a1
.endm
.macro c.zext.w rd
  .insn ca 1, 0x27, 3, \rd, a2
.endm
.macro c.not rd
  .insn ca 1, 0x27, 3, \rd, a3
.endm
.macro c.mul rd, rs
  .insn ca 1, 0x27, 2, \rd, \rs
.endm

BEGIN
  la s1, data
  # c.lbu
  COMPRESSED 0x81, a0, c.lbu a0, 0, s1
  COMPRESSED 0x92, a0, c.lbu a0, 1, s1
  COMPRESSED 0xa3, a5, c.lbu a5, 2, s1
  COMPRESSED 0xb4, s0, c.lbu s0, 3, s1
  # c.lhu, c.lh
  COMPRESSED 0x9281, a0, c.lhu a0, 0, s1
  COMPRESSED 0xb4a3, a5, c.lhu a5, 2, s1
  COMPRESSED 0xffffffffffff9281, a0, c.lh a0, 0, s1
  COMPRESSED 0xffffffffffffb4a3, a5, c.lh a5, 2, s1
  addi s1, s1, 4
  COMPRESSED 0x5678, a0, c.lh a0, 0, s1
  COMPRESSED 0x1234, a0, c.lh a0, 2, s1
  # c.sb, c.sh
.macro STORES expected, instruction:vararg
  sd zero, 0(s1)
  .option push
  .option rvc
  \instruction
  .option pop
  ld a2, 0(s1)
  COMPRESSED \expected, a2, c.nop
.endm
  la s1, scratch
  li a0, 0x8877665544332211
  STORES 0x11, c.sb a0, 0, s1
  STORES 0x1100, c.sb a0, 1, s1
  STORES 0x110000, c.sb a0, 2, s1
  STORES 0x11000000, c.sb a0, 3, s1
  STORES 0x2211, c.sh a0, 0, s1
  STORES 0x22110000, c.sh a0, 2, s1
  # c.zext.b
  COMPRESSED1 0x0, a0, 0x0, c.zext.b a0
  COMPRESSED1 0x1, a0, 0x1, c.zext.b a0
  COMPRESSED1 0x7f, a0, 0x7f, c.zext.b a0
  COMPRESSED1 0x80, a0, 0x80, c.zext.b a0
  COMPRESSED1 0xff, a0, 0xff, c.zext.b a0
  COMPRESSED1 0xff, a0, 0x7fff, c.zext.b a0
  COMPRESSED1 0x0, a0, 0x8000, c.zext.b a0
  COMPRESSED1 0xff, a0, 0xffff, c.zext.b a0
  COMPRESSED1 0xff, a0, 0x7fffffff, c.zext.b a0
  COMPRESSED1 0x0, a0, 0x80000000, c.zext.b a0
  COMPRESSED1 0xff, a0, 0xffffffffffffffff, c.zext.b a0
  COMPRESSED1 0xf0, a0, 0x123456789abcdef0, c.zext.b a0
  COMPRESSED1 0x10, a0, 0xfedcba9876543210, c.zext.b a0
  # c.sext.b
  COMPRESSED1 0x0, a0, 0x0, c.sext.b a0
  COMPRESSED1 0x1, a0, 0x1, c.sext.b a0
  COMPRESSED1 0x7f, a0, 0x7f, c.sext.b a0
  COMPRESSED1 0xffffffffffffff80, a0, 0x80, c.sext.b a0
  COMPRESSED1 0xffffffffffffffff, a0, 0xff, c.sext.b a0
  COMPRESSED1 0xffffffffffffffff, a0, 0x7fff, c.sext.b a0
  COMPRESSED1 0x0, a0, 0x8000, c.sext.b a0
  COMPRESSED1 0xffffffffffffffff, a0, 0xffff, c.sext.b a0
  COMPRESSED1 0xffffffffffffffff, a0, 0x7fffffff, c.sext.b a0
  COMPRESSED1 0x0, a0, 0x80000000, c.sext.b a0
  COMPRESSED1 0xffffffffffffffff, a0, 0xffffffffffffffff, c.sext.b a0
  COMPRESSED1 0xfffffffffffffff0, a0, 0x123456789abcdef0, c.sext.b a0
  COMPRESSED1 0x10, a0, 0xfedcba9876543210, c.sext.b a0
  # c.zext.h
  COMPRESSED1 0x0, a0, 0x0, c.zext.h a0
  COMPRESSED1 0x1, a0, 0x1, c.zext.h a0
  COMPRESSED1 0x7f, a0, 0x7f, c.zext.h a0
  COMPRESSED1 0x80, a0, 0x80, c.zext.h a0
  COMPRESSED1 0xff, a0, 0xff, c.zext.h a0
  COMPRESSED1 0x7fff, a0, 0x7fff, c.zext.h a0
  COMPRESSED1 0x8000, a0, 0x8000, c.zext.h a0
  COMPRESSED1 0xffff, a0, 0xffff, c.zext.h a0
  COMPRESSED1 0xffff, a0, 0x7fffffff, c.zext.h a0
  COMPRESSED1 0x0, a0, 0x80000000, c.zext.h a0
  COMPRESSED1 0xffff, a0, 0xffffffffffffffff, c.zext.h a0
  COMPRESSED1 0xdef0, a0, 0x123456789abcdef0, c.zext.h a0
  COMPRESSED1 0x3210, a0, 0xfedcba9876543210, c.zext.h a0
  # c.sext.h
  COMPRESSED1 0x0, a0, 0x0, c.sext.h a0
  COMPRESSED1 0x1, a0, 0x1, c.sext.h a0
  COMPRESSED1 0x7f, a0, 0x7f, c.sext.h a0
  COMPRESSED1 0x80, a0, 0x80, c.sext.h a0
  COMPRESSED1 0xff, a0, 0xff, c.sext.h a0
  COMPRESSED1 0x7fff, a0, 0x7fff, c.sext.h a0
  COMPRESSED1 0xffffffffffff8000, a0, 0x8000, c.sext.h a0
  COMPRESSED1 0xffffffffffffffff, a0, 0xffff, c.sext.h a0
  COMPRESSED1 0xffffffffffffffff, a0, 0x7fffffff, c.sext.h a0
  COMPRESSED1 0x0, a0, 0x80000000, c.sext.h a0
  COMPRESSED1 0xffffffffffffffff, a0, 0xffffffffffffffff, c.sext.h a0
  COMPRESSED1 0xffffffffffffdef0, a0, 0x123456789abcdef0, c.sext.h a0
  COMPRESSED1 0x3210, a0, 0xfedcba9876543210, c.sext.h a0
  # c.zext.w
  COMPRESSED1 0x0, a0, 0x0, c.zext.w a0
  COMPRESSED1 0x1, a0, 0x1, c.zext.w a0
  COMPRESSED1 0x7f, a0, 0x7f, c.zext.w a0
  COMPRESSED1 0x80, a0, 0x80, c.zext.w a0
  COMPRESSED1 0xff, a0, 0xff, c.zext.w a0
  COMPRESSED1 0x7fff, a0, 0x7fff, c.zext.w a0
  COMPRESSED1 0x8000, a0, 0x8000, c.zext.w a0
  COMPRESSED1 0xffff, a0, 0xffff, c.zext.w a0
  COMPRESSED1 0x7fffffff, a0, 0x7fffffff, c.zext.w a0
  COMPRESSED1 0x80000000, a0, 0x80000000, c.zext.w a0
  COMPRESSED1 0xffffffff, a0, 0xffffffffffffffff, c.zext.w a0
  COMPRESSED1 0x9abcdef0, a0, 0x123456789abcdef0, c.zext.w a0
  COMPRESSED1 0x76543210, a0, 0xfedcba9876543210, c.zext.w a0
  # c.not
  COMPRESSED1 0xffffffffffffffff, a0, 0x0, c.not a0
  COMPRESSED1 0xfffffffffffffffe, a0, 0x1, c.not a0
  COMPRESSED1 0xffffffffffffff80, a0, 0x7f, c.not a0
  COMPRESSED1 0xffffffffffffff7f, a0, 0x80, c.not a0
  COMPRESSED1 0xffffffffffffff00, a0, 0xff, c.not a0
  COMPRESSED1 0xffffffffffff8000, a0, 0x7fff, c.not a0
  COMPRESSED1 0xffffffffffff7fff, a0, 0x8000, c.not a0
  COMPRESSED1 0xffffffffffff0000, a0, 0xffff, c.not a0
  COMPRESSED1 0xffffffff80000000, a0, 0x7fffffff, c.not a0
  COMPRESSED1 0xffffffff7fffffff, a0, 0x80000000, c.not a0
  COMPRESSED1 0x0, a0, 0xffffffffffffffff, c.not a0
  COMPRESSED1 0xedcba9876543210f, a0, 0x123456789abcdef0, c.not a0
  COMPRESSED1 0x123456789abcdef, a0, 0xfedcba9876543210, c.not a0
  # c.mul
  COMPRESSED2 0x0, a0, 0x0, a1, 0x5, c.mul a0, a1
  COMPRESSED2 0xf, a0, 0x3, a1, 0x5, c.mul a0, a1
  COMPRESSED2 0x1, a0, 0xffffffffffffffff, a1, 0xffffffffffffffff, c.mul a0, a1
  COMPRESSED2 0x0, a0, 0x8000000000000000, a1, 0x2, c.mul a0, a1
  COMPRESSED2 0x236d88fe5618cf00, a0, 0x123456789abcdef0, a1, 0xfedcba9876543210, c.mul a0, a1
  COMPRESSED1 0x10, s0, 4, c.mul s0, s0
  # Reserved.
  TRAPS 2, 0x9c79, .2byte 0x9c79
  TRAPS 2, 0x9c7d, .2byte 0x9c7d
  TRAPS 2, 0x8cc0, .2byte 0x8cc0
  TRAPS 2, 0x9000, .2byte 0x9000
END

  .section .rodata
  .balign 8
data: .dword 0x12345678b4a39281
