# Zicbom, Zicboz, Zicbop in machine mode: blocks of 64 bytes.

  .include "test.inc"

.macro SAYS name, expected, actual
  NAME \@, \name
  la t4, .Lname\@
  li a7, \expected
  EXPECT \actual
.endm
# All of `scratch` to ones.
.macro FILL
  la a0, scratch
  li a1, 256
1:
  addi a1, a1, -8
  add a2, a0, a1
  li a3, -1
  sd a3, 0(a2)
  bnez a1, 1b
.endm

BEGIN
  FILL
  addi a1, a0, 64 + 13                        # any address of the block
  cbo.zero (a1)
  ld a2, 56(a0)
  SAYS "the doubleword before", -1, a2
  li a2, 0
  ld a3, 64(a0)
  or a2, a2, a3
  ld a3, 72(a0)
  or a2, a2, a3
  ld a3, 80(a0)
  or a2, a2, a3
  ld a3, 88(a0)
  or a2, a2, a3
  ld a3, 96(a0)
  or a2, a2, a3
  ld a3, 104(a0)
  or a2, a2, a3
  ld a3, 112(a0)
  or a2, a2, a3
  ld a3, 120(a0)
  or a2, a2, a3
  SAYS "the block", 0, a2
  ld a2, 128(a0)
  SAYS "the doubleword behind", -1, a2

  # Management changes nothing that one hart sees.
  FILL
  cbo.inval (a0)
  cbo.clean (a0)
  cbo.flush (a0)
  prefetch.r 0(a0)
  prefetch.w 32(a0)
  prefetch.i -32(a0)
  ld a2, 0(a0)
  SAYS "after management", -1, a2

  # Where nothing is: a store access fault, whatever the operation; a prefetch never faults.
.macro FAULTS instruction:vararg
  li a1, 0x18000000
  TRAPS 7, 0x18000000, \instruction
.endm
  FAULTS cbo.zero 0(a1)
  li a1, 0x18000000
  prefetch.w 0(a1)
  ld a2, 0(a0)
  SAYS "a prefetch never faults", -1, a2
END
