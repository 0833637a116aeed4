# A guest for the end-to-end test: writes and reads pseudo-random garbage at pseudo-random places of
# every device but the one that powers off, for ever. Whatever traps begins the next round.
    .globl _start
_start:
    la t0, round
    csrw mtvec, t0
    li s0, 0x243f6a8885a308d3   # xorshift64's state
    la s1, ranges
    li s2, 0                    # range, in bytes of the table
    .balign 4
round:
    slli t0, s0, 13
    xor s0, s0, t0
    srli t0, s0, 7
    xor s0, s0, t0
    slli t0, s0, 17
    xor s0, s0, t0
    addi s2, s2, 16
    li t0, 6 * 16
    blt s2, t0, take
    li s2, 0
take:
    add t1, s1, s2
    ld t2, 0(t1)                # base
    ld t3, 8(t1)                # mask
    srli t4, s0, 20
    and t4, t4, t3
    add t4, t4, t2
    andi t5, s0, 15
    beqz t5, bytes
    li t6, 1
    beq t5, t6, halves
    andi t4, t4, -4
    sltiu t6, t5, 8
    beqz t6, small
    sw s0, 0(t4)
    lw t6, 0(t4)
    j round
small:
    andi t6, s0, 7              # as drivers write: few values
    sw t6, 0(t4)
    j round
bytes:
    sb s0, 0(t4)
    lbu t6, 0(t4)
    j round
halves:
    sh s0, 0(t4)
    ld t6, 0(t4)
    j round
    .balign 8
ranges:
    .dword 0x101000, 0xfff      # RTC
    .dword 0x2000000, 0xffff    # CLINT
    .dword 0xc000000, 0x5fffff  # PLIC
    .dword 0x10000000, 0xff     # UART
    .dword 0x10001000, 0x7fff   # virtio
    .dword 0x40000000, 0xfff    # nothing
