# C: every 16-bit instruction, by what it expands to.

  .include "test.inc"

BEGIN
  # Quadrant 0: stack addresses, loads and stores by short registers.
  li sp, 0x1000
  COMPRESSED 0x13fc, a0, c.addi4spn a0, sp, 1020
  COMPRESSED 0x1004, s0, c.addi4spn s0, sp, 4
  COMPRESSED 0x1208, a5, c.addi4spn a5, sp, 520
  la s1, data
  COMPRESSED 0xffffffff89abcdef, a0, c.lw a0, 0(s1)
  COMPRESSED 0x0000000001234567, a0, c.lw a0, 4(s1)
  COMPRESSED 0x0123456789abcdef, a0, c.ld a0, 0(s1)
  COMPRESSED 0x1111111111111111, a0, c.ld a0, 248(s1)
  COMPRESSED 0x0000000022222222, a0, c.lw a0, 124(s1)
  .option push
  .option rvc
  c.fld fa0, 248(s1)
  .option pop
  fmv.x.d a2, fa0
  COMPRESSED 0x1111111111111111, a2, c.nop
  la s1, scratch
  li a0, 0x8877665544332211
  sd zero, 120(s1)
  sd zero, 248(s1)
  .option push
  .option rvc
  c.sw a0, 124(s1)
  c.sd a0, 248(s1)
  .option pop
  ld a2, 120(s1)
  COMPRESSED 0x4433221100000000, a2, c.nop
  ld a2, 248(s1)
  COMPRESSED 0x8877665544332211, a2, c.nop
  .option push
  .option rvc
  c.fsd fa0, 8(s1)
  .option pop
  ld a2, 8(s1)
  COMPRESSED 0x1111111111111111, a2, c.nop

  # Quadrant 1: immediates and arithmetic.
  COMPRESSED1 0x10, a0, 0xf, c.addi a0, 1
  COMPRESSED1 0xffffffffffffffe0, a0, 0, c.addi a0, -32
  COMPRESSED1 0xffffffff80000000, a0, 0x17fffffff, c.addiw a0, 1
  COMPRESSED1 0xffffffffffffffff, a0, 0x123456780000001e, c.addiw a0, -31
  COMPRESSED1 0xffffffff87654321, a0, 0x1234567887654321, c.addiw a0, 0
  COMPRESSED1 31, a0, 5, c.li a0, 31
  COMPRESSED1 0xffffffffffffffe0, a0, 5, c.li a0, -32
  COMPRESSED1 0x11f0, sp, 0x1000, c.addi16sp sp, 496
  COMPRESSED1 0x0e00, sp, 0x1000, c.addi16sp sp, -512
  COMPRESSED1 0x1f000, a0, 5, c.lui a0, 31
  COMPRESSED1 0xfffffffffffe0000, a0, 5, c.lui a0, 0xfffe0
  COMPRESSED1 1, a0, 0x8000000000000000, c.srli a0, 63
  COMPRESSED1 0x40000000, a0, 0x80000000, c.srli a0, 1
  COMPRESSED1 0xffffffffffffffff, a0, 0x8000000000000000, c.srai a0, 63
  COMPRESSED1 0xc000000000000000, a0, 0x8000000000000000, c.srai a0, 1
  COMPRESSED1 0x1f, a0, 0xffffffffffffffff, c.andi a0, 31
  COMPRESSED1 0xffffffffffffffe0, a0, 0xffffffffffffffff, c.andi a0, -32
  COMPRESSED2 0xfffffffffffffffe, a0, 1, a1, 3, c.sub a0, a1
  COMPRESSED2 6, a0, 5, a1, 3, c.xor a0, a1
  COMPRESSED2 7, a0, 5, a1, 3, c.or a0, a1
  COMPRESSED2 1, a0, 5, a1, 3, c.and a0, a1
  COMPRESSED2 0x7fffffff, a0, 0xffffffff80000000, a1, 1, c.subw a0, a1
  COMPRESSED2 0xffffffff80000000, a0, 0x7fffffff, a1, 1, c.addw a0, a1

  # Jumps and branches.
.macro JUMPS expected, value, instruction:vararg
  NAME \@, \instruction \value
  la t4, .Lname\@
  .pushsection .rodata
  .balign 8
.Lin\@: .dword \value
  .popsection
  la t0, .Lin\@
  ld a0, 0(t0)
  JUMPS_BODY \expected, \instruction
  li a0, \value
  JUMPS_BODY \expected, \instruction
.endm
.macro JUMPS_BODY expected, instruction:vararg
  li a2, 1
  .option push
  .option rvc
  \instruction 1f
  .option pop
  li a2, 0
1:
  li a7, \expected
  EXPECT a2
.endm
  JUMPS 1, 0, c.j
  JUMPS 1, 0, c.beqz a0,
  JUMPS 0, 0x100000000, c.beqz a0,
  JUMPS 0, 0, c.bnez a0,
  JUMPS 1, 0x100000000, c.bnez a0,
  # Backwards.
  .option push
  .option rvc
  li a0, 3
  li a2, 0
1:
  c.addi a2, 2
  c.addi a0, -1
  c.bnez a0, 1b
  .option pop
  COMPRESSED 6, a2, c.nop
  la a1, 2f
  li a2, 1
  .option push
  .option rvc
  c.jr a1
  c.li a2, 0
2:
  .option pop
  COMPRESSED 1, a2, c.nop
  la a1, 2f
  la a3, 1f
  .option push
  .option rvc
  c.jalr a1
1:
  c.li a2, 0
2:
  .option pop
  sub a2, ra, a3
  COMPRESSED 0, a2, c.nop

  # Quadrant 2: shifts, stack loads and stores, moves.
  COMPRESSED1 0x8000000000000000, a0, 1, c.slli a0, 63
  COMPRESSED1 2, a0, 1, c.slli a0, 1
  la sp, data
  COMPRESSED 0x0000000001234567, a0, c.lwsp a0, 4(sp)
  COMPRESSED 0x0000000022222222, t6, c.lwsp t6, 124(sp)
  COMPRESSED 0x0123456789abcdef, a0, c.ldsp a0, 0(sp)
  COMPRESSED 0x1111111111111111, a0, c.ldsp a0, 248(sp)
  .option push
  .option rvc
  c.fldsp ft9, 248(sp)
  .option pop
  fmv.x.d a2, ft9
  COMPRESSED 0x1111111111111111, a2, c.nop
  la sp, scratch
  li t6, 0x8877665544332211
  sd zero, 248(sp)
  .option push
  .option rvc
  c.swsp t6, 252(sp)
  .option pop
  ld a2, 248(sp)
  COMPRESSED 0x4433221100000000, a2, c.nop
  .option push
  .option rvc
  c.sdsp t6, 248(sp)
  .option pop
  ld a2, 248(sp)
  COMPRESSED 0x8877665544332211, a2, c.nop
  .option push
  .option rvc
  c.fsdsp ft9, 16(sp)
  .option pop
  ld a2, 16(sp)
  COMPRESSED 0x1111111111111111, a2, c.nop
  COMPRESSED2 3, a0, 5, a1, 3, c.mv a0, a1
  COMPRESSED2 8, a0, 5, a1, 3, c.add a0, a1

  # Hints write nothing; reserved encodings are illegal, with the 16 bits as mtval.
  COMPRESSED 0, zero, .half 0x0005            # c.nop with an immediate
  COMPRESSED 0, zero, .half 0x4005            # c.li x0, 1
  COMPRESSED 0, zero, .half 0x6005            # c.lui x0, 1
  COMPRESSED 0, zero, .half 0x8016            # c.mv x0, x5
  .irp ntl, 0x900a, 0x900e, 0x9012, 0x9016    # Zihintntl
  COMPRESSED 0, zero, .half \ntl
  .endr
  TRAPS 2, 0x0000, .half 0x0000               # c.addi4spn with 0
  TRAPS 2, 0x9000, .half 0x9000               # quadrant 0, funct3 4
  TRAPS 2, 0x2001, .half 0x2001               # c.addiw x0
  TRAPS 2, 0x6101, .half 0x6101               # c.addi16sp with 0
  TRAPS 2, 0x6501, .half 0x6501               # c.lui a0 with 0
  TRAPS 2, 0x9c7d, .half 0x9c7d               # reserved arithmetic
  TRAPS 2, 0x4002, .half 0x4002               # c.lwsp x0
  TRAPS 2, 0x6002, .half 0x6002               # c.ldsp x0
  TRAPS 2, 0x8002, .half 0x8002               # c.jr x0
  la t2, 2f
  la t0, wanted_trap
  csrw mtvec, t0
1:
  .option push
  .option rvc
  c.ebreak
  .option pop
2:
  COMPRESSED 3, t0, c.nop
  la t0, unexpected_trap
  csrw mtvec, t0
END

  .section .rodata
  .balign 8
data:
  .dword 0x0123456789abcdef
  .zero 124 - 8
  .word 0x22222222
  .zero 248 - 128
  .dword 0x1111111111111111
