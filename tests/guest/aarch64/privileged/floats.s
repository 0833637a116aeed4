// Floating point and vectors: who may, their control registers, and what Unicorn has wrong.

  .include "privileged.inc"
  .arch armv8.2-a+fp16

.equ FLOAT_TRAP, 0x07
.equ CONDITION_ALWAYS, 0x1e00000            // CV, and COND 0b1110

adds:
  fadd d0, d1, d2
  svc #0
reads_fpsr:
  mrs x3, fpsr
  svc #0
loads:
  ldr q0, [x0]
  svc #0

.macro ALL_TRAP
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "fadd s0, s1, s2"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "fcmp d0, d1"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "fmov x1, d0"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "fcsel d0, d1, d2, eq"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "add v0.16b, v1.16b, v2.16b"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "eor v0.16b, v1.16b, v2.16b"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "movi v0.2d, #0"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "dup v0.4s, w1"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "ldr q0, [x1]"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "ldp s0, s1, [x1]"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "st1 {v0.8b}, [x1]"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "ld4 {v0.16b - v3.16b}, [x1]"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "ld1r {v0.2d}, [x1]"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "st2 {v0.h, v1.h}[3], [x1]"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "mrs x3, fpcr"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "msr fpcr, x3"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "mrs x3, fpsr"
  ACCESS FLOAT_TRAP, CONDITION_ALWAYS, "msr fpsr, x3"
.endm

BEGIN
  // CPACR_EL1.FPEN: 0 and 2 trap both, 1 EL0 alone. A trap says nothing of an address.
  mov x0, xzr
  PUT cpacr_el1, 0 << 20
  ALL_TRAP
  PUT cpacr_el1, 2 << 20
  ALL_TRAP
  GO EL0, adds
  TOOK "fadd of EL0, FPEN 2", FLOAT_TRAP, CONDITION_ALWAYS, adds
  PUT cpacr_el1, 1 << 20
  ACCESS 0, 0, "fadd s0, s1, s2"
  ACCESS 0, 0, "mrs x3, fpsr"
  GO EL0, adds
  TOOK "fadd of EL0, FPEN 1", FLOAT_TRAP, CONDITION_ALWAYS, adds
  GO EL0, reads_fpsr
  TOOK "FPSR of EL0, FPEN 1", FLOAT_TRAP, CONDITION_ALWAYS, reads_fpsr
  GO EL0, loads
  TOOK "ldr of EL0, FPEN 1", FLOAT_TRAP, CONDITION_ALWAYS, loads
  PUT cpacr_el1, 3 << 20
  GO EL0, adds
  TOOK "fadd of EL0, FPEN 3", 0x15, 0, adds + 8

  // What is there: FP and AdvSIMD with half precision; AES with PMULL, SHA-1, SHA-256; RDM and dot
  // product.
  mrs x1, id_aa64pfr0_el1
  ubfx x2, x1, #16, #8
  SAYS "ID_AA64PFR0_EL1: FP, AdvSIMD", 0x11, x2
  mrs x1, id_aa64isar0_el1
  ubfx x2, x1, #4, #12
  SAYS "ID_AA64ISAR0_EL1: SHA2, SHA1, AES", 0x112, x2
  ubfx x2, x1, #28, #4
  SAYS "ID_AA64ISAR0_EL1: RDM", 1, x2
  ubfx x2, x1, #44, #4
  SAYS "ID_AA64ISAR0_EL1: DP", 1, x2

  // FPCR keeps what there is of it, FPSR every flag.
  mov x1, #-1
  msr fpcr, x1
  mrs x2, fpcr
  SAYS "FPCR", 0x07c80000, x2
  msr fpsr, x1
  mrs x2, fpsr
  SAYS "FPSR", 0x0800009f, x2
  msr fpcr, xzr
  msr fpsr, xzr

  // SCTLR_EL1.A: an access is aligned to its size, structures to their elements'.
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN | SCTLR_A
  ldr x0, =scratch + 8
  ACCESS DATA, ALIGNMENT, "ldr q0, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "str q0, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "stp q0, q1, [x0]"
  ACCESS 0, 0, "ldr d0, [x0]"
  ACCESS 0, 0, "st1 {v0.16b - v3.16b}, [x0]"
  ACCESS 0, 0, "ld2 {v0.2d, v1.2d}, [x0]"
  ldr x0, =scratch + 2
  ACCESS DATA, ALIGNMENT, "ldr s0, [x0]"
  ACCESS DATA, ALIGNMENT, "ld3 {v0.4s - v2.4s}, [x0]"
  ACCESS DATA, ALIGNMENT | WNR, "st1 {v0.s}[1], [x0]"
  ACCESS DATA, ALIGNMENT, "ld1r {v0.4s}, [x0]"
  ACCESS 0, 0, "ld3 {v0.8h - v2.8h}, [x0]"
  PUT sctlr_el1, SCTLR_ONES | SCTLR_SPAN

  // Scalar halves into fixed point: bits beyond 16 are zero, whatever the sign.
  mov w1, #0xc500                           // -5.0
  fmov h1, w1
  movi v0.2d, #-1
  fcvtzs h0, h1, #3
  fmov x2, d0
  SAYS "fcvtzs h, #3", 0xffd8, x2
  umov x2, v0.d[1]
  SAYS "fcvtzs h, #3: the upper half", 0, x2
  fcvtzs h0, h1, #16
  fmov x2, d0
  SAYS "fcvtzs h, #16", 0x8000, x2
  mrs x2, fpsr
  SAYS "fcvtzs h, #16: invalid", 1, x2
END
