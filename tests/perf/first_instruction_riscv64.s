# The first instruction a machine runs says so, and the third powers it off.
  .globl _start
_start:
  li t0, 0x10000000       # uart0
  li t1, '!'
  sb t1, 0(t0)
  li t0, 0x100000         # test: power off
  li t1, 0x5555
  sw t1, 0(t0)
1:
  j 1b
  .org 1 << 20            # a firmware of 1 MiB
