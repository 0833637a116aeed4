// An arm64 guest for the end-to-end test: writes "begins" and then "tick" to the UART for ever, powers off when it
// reads 'o' or the power button is pressed, resets when it reads 'r'. With 'd' it does not look at
// the button any more. With 'v' it writes to the flash of variables: from then on it begins with "knows".
    .globl _start
_start:
    mov x19, #0x09000000        // pl011
    mov x20, #0x09030000        // pl061
    mov w21, #8                 // the button's pin
    mov w0, #8
    str w0, [x20, #0x40c]       // GPIOIEV: rising edges
    mov x24, #0x04000000        // the flash of variables
    ldr w1, [x24]
    cmn w1, #1                  // erased
    adr x22, beginning
    adr x1, knowing
    csel x22, x22, x1, eq
    b next
tick:
    adr x22, text
next:
    ldrb w0, [x22], #1
    cbz w0, input
wait:
    ldr w1, [x19, #0x18]        // FR
    tbnz w1, #5, wait           // TXFF
    str w0, [x19]
    b next
input:
    mov w23, #20000
pause:
    ldr w1, [x20, #0x414]       // GPIORIS
    tst w1, w21
    b.ne off
    ldr w1, [x19, #0x18]
    tbz w1, #4, typed           // RXFE
    subs w23, w23, #1
    b.ne pause
    b tick
typed:
    ldr w0, [x19]
    cmp w0, #'o'
    b.eq off
    cmp w0, #'d'
    csel w21, wzr, w21, eq
    cmp w0, #'v'
    b.eq remember
    cmp w0, #'r'
    b.ne tick
    ldr w0, =0x84000009         // PSCI SYSTEM_RESET
    hvc #0
off:
    ldr w0, =0x84000008         // PSCI SYSTEM_OFF
    hvc #0
remember:
    ldr w1, =0x00400040         // program a word
    str w1, [x24]
    mov w1, #0x1234
    str w1, [x24]
    ldr w1, =0x00ff00ff         // read again
    str w1, [x24]
    b tick
    .ltorg
beginning:
    .asciz "begins\n"
knowing:
    .asciz "knows\n"
text:
    .asciz "tick\n"
