# Physical memory protection of code, down to eight bytes.

  .include "privileged.inc"

# Entry `n` (0..7): these eight bits of pmpcfg0.
.macro CONFIG n, bits
  li t0, 0xff << (8 * \n)
  csrc pmpcfg0, t0
  li t0, (\bits) << (8 * \n)
  csrs pmpcfg0, t0
.endm
.equ R, 1
.equ W, 2
.equ X, 4
.equ TOR, 1 << 3
.equ NA4, 2 << 3
.equ NAPOT, 3 << 3
.equ LOCKED, 1 << 7

# The aligned 8 bytes at a0 + `offset` are entry 0.
.macro EIGHT offset, bits
  addi t0, a0, \offset
  srli t0, t0, 2
  csrw pmpaddr0, t0
  CONFIG 0, NAPOT | \bits
.endm

  .balign 4096
code:
  nop
  nop
  addi a2, a2, 1
  addi a2, a2, 1
  addi a2, a2, 1
  addi a2, a2, 1
  ecall
  .balign 4096

BEGIN
  OPEN_PMP
  # The second eight bytes of `code` are closed.
  la a0, code
  EIGHT 8, R | W
  li a2, 0
  GO S, code
  la a1, code + 8
  SAYS "a fetch of eight closed bytes", FETCH_ACCESS, t0
  SAME "its address", t1, a1
  SAME "its pc", t6, a1
  SAYS "nothing of it ran", 0, a2
  GO S, code + 16
  SAYS "code behind it", 9, t0
  SAYS "ran", 2, a2
  GO U, code + 12
  la a1, code + 12
  SAYS "a jump into it", FETCH_ACCESS, t0
  SAME "its address", t1, a1
  # Opened, it runs; closed again, no more.
  EIGHT 8, X
  li a2, 0
  GO S, code
  SAYS "opened", 4, a2
  EIGHT 8, 0
  li a2, 0
  GO S, code
  SAYS "closed again", FETCH_ACCESS, t0
  SAYS "and nothing ran", 0, a2
  GO M, code
  SAYS "M runs it", 11, t0
  SAYS "all", 4, a2
  CONFIG 0, 0
END
