# A guest for the end-to-end test: writes to each page of the 64 MiB from its own, then says so and
# spins.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a
    auipc t0, 0
    li t1, (64 << 20) - 8192
    add t1, t1, t0
    li t2, 4096
page:
    add t0, t0, t2
    sd t0, 0(t0)
    bltu t0, t1, page
    li t0, 'X'
    sb t0, 0(s0)
spin:
    j spin
