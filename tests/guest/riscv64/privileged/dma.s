# Code that a device writes: the test is the device (privileged_test.cc). With each turn it writes
# another number into the function, which returns it after fence.i.

  .include "privileged.inc"

  .globl turn, answer, written_code
  .bss
  .balign 64
turn: .zero 64
answer: .zero 64
  .text

  .balign 4096
written_code:
  li a0, 0
  ret
  .balign 4096

BEGIN
  la s0, turn
  la s1, answer
  li s2, 0                                  # the turn that was answered
  li s3, 100
1:
  fence.i
  la t0, written_code
  jalr t0
  SAME "the number in the code", a0, s2
  sd s2, 8(s1)
  fence
  addi a1, s2, 1
  sd a1, 0(s1)                              # the device may go on
  beq s2, s3, 3f
2:
  ld a1, 0(s0)
  beq a1, s2, 2b
  mv s2, a1
  fence
  j 1b
3:
END
