# A guest for the end-to-end test: a dot, then a tenth of a second from now on, for ever.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a
    li s1, 0x2004000            # mtimecmp of hart 0
    li s2, 0x200bff8            # mtime, 10 MHz
    li s3, 1000000
    li t0, 0x80                 # MTIE; mstatus.MIE stays off: wfi only
    csrw mie, t0
dot:
    li t0, '.'
    sb t0, 0(s0)
    ld t0, 0(s2)
    add t0, t0, s3
    sd t0, 0(s1)
wait:
    wfi
    csrr t0, mip
    andi t0, t0, 0x80
    beqz t0, wait
    j dot
