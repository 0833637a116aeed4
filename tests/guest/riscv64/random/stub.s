# Takes registers out of a frame (layout.h: RegisterFrame) and goes to what they say; a trap puts them
# back and waits. Each further start runs one more block.

  .option norelax
  .option norvc

.equ FRAME, 0x80001000
.equ F, 8 * 32
.equ FCSR, 8 * 64
.equ MSTATUS, 8 * 65
.equ SATP, 8 * 66
.equ CAUSE, 8 * 67
.equ VALUE, 8 * 68

  .text
  .globl _start
_start:
  la t0, trap
  csrw mtvec, t0
  li t0, -1                                   # all of memory for everybody
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, 0xf0                                 # cache block operations for everybody
  csrs menvcfg, t0
  csrw senvcfg, t0
  .globl again
again:
  li x31, FRAME
  ld t0, SATP(x31)
  csrw satp, t0
  ld t0, MSTATUS(x31)
  csrw mstatus, t0
  ld t0, 0(x31)
  csrw mepc, t0
  sfence.vma
  fence.i
  .altmacro
  .macro each_float instruction
  .set n, 0
  .rept 32
  one_float \instruction, %n
  .set n, n + 1
  .endr
  .endm
  .macro one_float instruction, n
  \instruction f\n, F + 8 * \n(x31)
  .endm
  .macro each_integer instruction
  .set n, 1
  .rept 30
  one_integer \instruction, %n
  .set n, n + 1
  .endr
  .endm
  .macro one_integer instruction, n
  \instruction x\n, 8 * \n(x31)
  .endm
  each_float fld
  ld t0, FCSR(x31)
  csrw fcsr, t0
  ld t0, MSTATUS(x31)                         # FS, which the loads made dirty
  csrw mstatus, t0
  each_integer ld
  ld x31, 8 * 31(x31)
  .globl enter
enter:
  mret

  .balign 4
trap:
  csrw mscratch, x31
  li x31, FRAME
  each_integer sd
  csrr t0, mscratch
  sd t0, 8 * 31(x31)
  csrr t0, mepc
  sd t0, 0(x31)
  csrr t0, mcause
  sd t0, CAUSE(x31)
  csrr t0, mtval
  sd t0, VALUE(x31)
  csrr t0, mstatus
  sd t0, MSTATUS(x31)
  csrr t0, fcsr
  sd t0, FCSR(x31)
  each_float fsd
  wfi
  j again
