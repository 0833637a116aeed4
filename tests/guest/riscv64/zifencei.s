# Zifencei: code that the hart itself writes is seen after fence.i.

  .include "test.inc"

.macro SAYS name, expected, actual
  NAME \@, \name
  la t4, .Lname\@
  li a7, \expected
  EXPECT \actual
.endm

BEGIN
  # One place, 64 bodies one after the other: li a0, N; ret.
  la s0, place
  li s1, 0
1:
  slli a1, s1, 20
  li a2, 0x00000513                           # addi a0, zero, 0
  or a1, a1, a2
  sw a1, 0(s0)
  li a2, 0x00008067                           # ret
  sw a2, 4(s0)
  fence.i
  jalr s0
  mv a7, s1
  la t4, loop_name
  EXPECT a0
  addi s1, s1, 1
  li a1, 64
  bne s1, a1, 1b

  # Code in its own page, behind the instruction that writes it, in the same straight line.
  la s0, 2f
  li a1, 0x05800513                           # li a0, 88
  sw a1, 0(s0)
  fence.i
2:
  li a0, 1
  SAYS "the next instruction, rewritten", 88, a0

  # A write that comes with another width, to the upper half of an instruction only.
  la s0, 2f
  li a1, 0x0770
  sh a1, 2(s0)
  fence.i
2:
  li a0, 1
  SAYS "half an instruction, rewritten", 0x77, a0

  # An instruction that lies across two pages, rewritten on the second one.
  la s0, across
  la s1, across_end
  li a1, 0x0420
  sh a1, -2(s1)
  fence.i
  jalr s0
  SAYS "the second page's half, rewritten", 0x42, a0
  li a1, 0x0430
  sh a1, -2(s1)
  fence.i
  jalr s0
  SAYS "and again", 0x43, a0
  # And on the first: addi a0, zero becomes addi a0, a0.
  li a1, 0x0513
  sh a1, 0(s0)
  li a1, 0x0435
  sh a1, 2(s0)
  fence.i
  li a0, 1
  jalr s0
  SAYS "the first page's half, rewritten", 0x44, a0
END

  .section .rodata
loop_name: .asciz "one place, many bodies"
  .text
  .balign 4
place:
  .word 0, 0
  .balign 4096
  .zero 4094
across:
  .option norvc
  li a0, 1
across_end:
  ret
