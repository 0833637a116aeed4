# A guest for the end-to-end test: a shell that knows no command. It echoes what is typed, and answers
# each line with "sh: not found" and the code that a shell would give.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a
    la s2, prompt
    jal print
key:
    lbu t1, 5(s0)               # LSR
    andi t1, t1, 1              # DR
    beqz t1, key
    lbu t0, 0(s0)
    sb t0, 0(s0)
    li t1, '\n'
    bne t0, t1, key
    la s2, answer
    jal print
    j key
print:                          # the text at s2
    lbu t0, 0(s2)
    beqz t0, printed
    sb t0, 0(s0)
    addi s2, s2, 1
    j print
printed:
    ret
answer:
    .ascii "sh: not found\ncode=127\n"
prompt:
    .asciz "# "
