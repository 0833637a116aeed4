# Four harts count in one place: amoadd, lr and sc, a lock.

.equ MORE_HARTS, 1
  .include "privileged.inc"

.equ HARTS, 4
.equ TURNS, 5000

  .bss
  .balign 64
by_amo: .zero 64
by_word: .zero 64
by_reservation: .zero 64
lock: .zero 64
by_lock: .zero 64
largest: .zero 64
arrived: .zero 64
departed: .zero 64
  .text

count:                                      # returns to ra
  la a0, arrived
  li a1, 1
  amoadd.d zero, a1, (a0)
1:
  ld a1, 0(a0)                              # all together now
  li a2, HARTS
  bne a1, a2, 1b
  csrr s2, mhartid
  li s0, TURNS
2:
  li a1, 1
  la a0, by_amo
  amoadd.d zero, a1, (a0)
  la a0, by_word
  amoadd.w.aqrl zero, a1, (a0)
  la a0, by_reservation
3:
  lr.d.aq a1, (a0)
  addi a1, a1, 1
  sc.d.rl a2, a1, (a0)
  bnez a2, 3b
  la a0, lock
  li a1, 1
4:
  amoswap.w.aq a2, a1, (a0)
  bnez a2, 4b
  la a3, by_lock
  ld a4, 0(a3)
  addi a4, a4, 1
  sd a4, 0(a3)
  amoswap.w.rl zero, zero, (a0)
  la a0, largest
  slli a1, s0, 4
  or a1, a1, s2
  amomaxu.d zero, a1, (a0)
  addi s0, s0, -1
  bnez s0, 2b
  la a0, departed
  li a1, 1
  amoadd.d zero, a1, (a0)
  ret

other_harts:
  jal count
1:
  wfi
  j 1b

.macro COUNTED name, at, expected
  la a0, \at
  ld a1, 0(a0)
  SAYS "\name", \expected, a1
.endm

BEGIN
  jal count
1:
  la a0, departed
  ld a1, 0(a0)
  li a2, HARTS
  bne a1, a2, 1b
  fence
  COUNTED "amoadd.d", by_amo, HARTS * TURNS
  COUNTED "amoadd.w", by_word, HARTS * TURNS
  COUNTED "lr.d and sc.d", by_reservation, HARTS * TURNS
  COUNTED "a lock", by_lock, HARTS * TURNS
  COUNTED "amomaxu.d", largest, TURNS * 16 + 3
  # sc without, and after, its reservation.
  la a0, by_amo
  sc.d a1, zero, (a0)
  SAYS "sc without lr", 1, a1
  lr.d a1, (a0)
  sc.d a1, zero, (a0)
  SAYS "sc", 0, a1
  sc.d a1, zero, (a0)
  SAYS "a second sc", 1, a1
  lr.d a1, (a0)
  la a2, by_word
  sc.d a1, zero, (a2)
  SAYS "sc elsewhere", 1, a1
END
