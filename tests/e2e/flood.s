# A guest for the end-to-end test: writes "flood" lines to the UART as fast as it can, for ever.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a; its transmitter is always ready
    la s1, text
again:
    mv s2, s1
next:
    lbu t0, 0(s2)
    beqz t0, again
    sb t0, 0(s0)
    addi s2, s2, 1
    j next
text:
    .asciz "flood flood flood flood flood flood flood flood flood flood\n"
