# A guest for the end-to-end test: writes "tick" to the UART for ever, powers off when it reads 'o',
# resets when it reads 'r', fails with code 7 when it reads 'f'.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a
    li s1, 0x100000             # sifive_test
tick:
    la s2, text
next:
    lbu t0, 0(s2)
    beqz t0, input
wait:
    lbu t1, 5(s0)               # LSR
    andi t1, t1, 0x20           # THRE
    beqz t1, wait
    sb t0, 0(s0)
    addi s2, s2, 1
    j next
input:
    li s3, 2000000
pause:
    lbu t1, 5(s0)
    andi t1, t1, 1              # DR
    bnez t1, typed
    addi s3, s3, -1000
    bgtz s3, pause
    j tick
typed:
    lbu t0, 0(s0)
    li t1, 'o'
    li t2, 0x5555
    beq t0, t1, finish
    li t1, 'r'
    li t2, 0x7777
    beq t0, t1, finish
    li t1, 'f'
    li t2, 0x73333              # FAIL, code 7
    beq t0, t1, finish
    j tick
finish:
    sw t2, 0(s1)
    j tick
text:
    .asciz "tick\n"
