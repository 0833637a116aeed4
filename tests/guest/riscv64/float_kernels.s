# A loop for each floating-point instruction that rounds, in each rounding mode: from records of three
# register images to records of a result and its flags. The test fills in `work`; `kernels` says what
# there is.

  .option norelax
  .option norvc

  .bss
  .balign 8
  .globl work
work: .zero 32 * 1024                          # kernel, records in, records out, count; 0 ends it

  .text
  .globl _start
_start:
  csrr t0, mhartid
1:
  bnez t0, 1b
  li t0, 3 << 13                               # mstatus.FS
  csrs mstatus, t0
  la s0, work
1:
  ld t0, 0(s0)
  beqz t0, 2f
  ld a0, 8(s0)
  ld a1, 16(s0)
  ld a2, 24(s0)
  jalr t0
  addi s0, s0, 32
  j 1b
2:
  li t0, 0x100000                              # sifive_test
  li t1, 0x5555
  sw t1, 0(t0)
  j 2b

  .section .kernels, "a"
  .balign 8
  .globl kernels
kernels:                                       # name, code; 0 ends it
  .text

# Names of kernels: mnemonic, then how it rounds: s0..s4 by its own field, d0..d4 by frm.
.macro KERNEL name, frm, result, instruction:vararg
  .pushsection .rodata
.Lname\@: .asciz "\name"
  .popsection
  .pushsection .kernels, "a"
  .dword .Lname\@, .Lkernel\@
  .popsection
.Lkernel\@:
  csrwi frm, \frm
1:
  csrwi fflags, 0
  fld fa0, 0(a0)
  fld fa1, 8(a0)
  fld fa2, 16(a0)
  ld a3, 0(a0)
  \instruction
  frflags a4
  .ifc \result, f
  fmv.x.d a5, fa3
  .endif
  sd a5, 0(a1)
  sd a4, 8(a1)
  addi a0, a0, 24
  addi a1, a1, 16
  addi a2, a2, -1
  bnez a2, 1b
  ret
.endm
# An instruction without its last operand, the rounding mode.
.macro ROUNDED name, result, instruction:vararg
  KERNEL "\name s0", 1, \result, \instruction, rne
  KERNEL "\name s1", 2, \result, \instruction, rtz
  KERNEL "\name s2", 3, \result, \instruction, rdn
  KERNEL "\name s3", 4, \result, \instruction, rup
  KERNEL "\name s4", 0, \result, \instruction, rmm
  KERNEL "\name d0", 0, \result, \instruction, dyn
  KERNEL "\name d1", 1, \result, \instruction, dyn
  KERNEL "\name d2", 2, \result, \instruction, dyn
  KERNEL "\name d3", 3, \result, \instruction, dyn
  KERNEL "\name d4", 4, \result, \instruction, dyn
.endm

  ROUNDED fadd_h, f, fadd.h fa3, fa0, fa1
  ROUNDED fsub_h, f, fsub.h fa3, fa0, fa1
  ROUNDED fmul_h, f, fmul.h fa3, fa0, fa1
  ROUNDED fdiv_h, f, fdiv.h fa3, fa0, fa1
  ROUNDED fsqrt_h, f, fsqrt.h fa3, fa0
  ROUNDED fmadd_h, f, fmadd.h fa3, fa0, fa1, fa2
  ROUNDED fmsub_h, f, fmsub.h fa3, fa0, fa1, fa2
  ROUNDED fnmsub_h, f, fnmsub.h fa3, fa0, fa1, fa2
  ROUNDED fnmadd_h, f, fnmadd.h fa3, fa0, fa1, fa2
  ROUNDED fcvt_w_h, x, fcvt.w.h a5, fa0
  ROUNDED fcvt_h_w, f, fcvt.h.w fa3, a3
  ROUNDED fcvt_wu_h, x, fcvt.wu.h a5, fa0
  ROUNDED fcvt_h_wu, f, fcvt.h.wu fa3, a3
  ROUNDED fcvt_l_h, x, fcvt.l.h a5, fa0
  ROUNDED fcvt_h_l, f, fcvt.h.l fa3, a3
  ROUNDED fcvt_lu_h, x, fcvt.lu.h a5, fa0
  ROUNDED fcvt_h_lu, f, fcvt.h.lu fa3, a3
  ROUNDED fadd_s, f, fadd.s fa3, fa0, fa1
  ROUNDED fsub_s, f, fsub.s fa3, fa0, fa1
  ROUNDED fmul_s, f, fmul.s fa3, fa0, fa1
  ROUNDED fdiv_s, f, fdiv.s fa3, fa0, fa1
  ROUNDED fsqrt_s, f, fsqrt.s fa3, fa0
  ROUNDED fmadd_s, f, fmadd.s fa3, fa0, fa1, fa2
  ROUNDED fmsub_s, f, fmsub.s fa3, fa0, fa1, fa2
  ROUNDED fnmsub_s, f, fnmsub.s fa3, fa0, fa1, fa2
  ROUNDED fnmadd_s, f, fnmadd.s fa3, fa0, fa1, fa2
  ROUNDED fcvt_w_s, x, fcvt.w.s a5, fa0
  ROUNDED fcvt_s_w, f, fcvt.s.w fa3, a3
  ROUNDED fcvt_wu_s, x, fcvt.wu.s a5, fa0
  ROUNDED fcvt_s_wu, f, fcvt.s.wu fa3, a3
  ROUNDED fcvt_l_s, x, fcvt.l.s a5, fa0
  ROUNDED fcvt_s_l, f, fcvt.s.l fa3, a3
  ROUNDED fcvt_lu_s, x, fcvt.lu.s a5, fa0
  ROUNDED fcvt_s_lu, f, fcvt.s.lu fa3, a3
  ROUNDED fadd_d, f, fadd.d fa3, fa0, fa1
  ROUNDED fsub_d, f, fsub.d fa3, fa0, fa1
  ROUNDED fmul_d, f, fmul.d fa3, fa0, fa1
  ROUNDED fdiv_d, f, fdiv.d fa3, fa0, fa1
  ROUNDED fsqrt_d, f, fsqrt.d fa3, fa0
  ROUNDED fmadd_d, f, fmadd.d fa3, fa0, fa1, fa2
  ROUNDED fmsub_d, f, fmsub.d fa3, fa0, fa1, fa2
  ROUNDED fnmsub_d, f, fnmsub.d fa3, fa0, fa1, fa2
  ROUNDED fnmadd_d, f, fnmadd.d fa3, fa0, fa1, fa2
  ROUNDED fcvt_w_d, x, fcvt.w.d a5, fa0
  ROUNDED fcvt_wu_d, x, fcvt.wu.d a5, fa0
  ROUNDED fcvt_l_d, x, fcvt.l.d a5, fa0
  ROUNDED fcvt_d_l, f, fcvt.d.l fa3, a3
  ROUNDED fcvt_lu_d, x, fcvt.lu.d a5, fa0
  ROUNDED fcvt_d_lu, f, fcvt.d.lu fa3, a3
  ROUNDED fcvt_s_d, f, fcvt.s.d fa3, fa0
  ROUNDED fcvt_h_d, f, fcvt.h.d fa3, fa0
  ROUNDED fcvt_h_s, f, fcvt.h.s fa3, fa0

  # Exact, so the assembler knows no rounding mode for them.
  KERNEL "fcvt_d_s s0", 3, f, fcvt.d.s fa3, fa0
  KERNEL "fcvt_s_h s0", 3, f, fcvt.s.h fa3, fa0
  KERNEL "fcvt_d_h s0", 3, f, fcvt.d.h fa3, fa0
  KERNEL "fcvt_d_w s0", 3, f, fcvt.d.w fa3, a3
  KERNEL "fcvt_d_wu s0", 3, f, fcvt.d.wu fa3, a3

  .section .kernels, "a"
  .dword 0
