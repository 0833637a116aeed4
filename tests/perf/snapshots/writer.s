# A guest that dirties 200 MB/s: each millisecond it writes to the next 51 pages of 448 MiB. Twice a second
# a line: how long one of the stores took at most, and the half second itself, in ticks of 100 ns.
    .globl _start
_start:
    li s0, 0x10000000           # ns16550a
    li s1, 0x82000000           # the area
    li s2, 0x9e000000           # and its end
    mv s3, s1                   # the page that is next
    lui s4, 1
    rdtime s5                   # of the burst that is next
    mv s6, s5                   # when the half second began
    li s7, 0                    # the longest store in it
    li s8, 500                  # bursts left of it
burst:
    li t0, 10000
    add s5, s5, t0
wait:
    rdtime t0
    bltu t0, s5, wait
    li t1, 51
store:
    rdtime t2
    sd t2, 0(s3)
    rdtime t3
    sub t3, t3, t2
    bgeu s7, t3, not_longer
    mv s7, t3
not_longer:
    add s3, s3, s4
    bltu s3, s2, in_area
    mv s3, s1
in_area:
    addi t1, t1, -1
    bnez t1, store
    addi s8, s8, -1
    bnez s8, burst
    mv a0, s7
    jal print
    li t0, ' '
    jal emit
    rdtime s9
    sub a0, s9, s6
    jal print
    li t0, 10
    jal emit
    mv s6, s9
    li s7, 0
    li s8, 500
    j burst
print:                          # a0, 8 hexadecimal digits
    mv a1, ra
    li a2, 28
digit:
    srl t0, a0, a2
    andi t0, t0, 15
    addi t0, t0, '0'
    li t1, '9'
    ble t0, t1, is_number
    addi t0, t0, 'a' - '9' - 1
is_number:
    jal emit
    addi a2, a2, -4
    bgez a2, digit
    jr a1
emit:
    lbu t1, 5(s0)               # LSR
    andi t1, t1, 0x20           # THRE
    beqz t1, emit
    sb t0, 0(s0)
    ret
