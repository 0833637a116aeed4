# Software interrupts of the CLINT between two harts, and what ends a wait.

.equ MORE_HARTS, 1
  .include "privileged.inc"

  .bss
  .balign 8
turn: .zero 8
answer: .zero 8
  .text

# Hart 1: with each interrupt, one more answer, and an interrupt back.
other_harts:
  la t0, 2f
  csrw mtvec, t0
  PUT mie, 8
  SET mstatus, 8
1:
  wfi
  j 1b
  .balign 4
2:
  li t0, CLINT_MSIP
  sw zero, 4(t0)
  fence
  la t1, turn
  ld t1, 0(t1)
  la t2, answer
  sd t1, 0(t2)
  fence
  li t1, 1
  sw t1, 0(t0)
  mret

BEGIN
  li s0, CLINT_MSIP
  csrr a1, mip
  andi a1, a1, 8
  SAYS "MSIP at first", 0, a1
  li a1, -1
  sw a1, 0(s0)
  lwu a1, 0(s0)
  SAYS "msip has one bit", 1, a1
  csrr a1, mip
  andi a1, a1, 8
  SAYS "MSIP set by its own hart", 8, a1
  sw zero, 0(s0)
  csrr a1, mip
  andi a1, a1, 8
  SAYS "MSIP cleared", 0, a1
  csrw mip, a1
  li a1, 8
  csrs mip, a1
  csrr a1, mip
  SAYS "mip cannot set MSIP", 0, a1

  # To and fro, with interrupts off here: wfi ends by what is pending and enabled in mie.
  PUT mie, 8
  li s2, 1
  li s3, 200
1:
  la t0, turn
  sd s2, 0(t0)
  fence
  li t1, 1
  sw t1, 4(s0)
2:
  wfi
  csrr a1, mip
  andi a1, a1, 8
  beqz a1, 2b
  sw zero, 0(s0)
  fence
  la t0, answer
  ld a1, 0(t0)
  SAME "the answer", a1, s2
  addi s2, s2, 1
  bne s2, s3, 1b

  # As an interrupt.
  la t0, wanted_trap
  csrw mtvec, t0
  la t2, 4f
  SET mstatus, 8
  li t1, 1
  sw t1, 4(s0)
3:
  j 3b
4:
  la t3, unexpected_trap
  csrw mtvec, t3
  SAYS "the software interrupt", 0x8000000000000003, t0
  sw zero, 0(s0)
END
