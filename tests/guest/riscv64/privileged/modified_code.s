# Code that one hart writes and another runs, after an interrupt and fence.i; and its own.

.equ MORE_HARTS, 1
  .include "privileged.inc"

.equ LI_A0, 0x00000513                      # li a0, 0; the immediate is bits 31:20

  .bss
  .balign 8
request: .zero 8
done: .zero 8
result: .zero 8
  .text

  .balign 4096
function:
  li a0, 0
  ret
far_function:
  .zero 2048
  li a0, 0
  ret
  .balign 4096

other_harts:
  csrwi mstatus, 0
  PUT mie, 8
  li s0, CLINT_MSIP
1:
  wfi
  csrr a1, mip
  andi a1, a1, 8
  beqz a1, 1b
  sw zero, 4(s0)
  fence
  fence.i
  la t0, function
  jalr t0
  la t0, result
  sd a0, 0(t0)
  fence
  la t0, request
  ld a1, 0(t0)
  la t0, done
  sd a1, 0(t0)
  j 1b

.macro WRITE at, value
  slli t0, \value, 20
  li t1, LI_A0
  or t0, t0, t1
  la t1, \at
  sw t0, 0(t1)
.endm

BEGIN
  # Its own code.
  li s2, 1
  li s3, 100
1:
  WRITE function, s2
  fence.i
  la t0, function
  jalr t0
  SAME "code of this hart", a0, s2
  WRITE far_function + 2048, s2
  fence.i
  la t0, far_function + 2048
  jalr t0
  SAME "more code of this hart", a0, s2
  addi s2, s2, 1
  bne s2, s3, 1b

  # The other's.
  li s0, CLINT_MSIP
  li s2, 1
1:
  WRITE function, s2
  la t0, request
  sd s2, 0(t0)
  fence
  li t1, 1
  sw t1, 4(s0)
2:
  la t0, done
  ld a1, 0(t0)
  bne a1, s2, 2b
  fence
  la t0, result
  ld a1, 0(t0)
  SAME "code of the other hart", a1, s2
  addi s2, s2, 1
  bne s2, s3, 1b
END
