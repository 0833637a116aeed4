# F: single precision.

  .include "test.inc"

BEGIN
  # fadd.s
  FLOAT2 s, fadd.s, 0xffffffff40000000, 0, 0x3f800000, 0x3f800000, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, ", rup"
  FLOAT2 s, fadd.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffff3f800002, 1, 0x3f800001, 0x33800000, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff3f800001, 1, 0x3f800001, 0x33800000, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffff3f800001, 1, 0x3f800001, 0x33800000, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffff3f800002, 1, 0x3f800001, 0x33800000, ", rup"
  FLOAT2 s, fadd.s, 0xffffffff3f800002, 1, 0x3f800001, 0x33800000, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffffbf800000, 1, 0xbf800000, 0xb3800000, ", rne"
  FLOAT2 s, fadd.s, 0xffffffffbf800000, 1, 0xbf800000, 0xb3800000, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffffbf800001, 1, 0xbf800000, 0xb3800000, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffffbf800000, 1, 0xbf800000, 0xb3800000, ", rup"
  FLOAT2 s, fadd.s, 0xffffffffbf800001, 1, 0xbf800000, 0xb3800000, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x7f7fffff, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x7f7fffff, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x7f7fffff, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x7f7fffff, ", rup"
  FLOAT2 s, fadd.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x7f7fffff, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffff00000000, 0, 0x800000, 0x80800000, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff00000000, 0, 0x0, 0x80000000, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffff7fc00000, 16, 0x7f800000, 0xff800000, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0x3f800000, ", rup"
  FLOAT2 s, fadd.s, 0xffffffff7fc00000, 16, 0x7f800001, 0x3f800000, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffff3f7fffff, 1, 0x1, 0x3f7fffff, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff3f7fffff, 1, 0x1, 0x3f7fffff, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffff3f7fffff, 1, 0x1, 0x3f7fffff, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffff3f800000, 1, 0x1, 0x3f7fffff, ", rup"
  FLOAT2 s, fadd.s, 0xffffffff3f7fffff, 1, 0x1, 0x3f7fffff, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffff40000004, 1, 0x3f800003, 0x3f800006, ", rne"
  FLOAT2 s, fadd.s, 0xffffffff40000004, 1, 0x3f800003, 0x3f800006, ", rtz"
  FLOAT2 s, fadd.s, 0xffffffff40000004, 1, 0x3f800003, 0x3f800006, ", rdn"
  FLOAT2 s, fadd.s, 0xffffffff40000005, 1, 0x3f800003, 0x3f800006, ", rup"
  FLOAT2 s, fadd.s, 0xffffffff40000005, 1, 0x3f800003, 0x3f800006, ", rmm"
  FLOAT2 s, fadd.s, 0xffffffff7f800000, 0, 0x7f800000, 0x0, ", rdn"
  # fsub.s
  FLOAT2 s, fsub.s, 0xffffffff00000000, 0, 0x3f800000, 0x3f800000, ", rne"
  FLOAT2 s, fsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, ", rne"
  FLOAT2 s, fsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, ", rup"
  FLOAT2 s, fsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffff3f800000, 1, 0x3f800001, 0x33800000, ", rne"
  FLOAT2 s, fsub.s, 0xffffffff3f800000, 1, 0x3f800001, 0x33800000, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffff3f800000, 1, 0x3f800001, 0x33800000, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffff3f800001, 1, 0x3f800001, 0x33800000, ", rup"
  FLOAT2 s, fsub.s, 0xffffffff3f800001, 1, 0x3f800001, 0x33800000, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 0, 0xbf800000, 0xb3800000, ", rne"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 0, 0xbf800000, 0xb3800000, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 0, 0xbf800000, 0xb3800000, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 0, 0xbf800000, 0xb3800000, ", rup"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 0, 0xbf800000, 0xb3800000, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffff00000000, 0, 0x7f7fffff, 0x7f7fffff, ", rne"
  FLOAT2 s, fsub.s, 0xffffffff00000000, 0, 0x7f7fffff, 0x7f7fffff, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffff80000000, 0, 0x7f7fffff, 0x7f7fffff, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffff00000000, 0, 0x7f7fffff, 0x7f7fffff, ", rup"
  FLOAT2 s, fsub.s, 0xffffffff00000000, 0, 0x7f7fffff, 0x7f7fffff, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffff01000000, 0, 0x800000, 0x80800000, ", rne"
  FLOAT2 s, fsub.s, 0xffffffff00000000, 0, 0x0, 0x80000000, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffff7f800000, 0, 0x7f800000, 0xff800000, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0x3f800000, ", rup"
  FLOAT2 s, fsub.s, 0xffffffff7fc00000, 16, 0x7f800001, 0x3f800000, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 1, 0x1, 0x3f7fffff, ", rne"
  FLOAT2 s, fsub.s, 0xffffffffbf7ffffe, 1, 0x1, 0x3f7fffff, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 1, 0x1, 0x3f7fffff, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffffbf7ffffe, 1, 0x1, 0x3f7fffff, ", rup"
  FLOAT2 s, fsub.s, 0xffffffffbf7fffff, 1, 0x1, 0x3f7fffff, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffffb4c00000, 0, 0x3f800003, 0x3f800006, ", rne"
  FLOAT2 s, fsub.s, 0xffffffffb4c00000, 0, 0x3f800003, 0x3f800006, ", rtz"
  FLOAT2 s, fsub.s, 0xffffffffb4c00000, 0, 0x3f800003, 0x3f800006, ", rdn"
  FLOAT2 s, fsub.s, 0xffffffffb4c00000, 0, 0x3f800003, 0x3f800006, ", rup"
  FLOAT2 s, fsub.s, 0xffffffffb4c00000, 0, 0x3f800003, 0x3f800006, ", rmm"
  FLOAT2 s, fsub.s, 0xffffffff7f800000, 0, 0x7f800000, 0x0, ", rdn"
  # fmul.s
  FLOAT2 s, fmul.s, 0xffffffff3f800000, 0, 0x3f800000, 0x3f800000, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0x3f800000, 0x33800000, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0x3f800000, 0x33800000, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0x3f800000, 0x33800000, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0x3f800000, 0x33800000, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0x3f800000, 0x33800000, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff33800001, 0, 0x3f800001, 0x33800000, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff33800001, 0, 0x3f800001, 0x33800000, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffff33800001, 0, 0x3f800001, 0x33800000, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff33800001, 0, 0x3f800001, 0x33800000, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff33800001, 0, 0x3f800001, 0x33800000, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0xbf800000, 0xb3800000, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0xbf800000, 0xb3800000, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0xbf800000, 0xb3800000, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0xbf800000, 0xb3800000, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff33800000, 0, 0xbf800000, 0xb3800000, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x7f7fffff, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x7f7fffff, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x7f7fffff, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x7f7fffff, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x7f7fffff, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff80000000, 3, 0x800000, 0x80800000, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff80000000, 0, 0x0, 0x80000000, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffffff800000, 0, 0x7f800000, 0xff800000, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0x3f800000, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff7fc00000, 16, 0x7f800001, 0x3f800000, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff00000000, 3, 0x1, 0x3f7fffff, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffff00000000, 3, 0x1, 0x3f7fffff, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff3f800009, 1, 0x3f800003, 0x3f800006, ", rne"
  FLOAT2 s, fmul.s, 0xffffffff3f800009, 1, 0x3f800003, 0x3f800006, ", rtz"
  FLOAT2 s, fmul.s, 0xffffffff3f800009, 1, 0x3f800003, 0x3f800006, ", rdn"
  FLOAT2 s, fmul.s, 0xffffffff3f80000a, 1, 0x3f800003, 0x3f800006, ", rup"
  FLOAT2 s, fmul.s, 0xffffffff3f800009, 1, 0x3f800003, 0x3f800006, ", rmm"
  FLOAT2 s, fmul.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x0, ", rdn"
  # fdiv.s
  FLOAT2 s, fdiv.s, 0xffffffff3f800000, 0, 0x3f800000, 0x3f800000, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0x3f800000, 0x33800000, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0x3f800000, 0x33800000, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0x3f800000, 0x33800000, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0x3f800000, 0x33800000, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0x3f800000, 0x33800000, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffff4b800001, 0, 0x3f800001, 0x33800000, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff4b800001, 0, 0x3f800001, 0x33800000, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff4b800001, 0, 0x3f800001, 0x33800000, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff4b800001, 0, 0x3f800001, 0x33800000, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff4b800001, 0, 0x3f800001, 0x33800000, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0xbf800000, 0xb3800000, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0xbf800000, 0xb3800000, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0xbf800000, 0xb3800000, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0xbf800000, 0xb3800000, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff4b800000, 0, 0xbf800000, 0xb3800000, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffff3f800000, 0, 0x7f7fffff, 0x7f7fffff, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff3f800000, 0, 0x7f7fffff, 0x7f7fffff, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff3f800000, 0, 0x7f7fffff, 0x7f7fffff, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff3f800000, 0, 0x7f7fffff, 0x7f7fffff, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff3f800000, 0, 0x7f7fffff, 0x7f7fffff, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffffbf800000, 0, 0x800000, 0x80800000, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff7fc00000, 16, 0x0, 0x80000000, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff7fc00000, 16, 0x7f800000, 0xff800000, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff7fc00000, 0, 0x7fc00000, 0x3f800000, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff7fc00000, 16, 0x7f800001, 0x3f800000, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff00000002, 3, 0x1, 0x3f7fffff, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff00000001, 3, 0x1, 0x3f7fffff, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffff3f7ffffa, 1, 0x3f800003, 0x3f800006, ", rne"
  FLOAT2 s, fdiv.s, 0xffffffff3f7ffffa, 1, 0x3f800003, 0x3f800006, ", rtz"
  FLOAT2 s, fdiv.s, 0xffffffff3f7ffffa, 1, 0x3f800003, 0x3f800006, ", rdn"
  FLOAT2 s, fdiv.s, 0xffffffff3f7ffffb, 1, 0x3f800003, 0x3f800006, ", rup"
  FLOAT2 s, fdiv.s, 0xffffffff3f7ffffa, 1, 0x3f800003, 0x3f800006, ", rmm"
  FLOAT2 s, fdiv.s, 0xffffffff7f800000, 0, 0x7f800000, 0x0, ", rdn"
  # fsqrt.s
  FLOAT1 s, fsqrt.s, 0xffffffff00000000, 0, 0x0, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff80000000, 0, 0x80000000, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff3f800000, 0, 0x3f800000, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff7fc00000, 16, 0xbf800000, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff3f800000, 1, 0x3f800001, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff3f800001, 1, 0x3f800001, ", rup"
  FLOAT1 s, fsqrt.s, 0xffffffff3fb504f3, 1, 0x40000000, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff3fb504f4, 1, 0x40000000, ", rup"
  FLOAT1 s, fsqrt.s, 0xffffffff7f800000, 0, 0x7f800000, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff7fc00000, 0, 0x7fc00000, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff7fc00000, 16, 0x7f800001, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff1a3504f3, 1, 0x1, ", rne"
  FLOAT1 s, fsqrt.s, 0xffffffff5f7fffff, 1, 0x7f7fffff, ", rne"
  # fmadd.s
  FLOAT3 s, fmadd.s, 0xffffffff40000000, 0, 0x3f800000, 0x3f800000, 0x3f800000, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffff40000002, 1, 0x3f800001, 0x3f800001, 0x3f800002, ", rtz"
  FLOAT3 s, fmadd.s, 0xffffffffbf800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffffbf800001, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rtz"
  FLOAT3 s, fmadd.s, 0xffffffffbf800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rdn"
  FLOAT3 s, fmadd.s, 0xffffffffbf800001, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rup"
  FLOAT3 s, fmadd.s, 0xffffffffbf800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rmm"
  FLOAT3 s, fmadd.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rtz"
  FLOAT3 s, fmadd.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rdn"
  FLOAT3 s, fmadd.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rup"
  FLOAT3 s, fmadd.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rmm"
  FLOAT3 s, fmadd.s, 0xffffffff3f800002, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rtz"
  FLOAT3 s, fmadd.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rdn"
  FLOAT3 s, fmadd.s, 0xffffffff3f800002, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rup"
  FLOAT3 s, fmadd.s, 0xffffffff3f800002, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rmm"
  FLOAT3 s, fmadd.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x0, 0x7fc00000, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x3f800000, 0xff800000, ", rtz"
  FLOAT3 s, fmadd.s, 0xffffffff7f800000, 0, 0x7f800000, 0x3f800000, 0x7f800000, ", rdn"
  FLOAT3 s, fmadd.s, 0xffffffff00000000, 0, 0x0, 0x80000000, 0x0, ", rup"
  FLOAT3 s, fmadd.s, 0xffffffff7fc00000, 16, 0x7f7fffff, 0x7f7fffff, 0x7f800001, ", rmm"
  FLOAT3 s, fmadd.s, 0xffffffff00000001, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rne"
  FLOAT3 s, fmadd.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rtz"
  FLOAT3 s, fmadd.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rdn"
  FLOAT3 s, fmadd.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rup"
  FLOAT3 s, fmadd.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rmm"
  # fmsub.s
  FLOAT3 s, fmsub.s, 0xffffffff00000000, 0, 0x3f800000, 0x3f800000, 0x3f800000, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffff28800000, 0, 0x3f800001, 0x3f800001, 0x3f800002, ", rtz"
  FLOAT3 s, fmsub.s, 0xffffffffbf800003, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffffbf800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rtz"
  FLOAT3 s, fmsub.s, 0xffffffffbf800003, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rdn"
  FLOAT3 s, fmsub.s, 0xffffffffbf800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rup"
  FLOAT3 s, fmsub.s, 0xffffffffbf800003, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rmm"
  FLOAT3 s, fmsub.s, 0xffffffffbf7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffffbf7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rtz"
  FLOAT3 s, fmsub.s, 0xffffffffbf7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rdn"
  FLOAT3 s, fmsub.s, 0xffffffffbf7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rup"
  FLOAT3 s, fmsub.s, 0xffffffffbf7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rmm"
  FLOAT3 s, fmsub.s, 0xffffffffbf800000, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffffbf800000, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rtz"
  FLOAT3 s, fmsub.s, 0xffffffffbf800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rdn"
  FLOAT3 s, fmsub.s, 0xffffffffbf800000, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rup"
  FLOAT3 s, fmsub.s, 0xffffffffbf800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rmm"
  FLOAT3 s, fmsub.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x0, 0x7fc00000, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffff7f800000, 0, 0x7f800000, 0x3f800000, 0xff800000, ", rtz"
  FLOAT3 s, fmsub.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x3f800000, 0x7f800000, ", rdn"
  FLOAT3 s, fmsub.s, 0xffffffff80000000, 0, 0x0, 0x80000000, 0x0, ", rup"
  FLOAT3 s, fmsub.s, 0xffffffff7fc00000, 16, 0x7f7fffff, 0x7f7fffff, 0x7f800001, ", rmm"
  FLOAT3 s, fmsub.s, 0xffffffff80000001, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rne"
  FLOAT3 s, fmsub.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rtz"
  FLOAT3 s, fmsub.s, 0xffffffff7f7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rdn"
  FLOAT3 s, fmsub.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rup"
  FLOAT3 s, fmsub.s, 0xffffffff7f800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rmm"
  # fnmsub.s
  FLOAT3 s, fnmsub.s, 0xffffffff00000000, 0, 0x3f800000, 0x3f800000, 0x3f800000, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffffa8800000, 0, 0x3f800001, 0x3f800001, 0x3f800002, ", rtz"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800003, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rtz"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rdn"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800003, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rup"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800003, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rmm"
  FLOAT3 s, fnmsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rtz"
  FLOAT3 s, fnmsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rdn"
  FLOAT3 s, fnmsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rup"
  FLOAT3 s, fnmsub.s, 0xffffffff3f7fffff, 0, 0x3f800000, 0x33800000, 0x3f800000, ", rmm"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rtz"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800000, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rdn"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rup"
  FLOAT3 s, fnmsub.s, 0xffffffff3f800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rmm"
  FLOAT3 s, fnmsub.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x0, 0x7fc00000, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffffff800000, 0, 0x7f800000, 0x3f800000, 0xff800000, ", rtz"
  FLOAT3 s, fnmsub.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x3f800000, 0x7f800000, ", rdn"
  FLOAT3 s, fnmsub.s, 0xffffffff00000000, 0, 0x0, 0x80000000, 0x0, ", rup"
  FLOAT3 s, fnmsub.s, 0xffffffff7fc00000, 16, 0x7f7fffff, 0x7f7fffff, 0x7f800001, ", rmm"
  FLOAT3 s, fnmsub.s, 0xffffffff00000001, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffffff800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rne"
  FLOAT3 s, fnmsub.s, 0xffffffffff7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rtz"
  FLOAT3 s, fnmsub.s, 0xffffffffff800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rdn"
  FLOAT3 s, fnmsub.s, 0xffffffffff7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rup"
  FLOAT3 s, fnmsub.s, 0xffffffffff800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rmm"
  # fnmadd.s
  FLOAT3 s, fnmadd.s, 0xffffffffc0000000, 0, 0x3f800000, 0x3f800000, 0x3f800000, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffffc0000002, 1, 0x3f800001, 0x3f800001, 0x3f800002, ", rtz"
  FLOAT3 s, fnmadd.s, 0xffffffff3f800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffff3f800001, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rtz"
  FLOAT3 s, fnmadd.s, 0xffffffff3f800001, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rdn"
  FLOAT3 s, fnmadd.s, 0xffffffff3f800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rup"
  FLOAT3 s, fnmadd.s, 0xffffffff3f800002, 1, 0x3f800001, 0xbf800001, 0x33800000, ", rmm"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800000, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800000, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rtz"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800001, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rdn"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800000, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rup"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800001, 1, 0x3f800000, 0x33800000, 0x3f800000, ", rmm"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800002, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rtz"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800002, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rdn"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800001, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rup"
  FLOAT3 s, fnmadd.s, 0xffffffffbf800002, 1, 0x3f800000, 0x33800000, 0x3f800001, ", rmm"
  FLOAT3 s, fnmadd.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x0, 0x7fc00000, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffff7fc00000, 16, 0x7f800000, 0x3f800000, 0xff800000, ", rtz"
  FLOAT3 s, fnmadd.s, 0xffffffffff800000, 0, 0x7f800000, 0x3f800000, 0x7f800000, ", rdn"
  FLOAT3 s, fnmadd.s, 0xffffffff00000000, 0, 0x0, 0x80000000, 0x0, ", rup"
  FLOAT3 s, fnmadd.s, 0xffffffff7fc00000, 16, 0x7f7fffff, 0x7f7fffff, 0x7f800001, ", rmm"
  FLOAT3 s, fnmadd.s, 0xffffffff80000001, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffffff800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rne"
  FLOAT3 s, fnmadd.s, 0xffffffffff7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rtz"
  FLOAT3 s, fnmadd.s, 0xffffffffff800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rdn"
  FLOAT3 s, fnmadd.s, 0xffffffffff7fffff, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rup"
  FLOAT3 s, fnmadd.s, 0xffffffffff800000, 5, 0x7f7fffff, 0x3f800005, 0x3f800000, ", rmm"
  # fsgnj.s
  FLOAT2 s, fsgnj.s, 0xffffffffbf800000, 0, 0x3f800000, 0x80000000
  FLOAT2 s, fsgnj.s, 0xffffffff3f800000, 0, 0xbf800000, 0x0
  FLOAT2 s, fsgnj.s, 0xffffffffff800001, 0, 0x7f800001, 0xbf800000
  FLOAT2 s, fsgnj.s, 0xffffffff7fc00005, 0, 0xffc00005, 0x3f800000
  FLOAT2 s, fsgnj.s, 0xffffffff80000000, 0, 0x0, 0xff800001
  FLOAT2 s, fsgnj.s, 0xffffffffff800000, 0, 0x7f800000, 0xff800000
  # fsgnjn.s
  FLOAT2 s, fsgnjn.s, 0xffffffff3f800000, 0, 0x3f800000, 0x80000000
  FLOAT2 s, fsgnjn.s, 0xffffffffbf800000, 0, 0xbf800000, 0x0
  FLOAT2 s, fsgnjn.s, 0xffffffff7f800001, 0, 0x7f800001, 0xbf800000
  FLOAT2 s, fsgnjn.s, 0xffffffffffc00005, 0, 0xffc00005, 0x3f800000
  FLOAT2 s, fsgnjn.s, 0xffffffff00000000, 0, 0x0, 0xff800001
  FLOAT2 s, fsgnjn.s, 0xffffffff7f800000, 0, 0x7f800000, 0xff800000
  # fsgnjx.s
  FLOAT2 s, fsgnjx.s, 0xffffffffbf800000, 0, 0x3f800000, 0x80000000
  FLOAT2 s, fsgnjx.s, 0xffffffffbf800000, 0, 0xbf800000, 0x0
  FLOAT2 s, fsgnjx.s, 0xffffffffff800001, 0, 0x7f800001, 0xbf800000
  FLOAT2 s, fsgnjx.s, 0xffffffffffc00005, 0, 0xffc00005, 0x3f800000
  FLOAT2 s, fsgnjx.s, 0xffffffff80000000, 0, 0x0, 0xff800001
  FLOAT2 s, fsgnjx.s, 0xffffffffff800000, 0, 0x7f800000, 0xff800000
  # fmin.s
  FLOAT2 s, fmin.s, 0xffffffff80000000, 0, 0x0, 0x80000000
  FLOAT2 s, fmin.s, 0xffffffff80000000, 0, 0x80000000, 0x0
  FLOAT2 s, fmin.s, 0xffffffffbf800000, 0, 0x3f800000, 0xbf800000
  FLOAT2 s, fmin.s, 0xffffffff7f7fffff, 0, 0x7f800000, 0x7f7fffff
  FLOAT2 s, fmin.s, 0xffffffffff800000, 0, 0xff800000, 0x3f800000
  FLOAT2 s, fmin.s, 0xffffffff3f800000, 0, 0x7fc00000, 0x3f800000
  FLOAT2 s, fmin.s, 0xffffffff3f800000, 0, 0x3f800000, 0x7fc00000
  FLOAT2 s, fmin.s, 0xffffffff3f800000, 16, 0x7f800001, 0x3f800000
  FLOAT2 s, fmin.s, 0xffffffff3f800000, 16, 0x3f800000, 0x7f800001
  FLOAT2 s, fmin.s, 0xffffffff7fc00000, 16, 0x7fc00000, 0x7f800001
  FLOAT2 s, fmin.s, 0xffffffff7fc00000, 0, 0xffc00005, 0x7fc00000
  FLOAT2 s, fmin.s, 0xffffffff00000001, 0, 0x1, 0x800000
  FLOAT2 s, fmin.s, 0xffffffff3f800000, 0, 0x3f800000, 0x3f800000
  # fmax.s
  FLOAT2 s, fmax.s, 0xffffffff00000000, 0, 0x0, 0x80000000
  FLOAT2 s, fmax.s, 0xffffffff00000000, 0, 0x80000000, 0x0
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 0, 0x3f800000, 0xbf800000
  FLOAT2 s, fmax.s, 0xffffffff7f800000, 0, 0x7f800000, 0x7f7fffff
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 0, 0xff800000, 0x3f800000
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 0, 0x7fc00000, 0x3f800000
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 0, 0x3f800000, 0x7fc00000
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 16, 0x7f800001, 0x3f800000
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 16, 0x3f800000, 0x7f800001
  FLOAT2 s, fmax.s, 0xffffffff7fc00000, 16, 0x7fc00000, 0x7f800001
  FLOAT2 s, fmax.s, 0xffffffff7fc00000, 0, 0xffc00005, 0x7fc00000
  FLOAT2 s, fmax.s, 0xffffffff00800000, 0, 0x1, 0x800000
  FLOAT2 s, fmax.s, 0xffffffff3f800000, 0, 0x3f800000, 0x3f800000
  # feq.s
  COMPARE s, feq.s, 1, 0, 0x0, 0x80000000
  COMPARE s, feq.s, 1, 0, 0x80000000, 0x0
  COMPARE s, feq.s, 0, 0, 0x3f800000, 0xbf800000
  COMPARE s, feq.s, 0, 0, 0x7f800000, 0x7f7fffff
  COMPARE s, feq.s, 0, 0, 0xff800000, 0x3f800000
  COMPARE s, feq.s, 0, 0, 0x7fc00000, 0x3f800000
  COMPARE s, feq.s, 0, 0, 0x3f800000, 0x7fc00000
  COMPARE s, feq.s, 0, 16, 0x7f800001, 0x3f800000
  COMPARE s, feq.s, 0, 16, 0x3f800000, 0x7f800001
  COMPARE s, feq.s, 0, 16, 0x7fc00000, 0x7f800001
  COMPARE s, feq.s, 0, 0, 0xffc00005, 0x7fc00000
  COMPARE s, feq.s, 0, 0, 0x1, 0x800000
  COMPARE s, feq.s, 1, 0, 0x3f800000, 0x3f800000
  # flt.s
  COMPARE s, flt.s, 0, 0, 0x0, 0x80000000
  COMPARE s, flt.s, 0, 0, 0x80000000, 0x0
  COMPARE s, flt.s, 0, 0, 0x3f800000, 0xbf800000
  COMPARE s, flt.s, 0, 0, 0x7f800000, 0x7f7fffff
  COMPARE s, flt.s, 1, 0, 0xff800000, 0x3f800000
  COMPARE s, flt.s, 0, 16, 0x7fc00000, 0x3f800000
  COMPARE s, flt.s, 0, 16, 0x3f800000, 0x7fc00000
  COMPARE s, flt.s, 0, 16, 0x7f800001, 0x3f800000
  COMPARE s, flt.s, 0, 16, 0x3f800000, 0x7f800001
  COMPARE s, flt.s, 0, 16, 0x7fc00000, 0x7f800001
  COMPARE s, flt.s, 0, 16, 0xffc00005, 0x7fc00000
  COMPARE s, flt.s, 1, 0, 0x1, 0x800000
  COMPARE s, flt.s, 0, 0, 0x3f800000, 0x3f800000
  # fle.s
  COMPARE s, fle.s, 1, 0, 0x0, 0x80000000
  COMPARE s, fle.s, 1, 0, 0x80000000, 0x0
  COMPARE s, fle.s, 0, 0, 0x3f800000, 0xbf800000
  COMPARE s, fle.s, 0, 0, 0x7f800000, 0x7f7fffff
  COMPARE s, fle.s, 1, 0, 0xff800000, 0x3f800000
  COMPARE s, fle.s, 0, 16, 0x7fc00000, 0x3f800000
  COMPARE s, fle.s, 0, 16, 0x3f800000, 0x7fc00000
  COMPARE s, fle.s, 0, 16, 0x7f800001, 0x3f800000
  COMPARE s, fle.s, 0, 16, 0x3f800000, 0x7f800001
  COMPARE s, fle.s, 0, 16, 0x7fc00000, 0x7f800001
  COMPARE s, fle.s, 0, 16, 0xffc00005, 0x7fc00000
  COMPARE s, fle.s, 1, 0, 0x1, 0x800000
  COMPARE s, fle.s, 1, 0, 0x3f800000, 0x3f800000
  # fclass.s
  TO_INT s, fclass.s, 1, 0, 0xff800000
  TO_INT s, fclass.s, 2, 0, 0xbf800000
  TO_INT s, fclass.s, 4, 0, 0x80000001
  TO_INT s, fclass.s, 8, 0, 0x80000000
  TO_INT s, fclass.s, 16, 0, 0x0
  TO_INT s, fclass.s, 32, 0, 0x1
  TO_INT s, fclass.s, 64, 0, 0x3f800000
  TO_INT s, fclass.s, 128, 0, 0x7f800000
  TO_INT s, fclass.s, 256, 0, 0x7f800001
  TO_INT s, fclass.s, 512, 0, 0x7fc00000
  TO_INT s, fclass.s, 512, 0, 0xffc00000
  TO_INT s, fclass.s, 64, 0, 0x800000
  TO_INT s, fclass.s, 32, 0, 0x7fffff
  # fcvt.w.s and fcvt.s.w
  TO_INT s, fcvt.w.s, 0x0, 0, 0x0, ", rne"
  TO_INT s, fcvt.w.s, 0x0, 0, 0x80000000, ", rtz"
  TO_INT s, fcvt.w.s, 0x0, 1, 0x3f000000, ", rne"
  TO_INT s, fcvt.w.s, 0x0, 1, 0x3f000000, ", rtz"
  TO_INT s, fcvt.w.s, 0x0, 1, 0x3f000000, ", rdn"
  TO_INT s, fcvt.w.s, 0x1, 1, 0x3f000000, ", rup"
  TO_INT s, fcvt.w.s, 0x1, 1, 0x3f000000, ", rmm"
  TO_INT s, fcvt.w.s, 0x0, 1, 0xbf000000, ", rne"
  TO_INT s, fcvt.w.s, 0x0, 1, 0xbf000000, ", rtz"
  TO_INT s, fcvt.w.s, 0xffffffffffffffff, 1, 0xbf000000, ", rdn"
  TO_INT s, fcvt.w.s, 0x0, 1, 0xbf000000, ", rup"
  TO_INT s, fcvt.w.s, 0xffffffffffffffff, 1, 0xbf000000, ", rmm"
  TO_INT s, fcvt.w.s, 0xfffffffffffffffe, 1, 0xbfc00000, ", rne"
  TO_INT s, fcvt.w.s, 0xffffffffffffffff, 1, 0xbfc00000, ", rtz"
  TO_INT s, fcvt.w.s, 0xfffffffffffffffe, 1, 0xbfc00000, ", rdn"
  TO_INT s, fcvt.w.s, 0xffffffffffffffff, 1, 0xbfc00000, ", rup"
  TO_INT s, fcvt.w.s, 0xfffffffffffffffe, 1, 0xbfc00000, ", rmm"
  TO_INT s, fcvt.w.s, 0x2, 1, 0x3fc00000, ", rne"
  TO_INT s, fcvt.w.s, 0x1, 1, 0x3fc00000, ", rtz"
  TO_INT s, fcvt.w.s, 0x1, 1, 0x3fc00000, ", rdn"
  TO_INT s, fcvt.w.s, 0x2, 1, 0x3fc00000, ", rup"
  TO_INT s, fcvt.w.s, 0x2, 1, 0x3fc00000, ", rmm"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0x4f000000, ", rtz"
  TO_INT s, fcvt.w.s, 0xffffffff80000000, 0, 0xcf000000, ", rdn"
  TO_INT s, fcvt.w.s, 0x7fffff80, 0, 0x4effffff, ", rup"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0x7f800000, ", rmm"
  TO_INT s, fcvt.w.s, 0xffffffff80000000, 16, 0xff800000, ", rne"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0x7fc00000, ", rtz"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0xffc00000, ", rdn"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0x7f800001, ", rup"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0x7f7fffff, ", rmm"
  TO_INT s, fcvt.w.s, 0x7fffffff, 16, 0x4f800000, ", rne"
  FROM_INT fcvt.s.w, 0xffffffff00000000, 0, 0x0, ", rne"
  FROM_INT fcvt.s.w, 0xffffffff3f800000, 0, 0x1, ", rtz"
  FROM_INT fcvt.s.w, 0xffffffffbf800000, 0, 0xffffffffffffffff, ", rdn"
  FROM_INT fcvt.s.w, 0xffffffff00000000, 0, 0x8000000000000000, ", rup"
  FROM_INT fcvt.s.w, 0xffffffff4f000000, 1, 0x7fffffff, ", rmm"
  FROM_INT fcvt.s.w, 0xffffffffcf000000, 0, 0x80000000, ", rne"
  FROM_INT fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, ", rne"
  FROM_INT fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, ", rtz"
  FROM_INT fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, ", rdn"
  FROM_INT fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, ", rup"
  FROM_INT fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, ", rmm"
  FROM_INT fcvt.s.w, 0xffffffff3f800000, 0, 0x20000000000001, ", rne"
  FROM_INT fcvt.s.w, 0xffffffff3f800000, 0, 0x20000000000001, ", rtz"
  FROM_INT fcvt.s.w, 0xffffffff3f800000, 0, 0x20000000000001, ", rdn"
  FROM_INT fcvt.s.w, 0xffffffff3f800000, 0, 0x20000000000001, ", rup"
  FROM_INT fcvt.s.w, 0xffffffff3f800000, 0, 0x20000000000001, ", rmm"
  FROM_INT fcvt.s.w, 0xffffffff4b800000, 1, 0x1000001, ", rne"
  FROM_INT fcvt.s.w, 0xffffffff4b800000, 1, 0x1000001, ", rtz"
  FROM_INT fcvt.s.w, 0xffffffff4b800000, 1, 0x1000001, ", rdn"
  FROM_INT fcvt.s.w, 0xffffffff4b800001, 1, 0x1000001, ", rup"
  FROM_INT fcvt.s.w, 0xffffffff4b800001, 1, 0x1000001, ", rmm"
  FROM_INT fcvt.s.w, 0xffffffff4b800002, 1, 0x1000003, ", rne"
  FROM_INT fcvt.s.w, 0xffffffff4b800001, 1, 0x1000003, ", rtz"
  FROM_INT fcvt.s.w, 0xffffffff4b800001, 1, 0x1000003, ", rdn"
  FROM_INT fcvt.s.w, 0xffffffff4b800002, 1, 0x1000003, ", rup"
  FROM_INT fcvt.s.w, 0xffffffff4b800002, 1, 0x1000003, ", rmm"
  FROM_INT fcvt.s.w, 0xffffffffcb800000, 1, 0xfffffffffeffffff, ", rne"
  FROM_INT fcvt.s.w, 0xffffffffc4802000, 0, 0xfffffffffffffbff, ", rtz"
  # fcvt.wu.s and fcvt.s.wu
  TO_INT s, fcvt.wu.s, 0x0, 0, 0x0, ", rne"
  TO_INT s, fcvt.wu.s, 0x0, 0, 0x80000000, ", rtz"
  TO_INT s, fcvt.wu.s, 0x0, 1, 0x3f000000, ", rne"
  TO_INT s, fcvt.wu.s, 0x0, 1, 0x3f000000, ", rtz"
  TO_INT s, fcvt.wu.s, 0x0, 1, 0x3f000000, ", rdn"
  TO_INT s, fcvt.wu.s, 0x1, 1, 0x3f000000, ", rup"
  TO_INT s, fcvt.wu.s, 0x1, 1, 0x3f000000, ", rmm"
  TO_INT s, fcvt.wu.s, 0x0, 1, 0xbf000000, ", rne"
  TO_INT s, fcvt.wu.s, 0x0, 1, 0xbf000000, ", rtz"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbf000000, ", rdn"
  TO_INT s, fcvt.wu.s, 0x0, 1, 0xbf000000, ", rup"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbf000000, ", rmm"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbfc00000, ", rne"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbfc00000, ", rtz"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbfc00000, ", rdn"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbfc00000, ", rup"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xbfc00000, ", rmm"
  TO_INT s, fcvt.wu.s, 0x2, 1, 0x3fc00000, ", rne"
  TO_INT s, fcvt.wu.s, 0x1, 1, 0x3fc00000, ", rtz"
  TO_INT s, fcvt.wu.s, 0x1, 1, 0x3fc00000, ", rdn"
  TO_INT s, fcvt.wu.s, 0x2, 1, 0x3fc00000, ", rup"
  TO_INT s, fcvt.wu.s, 0x2, 1, 0x3fc00000, ", rmm"
  TO_INT s, fcvt.wu.s, 0xffffffff80000000, 0, 0x4f000000, ", rtz"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xcf000000, ", rdn"
  TO_INT s, fcvt.wu.s, 0x7fffff80, 0, 0x4effffff, ", rup"
  TO_INT s, fcvt.wu.s, 0xffffffffffffffff, 16, 0x7f800000, ", rmm"
  TO_INT s, fcvt.wu.s, 0x0, 16, 0xff800000, ", rne"
  TO_INT s, fcvt.wu.s, 0xffffffffffffffff, 16, 0x7fc00000, ", rtz"
  TO_INT s, fcvt.wu.s, 0xffffffffffffffff, 16, 0xffc00000, ", rdn"
  TO_INT s, fcvt.wu.s, 0xffffffffffffffff, 16, 0x7f800001, ", rup"
  TO_INT s, fcvt.wu.s, 0xffffffffffffffff, 16, 0x7f7fffff, ", rmm"
  TO_INT s, fcvt.wu.s, 0xffffffffffffffff, 16, 0x4f800000, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff00000000, 0, 0x0, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff3f800000, 0, 0x1, ", rtz"
  FROM_INT fcvt.s.wu, 0xffffffff4f7fffff, 1, 0xffffffffffffffff, ", rdn"
  FROM_INT fcvt.s.wu, 0xffffffff00000000, 0, 0x8000000000000000, ", rup"
  FROM_INT fcvt.s.wu, 0xffffffff4f000000, 1, 0x7fffffff, ", rmm"
  FROM_INT fcvt.s.wu, 0xffffffff4f000000, 0, 0x80000000, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff4f7fffff, 1, 0x7fffffffffffffff, ", rtz"
  FROM_INT fcvt.s.wu, 0xffffffff4f7fffff, 1, 0x7fffffffffffffff, ", rdn"
  FROM_INT fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff, ", rup"
  FROM_INT fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff, ", rmm"
  FROM_INT fcvt.s.wu, 0xffffffff3f800000, 0, 0x20000000000001, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff3f800000, 0, 0x20000000000001, ", rtz"
  FROM_INT fcvt.s.wu, 0xffffffff3f800000, 0, 0x20000000000001, ", rdn"
  FROM_INT fcvt.s.wu, 0xffffffff3f800000, 0, 0x20000000000001, ", rup"
  FROM_INT fcvt.s.wu, 0xffffffff3f800000, 0, 0x20000000000001, ", rmm"
  FROM_INT fcvt.s.wu, 0xffffffff4b800000, 1, 0x1000001, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff4b800000, 1, 0x1000001, ", rtz"
  FROM_INT fcvt.s.wu, 0xffffffff4b800000, 1, 0x1000001, ", rdn"
  FROM_INT fcvt.s.wu, 0xffffffff4b800001, 1, 0x1000001, ", rup"
  FROM_INT fcvt.s.wu, 0xffffffff4b800001, 1, 0x1000001, ", rmm"
  FROM_INT fcvt.s.wu, 0xffffffff4b800002, 1, 0x1000003, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff4b800001, 1, 0x1000003, ", rtz"
  FROM_INT fcvt.s.wu, 0xffffffff4b800001, 1, 0x1000003, ", rdn"
  FROM_INT fcvt.s.wu, 0xffffffff4b800002, 1, 0x1000003, ", rup"
  FROM_INT fcvt.s.wu, 0xffffffff4b800002, 1, 0x1000003, ", rmm"
  FROM_INT fcvt.s.wu, 0xffffffff4f7f0000, 1, 0xfffffffffeffffff, ", rne"
  FROM_INT fcvt.s.wu, 0xffffffff4f7ffffb, 1, 0xfffffffffffffbff, ", rtz"
  # fcvt.l.s and fcvt.s.l
  TO_INT s, fcvt.l.s, 0x0, 0, 0x0, ", rne"
  TO_INT s, fcvt.l.s, 0x0, 0, 0x80000000, ", rtz"
  TO_INT s, fcvt.l.s, 0x0, 1, 0x3f000000, ", rne"
  TO_INT s, fcvt.l.s, 0x0, 1, 0x3f000000, ", rtz"
  TO_INT s, fcvt.l.s, 0x0, 1, 0x3f000000, ", rdn"
  TO_INT s, fcvt.l.s, 0x1, 1, 0x3f000000, ", rup"
  TO_INT s, fcvt.l.s, 0x1, 1, 0x3f000000, ", rmm"
  TO_INT s, fcvt.l.s, 0x0, 1, 0xbf000000, ", rne"
  TO_INT s, fcvt.l.s, 0x0, 1, 0xbf000000, ", rtz"
  TO_INT s, fcvt.l.s, 0xffffffffffffffff, 1, 0xbf000000, ", rdn"
  TO_INT s, fcvt.l.s, 0x0, 1, 0xbf000000, ", rup"
  TO_INT s, fcvt.l.s, 0xffffffffffffffff, 1, 0xbf000000, ", rmm"
  TO_INT s, fcvt.l.s, 0xfffffffffffffffe, 1, 0xbfc00000, ", rne"
  TO_INT s, fcvt.l.s, 0xffffffffffffffff, 1, 0xbfc00000, ", rtz"
  TO_INT s, fcvt.l.s, 0xfffffffffffffffe, 1, 0xbfc00000, ", rdn"
  TO_INT s, fcvt.l.s, 0xffffffffffffffff, 1, 0xbfc00000, ", rup"
  TO_INT s, fcvt.l.s, 0xfffffffffffffffe, 1, 0xbfc00000, ", rmm"
  TO_INT s, fcvt.l.s, 0x2, 1, 0x3fc00000, ", rne"
  TO_INT s, fcvt.l.s, 0x1, 1, 0x3fc00000, ", rtz"
  TO_INT s, fcvt.l.s, 0x1, 1, 0x3fc00000, ", rdn"
  TO_INT s, fcvt.l.s, 0x2, 1, 0x3fc00000, ", rup"
  TO_INT s, fcvt.l.s, 0x2, 1, 0x3fc00000, ", rmm"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0x5f000000, ", rtz"
  TO_INT s, fcvt.l.s, 0x8000000000000000, 0, 0xdf000000, ", rdn"
  TO_INT s, fcvt.l.s, 0x7fffff8000000000, 0, 0x5effffff, ", rup"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0x7f800000, ", rmm"
  TO_INT s, fcvt.l.s, 0x8000000000000000, 16, 0xff800000, ", rne"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0x7fc00000, ", rtz"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0xffc00000, ", rdn"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0x7f800001, ", rup"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0x7f7fffff, ", rmm"
  TO_INT s, fcvt.l.s, 0x7fffffffffffffff, 16, 0x5f800000, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff00000000, 0, 0x0, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff3f800000, 0, 0x1, ", rtz"
  FROM_INT fcvt.s.l, 0xffffffffbf800000, 0, 0xffffffffffffffff, ", rdn"
  FROM_INT fcvt.s.l, 0xffffffffdf000000, 0, 0x8000000000000000, ", rup"
  FROM_INT fcvt.s.l, 0xffffffff4f000000, 1, 0x7fffffff, ", rmm"
  FROM_INT fcvt.s.l, 0xffffffff4f000000, 0, 0x80000000, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff5effffff, 1, 0x7fffffffffffffff, ", rtz"
  FROM_INT fcvt.s.l, 0xffffffff5effffff, 1, 0x7fffffffffffffff, ", rdn"
  FROM_INT fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff, ", rup"
  FROM_INT fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff, ", rmm"
  FROM_INT fcvt.s.l, 0xffffffff5a000000, 1, 0x20000000000001, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff5a000000, 1, 0x20000000000001, ", rtz"
  FROM_INT fcvt.s.l, 0xffffffff5a000000, 1, 0x20000000000001, ", rdn"
  FROM_INT fcvt.s.l, 0xffffffff5a000001, 1, 0x20000000000001, ", rup"
  FROM_INT fcvt.s.l, 0xffffffff5a000000, 1, 0x20000000000001, ", rmm"
  FROM_INT fcvt.s.l, 0xffffffff4b800000, 1, 0x1000001, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff4b800000, 1, 0x1000001, ", rtz"
  FROM_INT fcvt.s.l, 0xffffffff4b800000, 1, 0x1000001, ", rdn"
  FROM_INT fcvt.s.l, 0xffffffff4b800001, 1, 0x1000001, ", rup"
  FROM_INT fcvt.s.l, 0xffffffff4b800001, 1, 0x1000001, ", rmm"
  FROM_INT fcvt.s.l, 0xffffffff4b800002, 1, 0x1000003, ", rne"
  FROM_INT fcvt.s.l, 0xffffffff4b800001, 1, 0x1000003, ", rtz"
  FROM_INT fcvt.s.l, 0xffffffff4b800001, 1, 0x1000003, ", rdn"
  FROM_INT fcvt.s.l, 0xffffffff4b800002, 1, 0x1000003, ", rup"
  FROM_INT fcvt.s.l, 0xffffffff4b800002, 1, 0x1000003, ", rmm"
  FROM_INT fcvt.s.l, 0xffffffffcb800000, 1, 0xfffffffffeffffff, ", rne"
  FROM_INT fcvt.s.l, 0xffffffffc4802000, 0, 0xfffffffffffffbff, ", rtz"
  # fcvt.lu.s and fcvt.s.lu
  TO_INT s, fcvt.lu.s, 0x0, 0, 0x0, ", rne"
  TO_INT s, fcvt.lu.s, 0x0, 0, 0x80000000, ", rtz"
  TO_INT s, fcvt.lu.s, 0x0, 1, 0x3f000000, ", rne"
  TO_INT s, fcvt.lu.s, 0x0, 1, 0x3f000000, ", rtz"
  TO_INT s, fcvt.lu.s, 0x0, 1, 0x3f000000, ", rdn"
  TO_INT s, fcvt.lu.s, 0x1, 1, 0x3f000000, ", rup"
  TO_INT s, fcvt.lu.s, 0x1, 1, 0x3f000000, ", rmm"
  TO_INT s, fcvt.lu.s, 0x0, 1, 0xbf000000, ", rne"
  TO_INT s, fcvt.lu.s, 0x0, 1, 0xbf000000, ", rtz"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbf000000, ", rdn"
  TO_INT s, fcvt.lu.s, 0x0, 1, 0xbf000000, ", rup"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbf000000, ", rmm"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbfc00000, ", rne"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbfc00000, ", rtz"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbfc00000, ", rdn"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbfc00000, ", rup"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xbfc00000, ", rmm"
  TO_INT s, fcvt.lu.s, 0x2, 1, 0x3fc00000, ", rne"
  TO_INT s, fcvt.lu.s, 0x1, 1, 0x3fc00000, ", rtz"
  TO_INT s, fcvt.lu.s, 0x1, 1, 0x3fc00000, ", rdn"
  TO_INT s, fcvt.lu.s, 0x2, 1, 0x3fc00000, ", rup"
  TO_INT s, fcvt.lu.s, 0x2, 1, 0x3fc00000, ", rmm"
  TO_INT s, fcvt.lu.s, 0x8000000000000000, 0, 0x5f000000, ", rtz"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xdf000000, ", rdn"
  TO_INT s, fcvt.lu.s, 0x7fffff8000000000, 0, 0x5effffff, ", rup"
  TO_INT s, fcvt.lu.s, 0xffffffffffffffff, 16, 0x7f800000, ", rmm"
  TO_INT s, fcvt.lu.s, 0x0, 16, 0xff800000, ", rne"
  TO_INT s, fcvt.lu.s, 0xffffffffffffffff, 16, 0x7fc00000, ", rtz"
  TO_INT s, fcvt.lu.s, 0xffffffffffffffff, 16, 0xffc00000, ", rdn"
  TO_INT s, fcvt.lu.s, 0xffffffffffffffff, 16, 0x7f800001, ", rup"
  TO_INT s, fcvt.lu.s, 0xffffffffffffffff, 16, 0x7f7fffff, ", rmm"
  TO_INT s, fcvt.lu.s, 0xffffffffffffffff, 16, 0x5f800000, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff00000000, 0, 0x0, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff3f800000, 0, 0x1, ", rtz"
  FROM_INT fcvt.s.lu, 0xffffffff5f7fffff, 1, 0xffffffffffffffff, ", rdn"
  FROM_INT fcvt.s.lu, 0xffffffff5f000000, 0, 0x8000000000000000, ", rup"
  FROM_INT fcvt.s.lu, 0xffffffff4f000000, 1, 0x7fffffff, ", rmm"
  FROM_INT fcvt.s.lu, 0xffffffff4f000000, 0, 0x80000000, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff5effffff, 1, 0x7fffffffffffffff, ", rtz"
  FROM_INT fcvt.s.lu, 0xffffffff5effffff, 1, 0x7fffffffffffffff, ", rdn"
  FROM_INT fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff, ", rup"
  FROM_INT fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff, ", rmm"
  FROM_INT fcvt.s.lu, 0xffffffff5a000000, 1, 0x20000000000001, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff5a000000, 1, 0x20000000000001, ", rtz"
  FROM_INT fcvt.s.lu, 0xffffffff5a000000, 1, 0x20000000000001, ", rdn"
  FROM_INT fcvt.s.lu, 0xffffffff5a000001, 1, 0x20000000000001, ", rup"
  FROM_INT fcvt.s.lu, 0xffffffff5a000000, 1, 0x20000000000001, ", rmm"
  FROM_INT fcvt.s.lu, 0xffffffff4b800000, 1, 0x1000001, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff4b800000, 1, 0x1000001, ", rtz"
  FROM_INT fcvt.s.lu, 0xffffffff4b800000, 1, 0x1000001, ", rdn"
  FROM_INT fcvt.s.lu, 0xffffffff4b800001, 1, 0x1000001, ", rup"
  FROM_INT fcvt.s.lu, 0xffffffff4b800001, 1, 0x1000001, ", rmm"
  FROM_INT fcvt.s.lu, 0xffffffff4b800002, 1, 0x1000003, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff4b800001, 1, 0x1000003, ", rtz"
  FROM_INT fcvt.s.lu, 0xffffffff4b800001, 1, 0x1000003, ", rdn"
  FROM_INT fcvt.s.lu, 0xffffffff4b800002, 1, 0x1000003, ", rup"
  FROM_INT fcvt.s.lu, 0xffffffff4b800002, 1, 0x1000003, ", rmm"
  FROM_INT fcvt.s.lu, 0xffffffff5f800000, 1, 0xfffffffffeffffff, ", rne"
  FROM_INT fcvt.s.lu, 0xffffffff5f7fffff, 1, 0xfffffffffffffbff, ", rtz"
  # Moves and memory: raw bits, whatever they mean.
  TO_INT s, fmv.x.w, 0xffffffff80000000, 0, 0x80000000
  TO_INT s, fmv.x.w, 0x7f800001, 0, 0x7f800001
  FROM_INT fmv.w.x, 0xffffffff7f800001, 0, 0x123456787f800001
  # A register that holds no boxed single counts as the canonical NaN; moves, stores see its bits.
  FLOAT2 d, fadd.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
  FLOAT2 d, fsgnj.s, 0xffffffffffc00000, 0, 0xfffffffe3f800000, 0xffffffffbf800000
  FLOAT2 d, fmin.s, 0xffffffff3f800000, 0, 0x3f800000, 0xffffffff3f800000
  COMPARE d, feq.s, 0, 0, 0x3f800000, 0xffffffff3f800000
  COMPARE d, flt.s, 0, 16, 0x3f800000, 0xffffffff3f800000
  TO_INT d, fclass.s, 0x200, 0, 0x3f800000
  TO_INT d, fmv.x.w, 0x3f800000, 0, 0x3f800000
  TO_INT d, fcvt.w.s, 0x7fffffff, 16, 0x3f800000
.macro STORE_SINGLE value
  NAME \@, fsw and flw \value
  la t4, .Lname\@
  la a0, scratch
  sd zero, 0(a0)
  li a1, \value
  fmv.d.x fa0, a1
  fsw fa0, 4(a0)
  ld a2, 0(a0)
  li a7, (\value) << 32
  EXPECT a2
  flw fa1, 4(a0)
  fmv.x.d a2, fa1
  li a7, 0xffffffff00000000 | (\value & 0xffffffff)
  EXPECT a2
.endm
  STORE_SINGLE 0x7f800001
  STORE_SINGLE 0x123456783f800000
  # Rounding modes 5 and 6 are reserved.
  TRAPS 2, 0x00005053, .word 0x00005053
  TRAPS 2, 0x00006053, .word 0x00006053
.macro RESERVED_FRM mode
  csrwi frm, \mode
  TRAPS 2, 0x00007053, .word 0x00007053
  csrwi frm, 0
.endm
  RESERVED_FRM 5
  RESERVED_FRM 6
  RESERVED_FRM 7
END
