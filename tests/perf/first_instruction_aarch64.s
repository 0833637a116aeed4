// The first instructions a machine runs say so and power it off.
  .globl _start
_start:
  mov x0, #0x09000000     // uart0
  mov w1, #'!'
  strb w1, [x0]
  movz w0, #0x8400, lsl #16
  movk w0, #0x0008        // PSCI: SYSTEM_OFF
  hvc #0
1:
  b 1b
  .org 1 << 20            // a firmware of 1 MiB
