# Privileged instructions in machine mode, Svinval, Zawrs: that they are there and where they go on.
# privileged/ has the rest.

  .include "test.inc"

.macro SAYS name, expected, actual
  NAME \@, \name
  la t4, .Lname\@
  li a7, \expected
  EXPECT \actual
.endm

BEGIN
  li a0, 3
  sfence.vma
  sfence.vma a0
  sfence.vma zero, a0
  sfence.vma a0, a0
  sfence.w.inval
  sinval.vma a0, zero
  sfence.inval.ir
  wrs.nto
  wrs.sto
  pause
  SAYS "fences and waits on reservations", 3, a0

  # wfi goes on at once with an enabled interrupt pending, though it is not taken: MIE is off.
  csrci mstatus, 8
  li a1, 1 << 1
  csrs mie, a1
  csrs mip, a1
  wfi
  csrc mip, a1
  csrc mie, a1
  SAYS "wfi with an interrupt pending", 3, a0

  # mret to machine mode, sret to supervisor mode and back by a trap.
  la a1, 2f
  csrw mepc, a1
  li a1, 3 << 11
  csrs mstatus, a1
  li a0, 1
  mret
  li a0, 2
2:
  SAYS "mret goes to mepc", 1, a0
  csrr a1, mstatus
  srli a1, a1, 11
  andi a1, a1, 3
  SAYS "mret leaves MPP at user mode", 0, a1
  # All of memory for S-mode.
  li a1, -1
  csrw pmpaddr0, a1
  li a1, 0x1f
  csrw pmpcfg0, a1
  la t2, 3f
  la t0, wanted_trap
  csrw mtvec, t0
  la a1, 2f
  csrw sepc, a1
  li a1, 1 << 8
  csrs mstatus, a1
  sret
  nop
2:
  ecall
3:
  SAYS "an ecall from where sret went", 9, t0
  la t0, unexpected_trap
  csrw mtvec, t0
END
