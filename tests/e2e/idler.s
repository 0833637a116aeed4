# A guest for the end-to-end test: says "up", then waits for interrupts that never come.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a
    la s2, text
next:
    lbu t0, 0(s2)
    beqz t0, idle
    sb t0, 0(s0)
    addi s2, s2, 1
    j next
idle:
    wfi
    j idle
text:
    .asciz "up\n"
