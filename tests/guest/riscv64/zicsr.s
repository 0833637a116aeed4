# Zicsr and Zicntr: the six instructions, what they skip with x0, and what is illegal.

  .include "test.inc"

.macro CSR_TEST rd, after, before, operand, op
  NAME \@, \op \operand on \before
  .pushsection .rodata
  .balign 8
.Lin\@: .dword \before, \operand
  .popsection
  la t4, .Lname\@
  la t0, .Lin\@
  ld a0, 0(t0)
  ld a1, 8(t0)
  CSR_BODY \rd, \after, \op
  li a0, \before
  li a1, \operand
  CSR_BODY \rd, \after, \op
.endm
.macro CSR_BODY rd, after, op
  csrw mscratch, a0
  \op a2, mscratch, a1
  csrr a3, mscratch
  li a7, \rd
  EXPECT a2
  li a7, \after
  EXPECT a3
.endm
.macro CSR_IMMEDIATE rd, after, before, immediate, op
  NAME \@, \op \immediate on \before
  la t4, .Lname\@
  li a0, \before
  csrw mscratch, a0
  \op a2, mscratch, \immediate
  csrr a3, mscratch
  li a7, \rd
  EXPECT a2
  li a7, \after
  EXPECT a3
.endm
.macro SAYS name, expected, actual
  NAME \@, \name
  la t4, .Lname\@
  li a7, \expected
  EXPECT \actual
.endm

BEGIN
  CSR_TEST 0xf0f0, 0x00ff, 0xf0f0, 0x00ff, csrrw
  CSR_TEST 0xf0f0, 0xf0ff, 0xf0f0, 0x00ff, csrrs
  CSR_TEST 0xf0f0, 0xf000, 0xf0f0, 0x00ff, csrrc
  CSR_TEST 0xffffffffffffffff, 0, 0xffffffffffffffff, 0xffffffffffffffff, csrrc
  CSR_IMMEDIATE 0xf0f0, 31, 0xf0f0, 31, csrrwi
  CSR_IMMEDIATE 0xf0f0, 0xf0ff, 0xf0f0, 31, csrrsi
  CSR_IMMEDIATE 0xf0f0, 0xf0e0, 0xf0f0, 31, csrrci

  # rd and rs1 the same register, x0 on either side.
  li a0, 7
  csrw mscratch, a0
  li a0, 9
  csrrw a0, mscratch, a0
  SAYS "csrrw a0, a0: the old value", 7, a0
  csrrw zero, mscratch, zero
  csrr a0, mscratch
  SAYS "csrrw x0, x0", 0, a0

  # csrrs and csrrc with x0 do not write: a read-only register lets them.
  csrrs a0, mhartid, zero
  SAYS "csrrs a0, mhartid, x0", 0, a0
  csrrci a0, mhartid, 0
  SAYS "csrrci a0, mhartid, 0", 0, a0
  TRAPS 2, 0xf1451573, csrrw a0, mhartid, a0
  TRAPS 2, 0xf140e073, csrrsi zero, mhartid, 1
  TRAPS 2, 0xc0105073, csrrwi zero, time, 0
  TRAPS 2, 0x00002573, csrrs a0, 0x000, zero    # no such register
  TRAPS 2, 0x7c002573, csrrs a0, 0x7c0, zero

  # fflags, frm and fcsr are views of one register.
  csrwi fcsr, 0
  li a0, 0xff
  csrw fcsr, a0
  csrr a0, fflags
  SAYS "fflags of fcsr", 0x1f, a0
  csrr a0, frm
  SAYS "frm of fcsr", 7, a0
  csrwi frm, 2
  csrrwi a0, fflags, 5
  SAYS "the old flags", 0x1f, a0
  csrr a0, fcsr
  SAYS "fcsr of both", 0x45, a0
  csrwi fcsr, 0

  # Time and counters move forward.
  csrr a0, time
  csrr a1, cycle
  csrr a2, instret
1:
  csrr a3, time
  beq a3, a0, 1b
  csrr a4, cycle
  sltu a0, a0, a3
  SAYS "time moves", 1, a0
  sltu a1, a1, a4
  SAYS "cycle moves", 1, a1

  # FS: off makes floating point illegal; a write to it makes it dirty, and so do accrued flags.
  li a0, 3 << 13
  csrc mstatus, a0
  TRAPS 2, 0x00052507, flw fa0, 0(a0)
  TRAPS 2, 0x02b57553, fadd.d fa0, fa0, fa1
  TRAPS 2, 0xe2050553, fmv.x.d a0, fa0
  TRAPS 2, 0x00102573, csrr a0, fflags
.macro DIRTIES name, expected, instruction:vararg
  li a0, 3 << 13
  csrc mstatus, a0
  li a1, 1 << 13
  csrs mstatus, a1
  csrwi fflags, 0
  csrc mstatus, a0
  csrs mstatus, a1
  li a2, 0
  \instruction
  csrr a1, mstatus
  and a1, a1, a0
  SAYS "\name", (\expected) << 13, a1
.endm
  DIRTIES "nothing happened: FS stays initial", 1, nop
  DIRTIES "fmv.d.x makes FS dirty", 3, fmv.d.x fa0, zero
  DIRTIES "fmv.x.d leaves FS alone", 1, fmv.x.d a2, fa0
  DIRTIES "frflags leaves FS alone", 1, frflags a2
  DIRTIES "a write of fflags makes FS dirty", 3, csrwi fflags, 0
  csrwi fcsr, 0
  li a3, 0x7ff0000000000001                   # signalling
  fmv.d.x fa0, a3
  DIRTIES "feq.d that accrues a flag makes FS dirty", 3, feq.d a2, fa0, fa0
  DIRTIES "flt.d that accrues a flag makes FS dirty", 3, flt.d a2, fa0, fa0
  DIRTIES "fcvt.w.d that accrues a flag makes FS dirty", 3, fcvt.w.d a2, fa0
END
