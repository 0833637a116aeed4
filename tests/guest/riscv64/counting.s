# 100,000 times three instructions, one of them an access that hits the TLB after the first time.
.global _start
_start:
  la a0, word
  li a1, 100000
1:
  ld a2, 0(a0)
  addi a1, a1, -1
  bnez a1, 1b
  li t0, 0x100000  # sifive_test: power off
  li t1, 0x5555
  sw t1, 0(t0)
2:
  wfi
  j 2b

.balign 8
word:
  .dword 0
