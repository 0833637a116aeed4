# The UART's interrupt through the PLIC: priority, enable, threshold, claim, complete.

  .include "privileged.inc"

.equ UART, 0x10000000
.equ IER, 1
.equ IIR, 2
.equ PLIC, 0xc000000
.equ PENDING, PLIC + 0x1000
.equ ENABLE, PLIC + 0x2000                  # context 0: M of hart 0; 1: its S
.equ CONTEXT, PLIC + 0x200000
.equ UART_IRQ, 10

.macro PENDS name, bit, expected
  csrr a1, mip
  srli a1, a1, \bit
  andi a1, a1, 1
  SAYS "\name", \expected, a1
.endm

  .balign 4
spins:
  j spins

BEGIN
  OPEN_PMP
  li s0, UART
  li s1, PLIC
  li s2, CONTEXT
  li s3, ENABLE
  li a1, 1
  sw a1, 4 * UART_IRQ(s1)
  li a1, 1 << UART_IRQ
  sw a1, 0(s3)
  sw zero, 0(s2)
  PENDS "MEIP while the UART is quiet", 11, 0
  li a1, 2                                  # the transmitter is empty
  sb a1, IER(s0)
  PENDS "MEIP", 11, 1
  li t0, PENDING
  lw a1, 0(t0)
  SAYS "the PLIC's pending bits", 1 << UART_IRQ, a1
  # As high as the threshold is not high enough.
  li a1, 1
  sw a1, 0(s2)
  PENDS "MEIP below the threshold", 11, 0
  sw zero, 0(s2)
  PENDS "MEIP above it", 11, 1

  PUT mie, 1 << 11
  GO U, spins
  SAYS "the external interrupt", 0x800000000000000b, t0
  lw a1, 4(s2)
  SAYS "claim", UART_IRQ, a1
  PENDS "MEIP after the claim", 11, 0
  lw a1, 4(s2)
  SAYS "claim of nothing", 0, a1
  lbu a1, IIR(s0)
  andi a1, a1, 0xf
  SAYS "the UART's reason, which reading takes away", 2, a1
  li a1, UART_IRQ
  sw a1, 4(s2)
  PENDS "MEIP after the completion", 11, 0
  # Still asserted at the completion: once more.
  sb zero, IER(s0)
  li a1, 2
  sb a1, IER(s0)
  lw a1, 4(s2)
  SAYS "claim again", UART_IRQ, a1
  sw a1, 4(s2)
  PENDS "MEIP, as the line is still up", 11, 1
  # To S by its own context, and only there.
  sw zero, 0(s3)
  PENDS "MEIP, disabled", 11, 0
  li a1, 1 << UART_IRQ
  sw a1, 0x80(s3)
  PENDS "SEIP", 9, 1
  PENDS "MEIP", 11, 0
  PUT mideleg, 1 << 9
  PUT mie, 1 << 9
  la t0, 1f
  csrw stvec, t0
  GO U, spins
  SAYS "the ecall of S, after its interrupt", 9, t0
  SAYS "the external interrupt of S", 0x8000000000000009, a2
  sb zero, IER(s0)
END

  .balign 4
1:
  csrr a2, scause
  ecall
