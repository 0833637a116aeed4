// A loop for each instruction of floating point that computes: from records of three operands, 16
// bytes each, to records of a result, 16 bytes, and FPSR. The test fills in `work`; `kernels` says
// what there is, by the instruction's text. Operands are in v1, v2 and v3, the first also in x1, the
// third also in what the result overwrites, v0.

  .arch armv8.2-a+fp16

.equ PSCI_SYSTEM_OFF, 0x84000008

  .bss
  .balign 8
  .globl work
work: .zero 40 * 65536                        // kernel, FPCR, records in, records out, count; 0 ends it

  .text
  .globl _start
_start:
  mov x0, #3 << 20                            // CPACR_EL1.FPEN
  msr cpacr_el1, x0
  isb
  ldr x9, =work
1:
  ldp x0, x1, [x9], #16
  cbz x0, 2f
  msr fpcr, x1
  ldp x2, x3, [x9], #16
  ldr x5, [x9], #8
  blr x0
  b 1b
2:
  ldr x0, =PSCI_SYSTEM_OFF
  hvc #0
  b .
  .ltorg

  .section .kernels, "a"
  .balign 8
  .globl kernels
kernels:                                      // text, code; 0 ends it
  .text

.macro KERNEL_THEN after, instruction:vararg
  .pushsection .rodata
.Lname\@: .asciz "\instruction"
  .popsection
  .pushsection .kernels, "a"
  .dword .Lname\@, .Lkernel\@
  .popsection
.Lkernel\@:
1:
  ldp q1, q2, [x2], #32
  ldr q3, [x2], #16
  fmov x1, d1
  mov v0.16b, v3.16b
  msr fpsr, xzr
  \instruction
  \after
  mrs x4, fpsr
  str q0, [x3], #16
  str x4, [x3], #8
  subs x5, x5, #1
  b.ne 1b
  ret
.endm
.macro KERNEL instruction:vararg
  KERNEL_THEN nop, \instruction
.endm
// Results in x0, and in NZCV.
.macro GENERAL_KERNEL instruction:vararg
  KERNEL_THEN "fmov d0, x0", \instruction
.endm
.macro FLAGS_KERNEL instruction:vararg
  KERNEL_THEN "mrs x0, nzcv; fmov d0, x0", \instruction
.endm

  // On scalars and vectors.
.macro SCALAR1 name
  .irp operands, "h0, h1", "s0, s1", "d0, d1"
  KERNEL \name \operands
  .endr
.endm
.macro SCALAR2 name
  .irp operands, "h0, h1, h2", "s0, s1, s2", "d0, d1, d2"
  KERNEL \name \operands
  .endr
.endm
.macro SCALAR3 name
  .irp operands, "h0, h1, h2, h3", "s0, s1, s2, s3", "d0, d1, d2, d3"
  KERNEL \name \operands
  .endr
.endm
.macro BOTH1 name
  SCALAR1 \name
  .irp lanes, 8h, 4s, 2d, 4h, 2s
  KERNEL \name v0.\lanes, v1.\lanes
  .endr
.endm
.macro VECTOR2 name
  .irp lanes, 8h, 4s, 2d, 4h, 2s
  KERNEL \name v0.\lanes, v1.\lanes, v2.\lanes
  .endr
.endm
  .irp name, fadd, fsub, fmul, fdiv, fmax, fmin, fmaxnm, fminnm, fmulx, fabd, frecps, frsqrts, fcmeq, fcmge, fcmgt, facge, facgt
  SCALAR2 \name
  VECTOR2 \name
  .endr
  SCALAR2 fnmul
  .irp name, fsqrt, frintn, frintp, frintm, frintz, frinta, frintx, frinti
  BOTH1 \name
  .endr
  .irp name, fmadd, fmsub, fnmadd, fnmsub
  SCALAR3 \name
  .endr
  .irp name, fmla, fmls
  VECTOR2 \name
  .endr
  .irp operands, "h1, h2", "s1, s2", "d1, d2"
  FLAGS_KERNEL fcmp \operands
  FLAGS_KERNEL fcmpe \operands
  .endr

  // Between formats.
  KERNEL fcvt s0, h1
  KERNEL fcvt d0, h1
  KERNEL fcvt h0, s1
  KERNEL fcvt d0, s1
  KERNEL fcvt h0, d1
  KERNEL fcvt s0, d1
  KERNEL fcvtxn s0, d1
  KERNEL fcvtl v0.4s, v1.4h
  KERNEL fcvtl v0.2d, v1.2s
  KERNEL fcvtn v0.4h, v1.4s
  KERNEL fcvtn v0.2s, v1.2d
  KERNEL fcvtxn v0.2s, v1.2d

  // To and from integers, and numbers with bits behind the point.
  .irp name, fcvtns, fcvtnu, fcvtps, fcvtpu, fcvtms, fcvtmu, fcvtzs, fcvtzu, fcvtas, fcvtau
  BOTH1 \name
  .irp operands, "w0, h1", "w0, s1", "w0, d1", "x0, h1", "x0, s1", "x0, d1"
  GENERAL_KERNEL \name \operands
  .endr
  .endr
  .irp name, fcvtzs, fcvtzu
  .irp operands, "w0, h1", "w0, s1", "w0, d1"
  GENERAL_KERNEL \name \operands, #1
  GENERAL_KERNEL \name \operands, #32
  .endr
  .irp operands, "x0, h1", "x0, s1", "x0, d1"
  GENERAL_KERNEL \name \operands, #7
  GENERAL_KERNEL \name \operands, #64
  .endr
  .endr
  .irp name, scvtf, ucvtf
  BOTH1 \name
  .irp operands, "h0, w1", "s0, w1", "d0, w1"
  KERNEL \name \operands
  KERNEL \name \operands, #1
  KERNEL \name \operands, #32
  .endr
  .irp operands, "h0, x1", "s0, x1", "d0, x1"
  KERNEL \name \operands
  KERNEL \name \operands, #7
  KERNEL \name \operands, #64
  .endr
  .endr
  .irp name, fcvtzs, fcvtzu, scvtf, ucvtf
  .irp operands, "h0, h1, #5", "h0, h1, #16", "s0, s1, #5", "s0, s1, #32", "d0, d1, #5", "d0, d1, #64"
  KERNEL \name \operands
  .endr
  .irp operands, "v0.8h, v1.8h, #16", "v0.4s, v1.4s, #9", "v0.2d, v1.2d, #64"
  KERNEL \name \operands
  .endr
  .endr

  .section .kernels, "a"
  .dword 0
