# Each hart writes the number of its round into every page of its own 16 MiB from 0x81000000 on,
# in order, for ever. In front of any page lies the same round, behind it this one or the one before.
  .globl _start
_start:
  csrr t0, mhartid
  slli t0, t0, 24
  li t1, 0x81000000
  add t0, t0, t1              # its area
  li t1, 0x1000000
  add t1, t0, t1              # the end of it
  lui t2, 1                   # a page
  li t3, 0                    # the round
round:
  addi t3, t3, 1
  mv t4, t0
page:
  sd t3, 16(t4)
  add t4, t4, t2
  bltu t4, t1, page
  j round
