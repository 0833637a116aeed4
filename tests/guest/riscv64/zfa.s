# Zfa: additional floating point. Binutils 2.40 knows none of it.

  .include "test.inc"

.equ rne, 0
.equ rtz, 1
.equ rdn, 2
.equ rup, 3
.equ rmm, 4
.equ dyn, 7

.macro fli.h rd, number
  .insn r 0x53, 0, 0x7a, \rd, x\number, x1
.endm
.macro fminm.h rd, rs1, rs2
  .insn r 0x53, 2, 0x16, \rd, \rs1, \rs2
.endm
.macro fmaxm.h rd, rs1, rs2
  .insn r 0x53, 3, 0x16, \rd, \rs1, \rs2
.endm
.macro fround.h rd, rs1, rm=dyn
  .insn r 0x53, \rm, 0x22, \rd, \rs1, f4
.endm
.macro froundnx.h rd, rs1, rm=dyn
  .insn r 0x53, \rm, 0x22, \rd, \rs1, f5
.endm
.macro fltq.h rd, rs1, rs2
  .insn r 0x53, 5, 0x52, \rd, \rs1, \rs2
.endm
.macro fleq.h rd, rs1, rs2
  .insn r 0x53, 4, 0x52, \rd, \rs1, \rs2
.endm
.macro fli.s rd, number
  .insn r 0x53, 0, 0x78, \rd, x\number, x1
.endm
.macro fminm.s rd, rs1, rs2
  .insn r 0x53, 2, 0x14, \rd, \rs1, \rs2
.endm
.macro fmaxm.s rd, rs1, rs2
  .insn r 0x53, 3, 0x14, \rd, \rs1, \rs2
.endm
.macro fround.s rd, rs1, rm=dyn
  .insn r 0x53, \rm, 0x20, \rd, \rs1, f4
.endm
.macro froundnx.s rd, rs1, rm=dyn
  .insn r 0x53, \rm, 0x20, \rd, \rs1, f5
.endm
.macro fltq.s rd, rs1, rs2
  .insn r 0x53, 5, 0x50, \rd, \rs1, \rs2
.endm
.macro fleq.s rd, rs1, rs2
  .insn r 0x53, 4, 0x50, \rd, \rs1, \rs2
.endm
.macro fli.d rd, number
  .insn r 0x53, 0, 0x79, \rd, x\number, x1
.endm
.macro fminm.d rd, rs1, rs2
  .insn r 0x53, 2, 0x15, \rd, \rs1, \rs2
.endm
.macro fmaxm.d rd, rs1, rs2
  .insn r 0x53, 3, 0x15, \rd, \rs1, \rs2
.endm
.macro fround.d rd, rs1, rm=dyn
  .insn r 0x53, \rm, 0x21, \rd, \rs1, f4
.endm
.macro froundnx.d rd, rs1, rm=dyn
  .insn r 0x53, \rm, 0x21, \rd, \rs1, f5
.endm
.macro fltq.d rd, rs1, rs2
  .insn r 0x53, 5, 0x51, \rd, \rs1, \rs2
.endm
.macro fleq.d rd, rs1, rs2
  .insn r 0x53, 4, 0x51, \rd, \rs1, \rs2
.endm
.macro fcvtmod.w.d rd, rs1
  .insn r 0x53, 1, 0x61, \rd, \rs1, x8
.endm
.macro LOADS op, expected, number
  NAME \@, \op \number
  la t4, .Lname\@
  csrw fflags, zero
  \op fa3, \number
  FLOAT_CHECK \expected, 0
.endm

BEGIN
  # fli.h
  LOADS fli.h, 0xffffffffffffbc00, 0
  LOADS fli.h, 0xffffffffffff0400, 1
  LOADS fli.h, 0xffffffffffff0100, 2
  LOADS fli.h, 0xffffffffffff0200, 3
  LOADS fli.h, 0xffffffffffff1c00, 4
  LOADS fli.h, 0xffffffffffff2000, 5
  LOADS fli.h, 0xffffffffffff2c00, 6
  LOADS fli.h, 0xffffffffffff3000, 7
  LOADS fli.h, 0xffffffffffff3400, 8
  LOADS fli.h, 0xffffffffffff3500, 9
  LOADS fli.h, 0xffffffffffff3600, 10
  LOADS fli.h, 0xffffffffffff3700, 11
  LOADS fli.h, 0xffffffffffff3800, 12
  LOADS fli.h, 0xffffffffffff3900, 13
  LOADS fli.h, 0xffffffffffff3a00, 14
  LOADS fli.h, 0xffffffffffff3b00, 15
  LOADS fli.h, 0xffffffffffff3c00, 16
  LOADS fli.h, 0xffffffffffff3d00, 17
  LOADS fli.h, 0xffffffffffff3e00, 18
  LOADS fli.h, 0xffffffffffff3f00, 19
  LOADS fli.h, 0xffffffffffff4000, 20
  LOADS fli.h, 0xffffffffffff4100, 21
  LOADS fli.h, 0xffffffffffff4200, 22
  LOADS fli.h, 0xffffffffffff4400, 23
  LOADS fli.h, 0xffffffffffff4800, 24
  LOADS fli.h, 0xffffffffffff4c00, 25
  LOADS fli.h, 0xffffffffffff5800, 26
  LOADS fli.h, 0xffffffffffff5c00, 27
  LOADS fli.h, 0xffffffffffff7800, 28
  LOADS fli.h, 0xffffffffffff7c00, 29
  LOADS fli.h, 0xffffffffffff7c00, 30
  LOADS fli.h, 0xffffffffffff7e00, 31
  # fminm.h
  FLOAT2 h, fminm.h, 0xffffffffffff8000, 0, 0x0, 0x8000
  FLOAT2 h, fminm.h, 0xffffffffffff8000, 0, 0x8000, 0x0
  FLOAT2 h, fminm.h, 0xffffffffffffbc00, 0, 0x3c00, 0xbc00
  FLOAT2 h, fminm.h, 0xffffffffffff7bff, 0, 0x7c00, 0x7bff
  FLOAT2 h, fminm.h, 0xfffffffffffffc00, 0, 0xfc00, 0x3c00
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 0, 0x7e00, 0x3c00
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 0, 0x3c00, 0x7e00
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 16, 0x7c01, 0x3c00
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 16, 0x3c00, 0x7c01
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 16, 0x7e00, 0x7c01
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 0, 0xfe05, 0x7e00
  FLOAT2 h, fminm.h, 0xffffffffffff0001, 0, 0x1, 0x400
  FLOAT2 h, fminm.h, 0xffffffffffff3c00, 0, 0x3c00, 0x3c00
  FLOAT2 h, fminm.h, 0xffffffffffff7e00, 0, 0x7e00, 0xfc00
  # fmaxm.h
  FLOAT2 h, fmaxm.h, 0xffffffffffff0000, 0, 0x0, 0x8000
  FLOAT2 h, fmaxm.h, 0xffffffffffff0000, 0, 0x8000, 0x0
  FLOAT2 h, fmaxm.h, 0xffffffffffff3c00, 0, 0x3c00, 0xbc00
  FLOAT2 h, fmaxm.h, 0xffffffffffff7c00, 0, 0x7c00, 0x7bff
  FLOAT2 h, fmaxm.h, 0xffffffffffff3c00, 0, 0xfc00, 0x3c00
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 0, 0x7e00, 0x3c00
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 0, 0x3c00, 0x7e00
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 16, 0x7c01, 0x3c00
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 16, 0x3c00, 0x7c01
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 16, 0x7e00, 0x7c01
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 0, 0xfe05, 0x7e00
  FLOAT2 h, fmaxm.h, 0xffffffffffff0400, 0, 0x1, 0x400
  FLOAT2 h, fmaxm.h, 0xffffffffffff3c00, 0, 0x3c00, 0x3c00
  FLOAT2 h, fmaxm.h, 0xffffffffffff7e00, 0, 0x7e00, 0xfc00
  # fround.h
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x0, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0x8000, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x1, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x1, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x1, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x1, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x1, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0x8001, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0x8001, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffffbc00, 0, 0x8001, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0x8001, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0x8001, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x3800, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x3800, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x3800, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3800, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3800, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0xb800, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0xb800, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffffbc00, 0, 0xb800, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff8000, 0, 0xb800, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffffbc00, 0, 0xb800, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x37ff, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x37ff, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x37ff, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x37ff, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x37ff, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3801, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x3801, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff0000, 0, 0x3801, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3801, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3801, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff4000, 0, 0x3e00, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3e00, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3e00, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff4000, 0, 0x3e00, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff4000, 0, 0x3e00, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffffc000, 0, 0xbe00, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffffbc00, 0, 0xbe00, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffffc000, 0, 0xbe00, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffffbc00, 0, 0xbe00, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffffc000, 0, 0xbe00, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff4000, 0, 0x4100, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff4000, 0, 0x4100, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff4000, 0, 0x4100, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff4200, 0, 0x4100, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff4200, 0, 0x4100, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffffc000, 0, 0xc100, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffffc000, 0, 0xc100, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffffc200, 0, 0xc100, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffffc000, 0, 0xc100, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffffc200, 0, 0xc100, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff3c00, 0, 0x3c00, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff6000, 0, 0x6001, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff6000, 0, 0x6001, ", rtz"
  FLOAT1 h, fround.h, 0xffffffffffff6000, 0, 0x6001, ", rdn"
  FLOAT1 h, fround.h, 0xffffffffffff6002, 0, 0x6001, ", rup"
  FLOAT1 h, fround.h, 0xffffffffffff6002, 0, 0x6001, ", rmm"
  FLOAT1 h, fround.h, 0xffffffffffff6401, 0, 0x6401, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff7bff, 0, 0x7bff, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff7c00, 0, 0x7c00, ", rne"
  FLOAT1 h, fround.h, 0xfffffffffffffc00, 0, 0xfc00, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff7e00, 0, 0x7e00, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff7e00, 0, 0xfe01, ", rne"
  FLOAT1 h, fround.h, 0xffffffffffff7e00, 16, 0x7c01, ", rne"
  # froundnx.h
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 0, 0x0, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 0, 0x8000, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x1, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x1, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x1, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x1, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x1, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0x8001, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0x8001, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffffbc00, 1, 0x8001, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0x8001, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0x8001, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x3800, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x3800, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x3800, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3800, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3800, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0xb800, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0xb800, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffffbc00, 1, 0xb800, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff8000, 1, 0xb800, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffffbc00, 1, 0xb800, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x37ff, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x37ff, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x37ff, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x37ff, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x37ff, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3801, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x3801, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff0000, 1, 0x3801, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3801, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3801, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff4000, 1, 0x3e00, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3e00, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 1, 0x3e00, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff4000, 1, 0x3e00, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff4000, 1, 0x3e00, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffffc000, 1, 0xbe00, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffffbc00, 1, 0xbe00, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffffc000, 1, 0xbe00, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffffbc00, 1, 0xbe00, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffffc000, 1, 0xbe00, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff4000, 1, 0x4100, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff4000, 1, 0x4100, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff4000, 1, 0x4100, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff4200, 1, 0x4100, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff4200, 1, 0x4100, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffffc000, 1, 0xc100, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffffc000, 1, 0xc100, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffffc200, 1, 0xc100, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffffc000, 1, 0xc100, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffffc200, 1, 0xc100, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff3c00, 0, 0x3c00, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff6000, 1, 0x6001, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff6000, 1, 0x6001, ", rtz"
  FLOAT1 h, froundnx.h, 0xffffffffffff6000, 1, 0x6001, ", rdn"
  FLOAT1 h, froundnx.h, 0xffffffffffff6002, 1, 0x6001, ", rup"
  FLOAT1 h, froundnx.h, 0xffffffffffff6002, 1, 0x6001, ", rmm"
  FLOAT1 h, froundnx.h, 0xffffffffffff6401, 0, 0x6401, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff7bff, 0, 0x7bff, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff7c00, 0, 0x7c00, ", rne"
  FLOAT1 h, froundnx.h, 0xfffffffffffffc00, 0, 0xfc00, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff7e00, 0, 0x7e00, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff7e00, 0, 0xfe01, ", rne"
  FLOAT1 h, froundnx.h, 0xffffffffffff7e00, 16, 0x7c01, ", rne"
  # fltq.h
  COMPARE h, fltq.h, 0, 0, 0x0, 0x8000
  COMPARE h, fltq.h, 0, 0, 0x8000, 0x0
  COMPARE h, fltq.h, 0, 0, 0x3c00, 0xbc00
  COMPARE h, fltq.h, 0, 0, 0x7c00, 0x7bff
  COMPARE h, fltq.h, 1, 0, 0xfc00, 0x3c00
  COMPARE h, fltq.h, 0, 0, 0x7e00, 0x3c00
  COMPARE h, fltq.h, 0, 0, 0x3c00, 0x7e00
  COMPARE h, fltq.h, 0, 16, 0x7c01, 0x3c00
  COMPARE h, fltq.h, 0, 16, 0x3c00, 0x7c01
  COMPARE h, fltq.h, 0, 16, 0x7e00, 0x7c01
  COMPARE h, fltq.h, 0, 0, 0xfe05, 0x7e00
  COMPARE h, fltq.h, 1, 0, 0x1, 0x400
  COMPARE h, fltq.h, 0, 0, 0x3c00, 0x3c00
  COMPARE h, fltq.h, 0, 0, 0x7e00, 0xfc00
  # fleq.h
  COMPARE h, fleq.h, 1, 0, 0x0, 0x8000
  COMPARE h, fleq.h, 1, 0, 0x8000, 0x0
  COMPARE h, fleq.h, 0, 0, 0x3c00, 0xbc00
  COMPARE h, fleq.h, 0, 0, 0x7c00, 0x7bff
  COMPARE h, fleq.h, 1, 0, 0xfc00, 0x3c00
  COMPARE h, fleq.h, 0, 0, 0x7e00, 0x3c00
  COMPARE h, fleq.h, 0, 0, 0x3c00, 0x7e00
  COMPARE h, fleq.h, 0, 16, 0x7c01, 0x3c00
  COMPARE h, fleq.h, 0, 16, 0x3c00, 0x7c01
  COMPARE h, fleq.h, 0, 16, 0x7e00, 0x7c01
  COMPARE h, fleq.h, 0, 0, 0xfe05, 0x7e00
  COMPARE h, fleq.h, 1, 0, 0x1, 0x400
  COMPARE h, fleq.h, 1, 0, 0x3c00, 0x3c00
  COMPARE h, fleq.h, 0, 0, 0x7e00, 0xfc00
  # fli.s
  LOADS fli.s, 0xffffffffbf800000, 0
  LOADS fli.s, 0xffffffff00800000, 1
  LOADS fli.s, 0xffffffff37800000, 2
  LOADS fli.s, 0xffffffff38000000, 3
  LOADS fli.s, 0xffffffff3b800000, 4
  LOADS fli.s, 0xffffffff3c000000, 5
  LOADS fli.s, 0xffffffff3d800000, 6
  LOADS fli.s, 0xffffffff3e000000, 7
  LOADS fli.s, 0xffffffff3e800000, 8
  LOADS fli.s, 0xffffffff3ea00000, 9
  LOADS fli.s, 0xffffffff3ec00000, 10
  LOADS fli.s, 0xffffffff3ee00000, 11
  LOADS fli.s, 0xffffffff3f000000, 12
  LOADS fli.s, 0xffffffff3f200000, 13
  LOADS fli.s, 0xffffffff3f400000, 14
  LOADS fli.s, 0xffffffff3f600000, 15
  LOADS fli.s, 0xffffffff3f800000, 16
  LOADS fli.s, 0xffffffff3fa00000, 17
  LOADS fli.s, 0xffffffff3fc00000, 18
  LOADS fli.s, 0xffffffff3fe00000, 19
  LOADS fli.s, 0xffffffff40000000, 20
  LOADS fli.s, 0xffffffff40200000, 21
  LOADS fli.s, 0xffffffff40400000, 22
  LOADS fli.s, 0xffffffff40800000, 23
  LOADS fli.s, 0xffffffff41000000, 24
  LOADS fli.s, 0xffffffff41800000, 25
  LOADS fli.s, 0xffffffff43000000, 26
  LOADS fli.s, 0xffffffff43800000, 27
  LOADS fli.s, 0xffffffff47000000, 28
  LOADS fli.s, 0xffffffff47800000, 29
  LOADS fli.s, 0xffffffff7f800000, 30
  LOADS fli.s, 0xffffffff7fc00000, 31
  # fminm.s
  FLOAT2 s, fminm.s, 0xffffffff80000000, 0, 0x0, 0x80000000
  FLOAT2 s, fminm.s, 0xffffffff80000000, 0, 0x80000000, 0x0
  FLOAT2 s, fminm.s, 0xffffffffbf800000, 0, 0x3f800000, 0xbf800000
  FLOAT2 s, fminm.s, 0xffffffff7f7fffff, 0, 0x7f800000, 0x7f7fffff
  FLOAT2 s, fminm.s, 0xffffffffff800000, 0, 0xff800000, 0x3f800000
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0x3f800000
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 0, 0x3f800000, 0x7fc00000
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 16, 0x7f800001, 0x3f800000
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 16, 0x3f800000, 0x7f800001
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 16, 0x7fc00000, 0x7f800001
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 0, 0xffc00005, 0x7fc00000
  FLOAT2 s, fminm.s, 0xffffffff00000001, 0, 0x1, 0x800000
  FLOAT2 s, fminm.s, 0xffffffff3f800000, 0, 0x3f800000, 0x3f800000
  FLOAT2 s, fminm.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0xff800000
  # fmaxm.s
  FLOAT2 s, fmaxm.s, 0xffffffff00000000, 0, 0x0, 0x80000000
  FLOAT2 s, fmaxm.s, 0xffffffff00000000, 0, 0x80000000, 0x0
  FLOAT2 s, fmaxm.s, 0xffffffff3f800000, 0, 0x3f800000, 0xbf800000
  FLOAT2 s, fmaxm.s, 0xffffffff7f800000, 0, 0x7f800000, 0x7f7fffff
  FLOAT2 s, fmaxm.s, 0xffffffff3f800000, 0, 0xff800000, 0x3f800000
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0x3f800000
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 0, 0x3f800000, 0x7fc00000
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 16, 0x7f800001, 0x3f800000
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 16, 0x3f800000, 0x7f800001
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 16, 0x7fc00000, 0x7f800001
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 0, 0xffc00005, 0x7fc00000
  FLOAT2 s, fmaxm.s, 0xffffffff00800000, 0, 0x1, 0x800000
  FLOAT2 s, fmaxm.s, 0xffffffff3f800000, 0, 0x3f800000, 0x3f800000
  FLOAT2 s, fmaxm.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0xff800000
  # fround.s
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x0, ", rne"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0x80000000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x1, ", rne"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x1, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x1, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x1, ", rup"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x1, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0x80000001, ", rne"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0x80000001, ", rtz"
  FLOAT1 s, fround.s, 0xffffffffbf800000, 0, 0x80000001, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0x80000001, ", rup"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0x80000001, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3f000000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3f000000, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3f000000, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3f000000, ", rup"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3f000000, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0xbf000000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0xbf000000, ", rtz"
  FLOAT1 s, fround.s, 0xffffffffbf800000, 0, 0xbf000000, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff80000000, 0, 0xbf000000, ", rup"
  FLOAT1 s, fround.s, 0xffffffffbf800000, 0, 0xbf000000, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3effffff, ", rne"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3effffff, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3effffff, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3effffff, ", rup"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3effffff, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3f000001, ", rne"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3f000001, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff00000000, 0, 0x3f000001, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3f000001, ", rup"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3f000001, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff40000000, 0, 0x3fc00000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3fc00000, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3fc00000, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff40000000, 0, 0x3fc00000, ", rup"
  FLOAT1 s, fround.s, 0xffffffff40000000, 0, 0x3fc00000, ", rmm"
  FLOAT1 s, fround.s, 0xffffffffc0000000, 0, 0xbfc00000, ", rne"
  FLOAT1 s, fround.s, 0xffffffffbf800000, 0, 0xbfc00000, ", rtz"
  FLOAT1 s, fround.s, 0xffffffffc0000000, 0, 0xbfc00000, ", rdn"
  FLOAT1 s, fround.s, 0xffffffffbf800000, 0, 0xbfc00000, ", rup"
  FLOAT1 s, fround.s, 0xffffffffc0000000, 0, 0xbfc00000, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff40000000, 0, 0x40200000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff40000000, 0, 0x40200000, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff40000000, 0, 0x40200000, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff40400000, 0, 0x40200000, ", rup"
  FLOAT1 s, fround.s, 0xffffffff40400000, 0, 0x40200000, ", rmm"
  FLOAT1 s, fround.s, 0xffffffffc0000000, 0, 0xc0200000, ", rne"
  FLOAT1 s, fround.s, 0xffffffffc0000000, 0, 0xc0200000, ", rtz"
  FLOAT1 s, fround.s, 0xffffffffc0400000, 0, 0xc0200000, ", rdn"
  FLOAT1 s, fround.s, 0xffffffffc0000000, 0, 0xc0200000, ", rup"
  FLOAT1 s, fround.s, 0xffffffffc0400000, 0, 0xc0200000, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff3f800000, 0, 0x3f800000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff4a800000, 0, 0x4a800001, ", rne"
  FLOAT1 s, fround.s, 0xffffffff4a800000, 0, 0x4a800001, ", rtz"
  FLOAT1 s, fround.s, 0xffffffff4a800000, 0, 0x4a800001, ", rdn"
  FLOAT1 s, fround.s, 0xffffffff4a800002, 0, 0x4a800001, ", rup"
  FLOAT1 s, fround.s, 0xffffffff4a800002, 0, 0x4a800001, ", rmm"
  FLOAT1 s, fround.s, 0xffffffff4b000001, 0, 0x4b000001, ", rne"
  FLOAT1 s, fround.s, 0xffffffff7f7fffff, 0, 0x7f7fffff, ", rne"
  FLOAT1 s, fround.s, 0xffffffff7f800000, 0, 0x7f800000, ", rne"
  FLOAT1 s, fround.s, 0xffffffffff800000, 0, 0xff800000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff7fc00000, 0, 0x7fc00000, ", rne"
  FLOAT1 s, fround.s, 0xffffffff7fc00000, 0, 0xffc00001, ", rne"
  FLOAT1 s, fround.s, 0xffffffff7fc00000, 16, 0x7f800001, ", rne"
  # froundnx.s
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 0, 0x0, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 0, 0x80000000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x1, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x1, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x1, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x1, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x1, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0x80000001, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0x80000001, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffffbf800000, 1, 0x80000001, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0x80000001, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0x80000001, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3f000000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3f000000, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3f000000, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3f000000, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3f000000, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0xbf000000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0xbf000000, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffffbf800000, 1, 0xbf000000, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff80000000, 1, 0xbf000000, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffffbf800000, 1, 0xbf000000, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3effffff, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3effffff, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3effffff, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3effffff, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3effffff, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3f000001, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3f000001, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff00000000, 1, 0x3f000001, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3f000001, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3f000001, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff40000000, 1, 0x3fc00000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3fc00000, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 1, 0x3fc00000, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff40000000, 1, 0x3fc00000, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff40000000, 1, 0x3fc00000, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffffc0000000, 1, 0xbfc00000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffffbf800000, 1, 0xbfc00000, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffffc0000000, 1, 0xbfc00000, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffffbf800000, 1, 0xbfc00000, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffffc0000000, 1, 0xbfc00000, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff40000000, 1, 0x40200000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff40000000, 1, 0x40200000, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff40000000, 1, 0x40200000, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff40400000, 1, 0x40200000, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff40400000, 1, 0x40200000, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffffc0000000, 1, 0xc0200000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffffc0000000, 1, 0xc0200000, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffffc0400000, 1, 0xc0200000, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffffc0000000, 1, 0xc0200000, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffffc0400000, 1, 0xc0200000, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff3f800000, 0, 0x3f800000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff4a800000, 1, 0x4a800001, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff4a800000, 1, 0x4a800001, ", rtz"
  FLOAT1 s, froundnx.s, 0xffffffff4a800000, 1, 0x4a800001, ", rdn"
  FLOAT1 s, froundnx.s, 0xffffffff4a800002, 1, 0x4a800001, ", rup"
  FLOAT1 s, froundnx.s, 0xffffffff4a800002, 1, 0x4a800001, ", rmm"
  FLOAT1 s, froundnx.s, 0xffffffff4b000001, 0, 0x4b000001, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff7f7fffff, 0, 0x7f7fffff, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff7f800000, 0, 0x7f800000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffffff800000, 0, 0xff800000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff7fc00000, 0, 0x7fc00000, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff7fc00000, 0, 0xffc00001, ", rne"
  FLOAT1 s, froundnx.s, 0xffffffff7fc00000, 16, 0x7f800001, ", rne"
  # fltq.s
  COMPARE s, fltq.s, 0, 0, 0x0, 0x80000000
  COMPARE s, fltq.s, 0, 0, 0x80000000, 0x0
  COMPARE s, fltq.s, 0, 0, 0x3f800000, 0xbf800000
  COMPARE s, fltq.s, 0, 0, 0x7f800000, 0x7f7fffff
  COMPARE s, fltq.s, 1, 0, 0xff800000, 0x3f800000
  COMPARE s, fltq.s, 0, 0, 0x7fc00000, 0x3f800000
  COMPARE s, fltq.s, 0, 0, 0x3f800000, 0x7fc00000
  COMPARE s, fltq.s, 0, 16, 0x7f800001, 0x3f800000
  COMPARE s, fltq.s, 0, 16, 0x3f800000, 0x7f800001
  COMPARE s, fltq.s, 0, 16, 0x7fc00000, 0x7f800001
  COMPARE s, fltq.s, 0, 0, 0xffc00005, 0x7fc00000
  COMPARE s, fltq.s, 1, 0, 0x1, 0x800000
  COMPARE s, fltq.s, 0, 0, 0x3f800000, 0x3f800000
  COMPARE s, fltq.s, 0, 0, 0x7fc00000, 0xff800000
  # fleq.s
  COMPARE s, fleq.s, 1, 0, 0x0, 0x80000000
  COMPARE s, fleq.s, 1, 0, 0x80000000, 0x0
  COMPARE s, fleq.s, 0, 0, 0x3f800000, 0xbf800000
  COMPARE s, fleq.s, 0, 0, 0x7f800000, 0x7f7fffff
  COMPARE s, fleq.s, 1, 0, 0xff800000, 0x3f800000
  COMPARE s, fleq.s, 0, 0, 0x7fc00000, 0x3f800000
  COMPARE s, fleq.s, 0, 0, 0x3f800000, 0x7fc00000
  COMPARE s, fleq.s, 0, 16, 0x7f800001, 0x3f800000
  COMPARE s, fleq.s, 0, 16, 0x3f800000, 0x7f800001
  COMPARE s, fleq.s, 0, 16, 0x7fc00000, 0x7f800001
  COMPARE s, fleq.s, 0, 0, 0xffc00005, 0x7fc00000
  COMPARE s, fleq.s, 1, 0, 0x1, 0x800000
  COMPARE s, fleq.s, 1, 0, 0x3f800000, 0x3f800000
  COMPARE s, fleq.s, 0, 0, 0x7fc00000, 0xff800000
  # fli.d
  LOADS fli.d, 0xbff0000000000000, 0
  LOADS fli.d, 0x10000000000000, 1
  LOADS fli.d, 0x3ef0000000000000, 2
  LOADS fli.d, 0x3f00000000000000, 3
  LOADS fli.d, 0x3f70000000000000, 4
  LOADS fli.d, 0x3f80000000000000, 5
  LOADS fli.d, 0x3fb0000000000000, 6
  LOADS fli.d, 0x3fc0000000000000, 7
  LOADS fli.d, 0x3fd0000000000000, 8
  LOADS fli.d, 0x3fd4000000000000, 9
  LOADS fli.d, 0x3fd8000000000000, 10
  LOADS fli.d, 0x3fdc000000000000, 11
  LOADS fli.d, 0x3fe0000000000000, 12
  LOADS fli.d, 0x3fe4000000000000, 13
  LOADS fli.d, 0x3fe8000000000000, 14
  LOADS fli.d, 0x3fec000000000000, 15
  LOADS fli.d, 0x3ff0000000000000, 16
  LOADS fli.d, 0x3ff4000000000000, 17
  LOADS fli.d, 0x3ff8000000000000, 18
  LOADS fli.d, 0x3ffc000000000000, 19
  LOADS fli.d, 0x4000000000000000, 20
  LOADS fli.d, 0x4004000000000000, 21
  LOADS fli.d, 0x4008000000000000, 22
  LOADS fli.d, 0x4010000000000000, 23
  LOADS fli.d, 0x4020000000000000, 24
  LOADS fli.d, 0x4030000000000000, 25
  LOADS fli.d, 0x4060000000000000, 26
  LOADS fli.d, 0x4070000000000000, 27
  LOADS fli.d, 0x40e0000000000000, 28
  LOADS fli.d, 0x40f0000000000000, 29
  LOADS fli.d, 0x7ff0000000000000, 30
  LOADS fli.d, 0x7ff8000000000000, 31
  # fminm.d
  FLOAT2 d, fminm.d, 0x8000000000000000, 0, 0x0, 0x8000000000000000
  FLOAT2 d, fminm.d, 0x8000000000000000, 0, 0x8000000000000000, 0x0
  FLOAT2 d, fminm.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
  FLOAT2 d, fminm.d, 0x7fefffffffffffff, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  FLOAT2 d, fminm.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x3ff0000000000000
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 0, 0xfff8000000000005, 0x7ff8000000000000
  FLOAT2 d, fminm.d, 0x1, 0, 0x1, 0x10000000000000
  FLOAT2 d, fminm.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
  FLOAT2 d, fminm.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0xfff0000000000000
  # fmaxm.d
  FLOAT2 d, fmaxm.d, 0x0, 0, 0x0, 0x8000000000000000
  FLOAT2 d, fmaxm.d, 0x0, 0, 0x8000000000000000, 0x0
  FLOAT2 d, fmaxm.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
  FLOAT2 d, fmaxm.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  FLOAT2 d, fmaxm.d, 0x3ff0000000000000, 0, 0xfff0000000000000, 0x3ff0000000000000
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 0, 0xfff8000000000005, 0x7ff8000000000000
  FLOAT2 d, fmaxm.d, 0x10000000000000, 0, 0x1, 0x10000000000000
  FLOAT2 d, fmaxm.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
  FLOAT2 d, fmaxm.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0xfff0000000000000
  # fround.d
  FLOAT1 d, fround.d, 0x0, 0, 0x0, ", rne"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0x8000000000000000, ", rne"
  FLOAT1 d, fround.d, 0x0, 0, 0x1, ", rne"
  FLOAT1 d, fround.d, 0x0, 0, 0x1, ", rtz"
  FLOAT1 d, fround.d, 0x0, 0, 0x1, ", rdn"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x1, ", rup"
  FLOAT1 d, fround.d, 0x0, 0, 0x1, ", rmm"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0x8000000000000001, ", rne"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0x8000000000000001, ", rtz"
  FLOAT1 d, fround.d, 0xbff0000000000000, 0, 0x8000000000000001, ", rdn"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0x8000000000000001, ", rup"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0x8000000000000001, ", rmm"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fe0000000000000, ", rne"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fe0000000000000, ", rtz"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fe0000000000000, ", rdn"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3fe0000000000000, ", rup"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3fe0000000000000, ", rmm"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0xbfe0000000000000, ", rne"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0xbfe0000000000000, ", rtz"
  FLOAT1 d, fround.d, 0xbff0000000000000, 0, 0xbfe0000000000000, ", rdn"
  FLOAT1 d, fround.d, 0x8000000000000000, 0, 0xbfe0000000000000, ", rup"
  FLOAT1 d, fround.d, 0xbff0000000000000, 0, 0xbfe0000000000000, ", rmm"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fdfffffffffffff, ", rne"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fdfffffffffffff, ", rtz"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fdfffffffffffff, ", rdn"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3fdfffffffffffff, ", rup"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fdfffffffffffff, ", rmm"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3fe0000000000001, ", rne"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fe0000000000001, ", rtz"
  FLOAT1 d, fround.d, 0x0, 0, 0x3fe0000000000001, ", rdn"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3fe0000000000001, ", rup"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3fe0000000000001, ", rmm"
  FLOAT1 d, fround.d, 0x4000000000000000, 0, 0x3ff8000000000000, ", rne"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3ff8000000000000, ", rtz"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3ff8000000000000, ", rdn"
  FLOAT1 d, fround.d, 0x4000000000000000, 0, 0x3ff8000000000000, ", rup"
  FLOAT1 d, fround.d, 0x4000000000000000, 0, 0x3ff8000000000000, ", rmm"
  FLOAT1 d, fround.d, 0xc000000000000000, 0, 0xbff8000000000000, ", rne"
  FLOAT1 d, fround.d, 0xbff0000000000000, 0, 0xbff8000000000000, ", rtz"
  FLOAT1 d, fround.d, 0xc000000000000000, 0, 0xbff8000000000000, ", rdn"
  FLOAT1 d, fround.d, 0xbff0000000000000, 0, 0xbff8000000000000, ", rup"
  FLOAT1 d, fround.d, 0xc000000000000000, 0, 0xbff8000000000000, ", rmm"
  FLOAT1 d, fround.d, 0x4000000000000000, 0, 0x4004000000000000, ", rne"
  FLOAT1 d, fround.d, 0x4000000000000000, 0, 0x4004000000000000, ", rtz"
  FLOAT1 d, fround.d, 0x4000000000000000, 0, 0x4004000000000000, ", rdn"
  FLOAT1 d, fround.d, 0x4008000000000000, 0, 0x4004000000000000, ", rup"
  FLOAT1 d, fround.d, 0x4008000000000000, 0, 0x4004000000000000, ", rmm"
  FLOAT1 d, fround.d, 0xc000000000000000, 0, 0xc004000000000000, ", rne"
  FLOAT1 d, fround.d, 0xc000000000000000, 0, 0xc004000000000000, ", rtz"
  FLOAT1 d, fround.d, 0xc008000000000000, 0, 0xc004000000000000, ", rdn"
  FLOAT1 d, fround.d, 0xc000000000000000, 0, 0xc004000000000000, ", rup"
  FLOAT1 d, fround.d, 0xc008000000000000, 0, 0xc004000000000000, ", rmm"
  FLOAT1 d, fround.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, ", rne"
  FLOAT1 d, fround.d, 0x4320000000000000, 0, 0x4320000000000001, ", rne"
  FLOAT1 d, fround.d, 0x4320000000000000, 0, 0x4320000000000001, ", rtz"
  FLOAT1 d, fround.d, 0x4320000000000000, 0, 0x4320000000000001, ", rdn"
  FLOAT1 d, fround.d, 0x4320000000000002, 0, 0x4320000000000001, ", rup"
  FLOAT1 d, fround.d, 0x4320000000000002, 0, 0x4320000000000001, ", rmm"
  FLOAT1 d, fround.d, 0x4330000000000001, 0, 0x4330000000000001, ", rne"
  FLOAT1 d, fround.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, ", rne"
  FLOAT1 d, fround.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, ", rne"
  FLOAT1 d, fround.d, 0xfff0000000000000, 0, 0xfff0000000000000, ", rne"
  FLOAT1 d, fround.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, ", rne"
  FLOAT1 d, fround.d, 0x7ff8000000000000, 0, 0xfff8000000000001, ", rne"
  FLOAT1 d, fround.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, ", rne"
  # froundnx.d
  FLOAT1 d, froundnx.d, 0x0, 0, 0x0, ", rne"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 0, 0x8000000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x1, ", rne"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x1, ", rtz"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x1, ", rdn"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x1, ", rup"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x1, ", rmm"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0x8000000000000001, ", rne"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0x8000000000000001, ", rtz"
  FLOAT1 d, froundnx.d, 0xbff0000000000000, 1, 0x8000000000000001, ", rdn"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0x8000000000000001, ", rup"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0x8000000000000001, ", rmm"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fe0000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fe0000000000000, ", rtz"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fe0000000000000, ", rdn"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3fe0000000000000, ", rup"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3fe0000000000000, ", rmm"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0xbfe0000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0xbfe0000000000000, ", rtz"
  FLOAT1 d, froundnx.d, 0xbff0000000000000, 1, 0xbfe0000000000000, ", rdn"
  FLOAT1 d, froundnx.d, 0x8000000000000000, 1, 0xbfe0000000000000, ", rup"
  FLOAT1 d, froundnx.d, 0xbff0000000000000, 1, 0xbfe0000000000000, ", rmm"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fdfffffffffffff, ", rne"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fdfffffffffffff, ", rtz"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fdfffffffffffff, ", rdn"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3fdfffffffffffff, ", rup"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fdfffffffffffff, ", rmm"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3fe0000000000001, ", rne"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fe0000000000001, ", rtz"
  FLOAT1 d, froundnx.d, 0x0, 1, 0x3fe0000000000001, ", rdn"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3fe0000000000001, ", rup"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3fe0000000000001, ", rmm"
  FLOAT1 d, froundnx.d, 0x4000000000000000, 1, 0x3ff8000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3ff8000000000000, ", rtz"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 1, 0x3ff8000000000000, ", rdn"
  FLOAT1 d, froundnx.d, 0x4000000000000000, 1, 0x3ff8000000000000, ", rup"
  FLOAT1 d, froundnx.d, 0x4000000000000000, 1, 0x3ff8000000000000, ", rmm"
  FLOAT1 d, froundnx.d, 0xc000000000000000, 1, 0xbff8000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0xbff0000000000000, 1, 0xbff8000000000000, ", rtz"
  FLOAT1 d, froundnx.d, 0xc000000000000000, 1, 0xbff8000000000000, ", rdn"
  FLOAT1 d, froundnx.d, 0xbff0000000000000, 1, 0xbff8000000000000, ", rup"
  FLOAT1 d, froundnx.d, 0xc000000000000000, 1, 0xbff8000000000000, ", rmm"
  FLOAT1 d, froundnx.d, 0x4000000000000000, 1, 0x4004000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x4000000000000000, 1, 0x4004000000000000, ", rtz"
  FLOAT1 d, froundnx.d, 0x4000000000000000, 1, 0x4004000000000000, ", rdn"
  FLOAT1 d, froundnx.d, 0x4008000000000000, 1, 0x4004000000000000, ", rup"
  FLOAT1 d, froundnx.d, 0x4008000000000000, 1, 0x4004000000000000, ", rmm"
  FLOAT1 d, froundnx.d, 0xc000000000000000, 1, 0xc004000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0xc000000000000000, 1, 0xc004000000000000, ", rtz"
  FLOAT1 d, froundnx.d, 0xc008000000000000, 1, 0xc004000000000000, ", rdn"
  FLOAT1 d, froundnx.d, 0xc000000000000000, 1, 0xc004000000000000, ", rup"
  FLOAT1 d, froundnx.d, 0xc008000000000000, 1, 0xc004000000000000, ", rmm"
  FLOAT1 d, froundnx.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x4320000000000000, 1, 0x4320000000000001, ", rne"
  FLOAT1 d, froundnx.d, 0x4320000000000000, 1, 0x4320000000000001, ", rtz"
  FLOAT1 d, froundnx.d, 0x4320000000000000, 1, 0x4320000000000001, ", rdn"
  FLOAT1 d, froundnx.d, 0x4320000000000002, 1, 0x4320000000000001, ", rup"
  FLOAT1 d, froundnx.d, 0x4320000000000002, 1, 0x4320000000000001, ", rmm"
  FLOAT1 d, froundnx.d, 0x4330000000000001, 0, 0x4330000000000001, ", rne"
  FLOAT1 d, froundnx.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, ", rne"
  FLOAT1 d, froundnx.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0xfff0000000000000, 0, 0xfff0000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, ", rne"
  FLOAT1 d, froundnx.d, 0x7ff8000000000000, 0, 0xfff8000000000001, ", rne"
  FLOAT1 d, froundnx.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, ", rne"
  # fltq.d
  COMPARE d, fltq.d, 0, 0, 0x0, 0x8000000000000000
  COMPARE d, fltq.d, 0, 0, 0x8000000000000000, 0x0
  COMPARE d, fltq.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
  COMPARE d, fltq.d, 0, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  COMPARE d, fltq.d, 1, 0, 0xfff0000000000000, 0x3ff0000000000000
  COMPARE d, fltq.d, 0, 0, 0x7ff8000000000000, 0x3ff0000000000000
  COMPARE d, fltq.d, 0, 0, 0x3ff0000000000000, 0x7ff8000000000000
  COMPARE d, fltq.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
  COMPARE d, fltq.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
  COMPARE d, fltq.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
  COMPARE d, fltq.d, 0, 0, 0xfff8000000000005, 0x7ff8000000000000
  COMPARE d, fltq.d, 1, 0, 0x1, 0x10000000000000
  COMPARE d, fltq.d, 0, 0, 0x3ff0000000000000, 0x3ff0000000000000
  COMPARE d, fltq.d, 0, 0, 0x7ff8000000000000, 0xfff0000000000000
  # fleq.d
  COMPARE d, fleq.d, 1, 0, 0x0, 0x8000000000000000
  COMPARE d, fleq.d, 1, 0, 0x8000000000000000, 0x0
  COMPARE d, fleq.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
  COMPARE d, fleq.d, 0, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  COMPARE d, fleq.d, 1, 0, 0xfff0000000000000, 0x3ff0000000000000
  COMPARE d, fleq.d, 0, 0, 0x7ff8000000000000, 0x3ff0000000000000
  COMPARE d, fleq.d, 0, 0, 0x3ff0000000000000, 0x7ff8000000000000
  COMPARE d, fleq.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
  COMPARE d, fleq.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
  COMPARE d, fleq.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
  COMPARE d, fleq.d, 0, 0, 0xfff8000000000005, 0x7ff8000000000000
  COMPARE d, fleq.d, 1, 0, 0x1, 0x10000000000000
  COMPARE d, fleq.d, 1, 0, 0x3ff0000000000000, 0x3ff0000000000000
  COMPARE d, fleq.d, 0, 0, 0x7ff8000000000000, 0xfff0000000000000
  # fcvtmod.w.d
  TO_INT d, fcvtmod.w.d, 0x0, 0, 0x0
  TO_INT d, fcvtmod.w.d, 0x0, 0, 0x8000000000000000
  TO_INT d, fcvtmod.w.d, 0x1, 0, 0x3ff0000000000000
  TO_INT d, fcvtmod.w.d, 0xffffffffffffffff, 0, 0xbff0000000000000
  TO_INT d, fcvtmod.w.d, 0x1, 1, 0x3ff8000000000000
  TO_INT d, fcvtmod.w.d, 0xffffffffffffffff, 1, 0xbff8000000000000
  TO_INT d, fcvtmod.w.d, 0x0, 1, 0x3fd5555555555555
  TO_INT d, fcvtmod.w.d, 0x0, 1, 0xbfd5555555555555
  TO_INT d, fcvtmod.w.d, 0x7fffffff, 0, 0x41dfffffffc00000
  TO_INT d, fcvtmod.w.d, 0xffffffff80000001, 0, 0xc1dfffffffc00000
  TO_INT d, fcvtmod.w.d, 0xffffffff80000000, 16, 0x41e0000000000000
  TO_INT d, fcvtmod.w.d, 0xffffffff80000000, 0, 0xc1e0000000000000
  TO_INT d, fcvtmod.w.d, 0x7fffffff, 1, 0x41dfffffffe00000
  TO_INT d, fcvtmod.w.d, 0xffffffff80000001, 1, 0xc1dfffffffe00000
  TO_INT d, fcvtmod.w.d, 0xffffffffffffffff, 16, 0x41efffffffe00000
  TO_INT d, fcvtmod.w.d, 0x1, 16, 0xc1efffffffe00000
  TO_INT d, fcvtmod.w.d, 0x5, 16, 0x41f0000000500000
  TO_INT d, fcvtmod.w.d, 0xfffffffffffffffb, 16, 0xc1f0000000500000
  TO_INT d, fcvtmod.w.d, 0x1, 16, 0x4330000000000001
  TO_INT d, fcvtmod.w.d, 0xffffffffffffffff, 16, 0xc330000000000001
  TO_INT d, fcvtmod.w.d, 0x2, 16, 0x4340000000000001
  TO_INT d, fcvtmod.w.d, 0xfffffffffffffffe, 16, 0xc340000000000001
  TO_INT d, fcvtmod.w.d, 0x100000, 16, 0x43d0000000000400
  TO_INT d, fcvtmod.w.d, 0xfffffffffff00000, 16, 0xc3d0000000000400
  TO_INT d, fcvtmod.w.d, 0x800, 16, 0x43e0000000000001
  TO_INT d, fcvtmod.w.d, 0xfffffffffffff800, 16, 0xc3e0000000000001
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0x43f0000000000000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0xc3f0000000000000
  TO_INT d, fcvtmod.w.d, 0x456789ab, 16, 0x42723456789ab000
  TO_INT d, fcvtmod.w.d, 0xffffffffba987655, 16, 0xc2723456789ab000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0x4530000000000000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0xc530000000000000
  TO_INT d, fcvtmod.w.d, 0xffffffff80000000, 16, 0x4520000000000001
  TO_INT d, fcvtmod.w.d, 0xffffffff80000000, 16, 0xc520000000000001
  TO_INT d, fcvtmod.w.d, 0x0, 1, 0x4000
  TO_INT d, fcvtmod.w.d, 0x0, 1, 0x8000000000004000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0x7ff0000000000000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0xfff0000000000000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0x7ff8000000000000
  TO_INT d, fcvtmod.w.d, 0x0, 16, 0x7ff0000000000001
  TO_INT d, fcvtmod.w.d, 0xffffffff80000000, 1, 0xc1e0000000100000
  # Dynamic rounding, and the modes that are reserved.
  csrwi frm, 3
  FLOAT1 d, fround.d, 0x4008000000000000, 0, 0x4000000000000001
  csrwi frm, 5
  TRAPS 2, 0x42407053, .word 0x42407053
  csrwi frm, 0
  TRAPS 2, 0x42405053, .word 0x42405053
  TRAPS 2, 0xc2802053, .word 0xc2802053
END
