# D: double precision.

  .include "test.inc"

BEGIN
  # fadd.d
  FLOAT2 d, fadd.d, 0x4000000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT2 d, fadd.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fadd.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fadd.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fadd.d, 0xbff0000000000000, 1, 0xbff0000000000000, 0xbca0000000000000, ", rne"
  FLOAT2 d, fadd.d, 0xbff0000000000000, 1, 0xbff0000000000000, 0xbca0000000000000, ", rtz"
  FLOAT2 d, fadd.d, 0xbff0000000000001, 1, 0xbff0000000000000, 0xbca0000000000000, ", rdn"
  FLOAT2 d, fadd.d, 0xbff0000000000000, 1, 0xbff0000000000000, 0xbca0000000000000, ", rup"
  FLOAT2 d, fadd.d, 0xbff0000000000001, 1, 0xbff0000000000000, 0xbca0000000000000, ", rmm"
  FLOAT2 d, fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rne"
  FLOAT2 d, fadd.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rtz"
  FLOAT2 d, fadd.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rdn"
  FLOAT2 d, fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rup"
  FLOAT2 d, fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rmm"
  FLOAT2 d, fadd.d, 0x0, 0, 0x10000000000000, 0x8010000000000000, ", rne"
  FLOAT2 d, fadd.d, 0x0, 0, 0x0, 0x8000000000000000, ", rtz"
  FLOAT2 d, fadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0xfff0000000000000, ", rdn"
  FLOAT2 d, fadd.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000, ", rup"
  FLOAT2 d, fadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000, ", rmm"
  FLOAT2 d, fadd.d, 0x3fefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rne"
  FLOAT2 d, fadd.d, 0x3fefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rtz"
  FLOAT2 d, fadd.d, 0x3fefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rdn"
  FLOAT2 d, fadd.d, 0x3ff0000000000000, 1, 0x1, 0x3fefffffffffffff, ", rup"
  FLOAT2 d, fadd.d, 0x3fefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rmm"
  FLOAT2 d, fadd.d, 0x4000000000000004, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rne"
  FLOAT2 d, fadd.d, 0x4000000000000004, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rtz"
  FLOAT2 d, fadd.d, 0x4000000000000004, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rdn"
  FLOAT2 d, fadd.d, 0x4000000000000005, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rup"
  FLOAT2 d, fadd.d, 0x4000000000000005, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rmm"
  FLOAT2 d, fadd.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x0, ", rdn"
  # fsub.d
  FLOAT2 d, fsub.d, 0x0, 0, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT2 d, fsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fsub.d, 0x3ff0000000000000, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fsub.d, 0x3ff0000000000000, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fsub.d, 0x3ff0000000000000, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fsub.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fsub.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 0, 0xbff0000000000000, 0xbca0000000000000, ", rne"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 0, 0xbff0000000000000, 0xbca0000000000000, ", rtz"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 0, 0xbff0000000000000, 0xbca0000000000000, ", rdn"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 0, 0xbff0000000000000, 0xbca0000000000000, ", rup"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 0, 0xbff0000000000000, 0xbca0000000000000, ", rmm"
  FLOAT2 d, fsub.d, 0x0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rne"
  FLOAT2 d, fsub.d, 0x0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rtz"
  FLOAT2 d, fsub.d, 0x8000000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rdn"
  FLOAT2 d, fsub.d, 0x0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rup"
  FLOAT2 d, fsub.d, 0x0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rmm"
  FLOAT2 d, fsub.d, 0x20000000000000, 0, 0x10000000000000, 0x8010000000000000, ", rne"
  FLOAT2 d, fsub.d, 0x0, 0, 0x0, 0x8000000000000000, ", rtz"
  FLOAT2 d, fsub.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000, ", rdn"
  FLOAT2 d, fsub.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000, ", rup"
  FLOAT2 d, fsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000, ", rmm"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rne"
  FLOAT2 d, fsub.d, 0xbfeffffffffffffe, 1, 0x1, 0x3fefffffffffffff, ", rtz"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rdn"
  FLOAT2 d, fsub.d, 0xbfeffffffffffffe, 1, 0x1, 0x3fefffffffffffff, ", rup"
  FLOAT2 d, fsub.d, 0xbfefffffffffffff, 1, 0x1, 0x3fefffffffffffff, ", rmm"
  FLOAT2 d, fsub.d, 0xbcc8000000000000, 0, 0x3ff0000000000003, 0x3ff0000000000006, ", rne"
  FLOAT2 d, fsub.d, 0xbcc8000000000000, 0, 0x3ff0000000000003, 0x3ff0000000000006, ", rtz"
  FLOAT2 d, fsub.d, 0xbcc8000000000000, 0, 0x3ff0000000000003, 0x3ff0000000000006, ", rdn"
  FLOAT2 d, fsub.d, 0xbcc8000000000000, 0, 0x3ff0000000000003, 0x3ff0000000000006, ", rup"
  FLOAT2 d, fsub.d, 0xbcc8000000000000, 0, 0x3ff0000000000003, 0x3ff0000000000006, ", rmm"
  FLOAT2 d, fsub.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x0, ", rdn"
  # fmul.d
  FLOAT2 d, fmul.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fmul.d, 0x3ca0000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fmul.d, 0x3ca0000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fmul.d, 0x3ca0000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fmul.d, 0x3ca0000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fmul.d, 0x3ca0000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rne"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rtz"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rdn"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rup"
  FLOAT2 d, fmul.d, 0x3ca0000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rmm"
  FLOAT2 d, fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rne"
  FLOAT2 d, fmul.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rtz"
  FLOAT2 d, fmul.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rdn"
  FLOAT2 d, fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rup"
  FLOAT2 d, fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rmm"
  FLOAT2 d, fmul.d, 0x8000000000000000, 3, 0x10000000000000, 0x8010000000000000, ", rne"
  FLOAT2 d, fmul.d, 0x8000000000000000, 0, 0x0, 0x8000000000000000, ", rtz"
  FLOAT2 d, fmul.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000, ", rdn"
  FLOAT2 d, fmul.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000, ", rup"
  FLOAT2 d, fmul.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000, ", rmm"
  FLOAT2 d, fmul.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rne"
  FLOAT2 d, fmul.d, 0x0, 3, 0x1, 0x3fefffffffffffff, ", rtz"
  FLOAT2 d, fmul.d, 0x0, 3, 0x1, 0x3fefffffffffffff, ", rdn"
  FLOAT2 d, fmul.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rup"
  FLOAT2 d, fmul.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rmm"
  FLOAT2 d, fmul.d, 0x3ff0000000000009, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rne"
  FLOAT2 d, fmul.d, 0x3ff0000000000009, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rtz"
  FLOAT2 d, fmul.d, 0x3ff0000000000009, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rdn"
  FLOAT2 d, fmul.d, 0x3ff000000000000a, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rup"
  FLOAT2 d, fmul.d, 0x3ff0000000000009, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rmm"
  FLOAT2 d, fmul.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x0, ", rdn"
  # fdiv.d
  FLOAT2 d, fdiv.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0x3ff0000000000000, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fdiv.d, 0x4340000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT2 d, fdiv.d, 0x4340000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT2 d, fdiv.d, 0x4340000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT2 d, fdiv.d, 0x4340000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT2 d, fdiv.d, 0x4340000000000001, 0, 0x3ff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rne"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rtz"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rdn"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rup"
  FLOAT2 d, fdiv.d, 0x4340000000000000, 0, 0xbff0000000000000, 0xbca0000000000000, ", rmm"
  FLOAT2 d, fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rne"
  FLOAT2 d, fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rtz"
  FLOAT2 d, fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rdn"
  FLOAT2 d, fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rup"
  FLOAT2 d, fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, ", rmm"
  FLOAT2 d, fdiv.d, 0xbff0000000000000, 0, 0x10000000000000, 0x8010000000000000, ", rne"
  FLOAT2 d, fdiv.d, 0x7ff8000000000000, 16, 0x0, 0x8000000000000000, ", rtz"
  FLOAT2 d, fdiv.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0xfff0000000000000, ", rdn"
  FLOAT2 d, fdiv.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000, ", rup"
  FLOAT2 d, fdiv.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000, ", rmm"
  FLOAT2 d, fdiv.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rne"
  FLOAT2 d, fdiv.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rtz"
  FLOAT2 d, fdiv.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rdn"
  FLOAT2 d, fdiv.d, 0x2, 3, 0x1, 0x3fefffffffffffff, ", rup"
  FLOAT2 d, fdiv.d, 0x1, 3, 0x1, 0x3fefffffffffffff, ", rmm"
  FLOAT2 d, fdiv.d, 0x3feffffffffffffa, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rne"
  FLOAT2 d, fdiv.d, 0x3feffffffffffffa, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rtz"
  FLOAT2 d, fdiv.d, 0x3feffffffffffffa, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rdn"
  FLOAT2 d, fdiv.d, 0x3feffffffffffffb, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rup"
  FLOAT2 d, fdiv.d, 0x3feffffffffffffa, 1, 0x3ff0000000000003, 0x3ff0000000000006, ", rmm"
  FLOAT2 d, fdiv.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x0, ", rdn"
  # fsqrt.d
  FLOAT1 d, fsqrt.d, 0x0, 0, 0x0, ", rne"
  FLOAT1 d, fsqrt.d, 0x8000000000000000, 0, 0x8000000000000000, ", rne"
  FLOAT1 d, fsqrt.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, ", rne"
  FLOAT1 d, fsqrt.d, 0x7ff8000000000000, 16, 0xbff0000000000000, ", rne"
  FLOAT1 d, fsqrt.d, 0x3ff0000000000000, 1, 0x3ff0000000000001, ", rne"
  FLOAT1 d, fsqrt.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, ", rup"
  FLOAT1 d, fsqrt.d, 0x3ff6a09e667f3bcd, 1, 0x4000000000000000, ", rne"
  FLOAT1 d, fsqrt.d, 0x3ff6a09e667f3bcd, 1, 0x4000000000000000, ", rup"
  FLOAT1 d, fsqrt.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, ", rne"
  FLOAT1 d, fsqrt.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, ", rne"
  FLOAT1 d, fsqrt.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, ", rne"
  FLOAT1 d, fsqrt.d, 0x1e60000000000000, 0, 0x1, ", rne"
  FLOAT1 d, fsqrt.d, 0x5fefffffffffffff, 1, 0x7fefffffffffffff, ", rne"
  # fmadd.d
  FLOAT3 d, fmadd.d, 0x4000000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fmadd.d, 0x4000000000000002, 1, 0x3ff0000000000001, 0x3ff0000000000001, 0x3ff0000000000002, ", rtz"
  FLOAT3 d, fmadd.d, 0xbff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT3 d, fmadd.d, 0xbff0000000000001, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT3 d, fmadd.d, 0xbff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT3 d, fmadd.d, 0xbff0000000000001, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT3 d, fmadd.d, 0xbff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT3 d, fmadd.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fmadd.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fmadd.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fmadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fmadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rmm"
  FLOAT3 d, fmadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rne"
  FLOAT3 d, fmadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rtz"
  FLOAT3 d, fmadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rdn"
  FLOAT3 d, fmadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rup"
  FLOAT3 d, fmadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rmm"
  FLOAT3 d, fmadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x0, 0x7ff8000000000000, ", rne"
  FLOAT3 d, fmadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x3ff0000000000000, 0xfff0000000000000, ", rtz"
  FLOAT3 d, fmadd.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000, 0x7ff0000000000000, ", rdn"
  FLOAT3 d, fmadd.d, 0x0, 0, 0x0, 0x8000000000000000, 0x0, ", rup"
  FLOAT3 d, fmadd.d, 0x7ff8000000000000, 16, 0x7fefffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000001, ", rmm"
  FLOAT3 d, fmadd.d, 0x1, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 d, fmadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fmadd.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fmadd.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fmadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fmadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rmm"
  # fmsub.d
  FLOAT3 d, fmsub.d, 0x0, 0, 0x3ff0000000000000, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fmsub.d, 0x3970000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001, 0x3ff0000000000002, ", rtz"
  FLOAT3 d, fmsub.d, 0xbff0000000000003, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT3 d, fmsub.d, 0xbff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT3 d, fmsub.d, 0xbff0000000000003, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT3 d, fmsub.d, 0xbff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT3 d, fmsub.d, 0xbff0000000000003, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT3 d, fmsub.d, 0xbfefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fmsub.d, 0xbfefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fmsub.d, 0xbfefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fmsub.d, 0xbfefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fmsub.d, 0xbfefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rmm"
  FLOAT3 d, fmsub.d, 0xbff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rne"
  FLOAT3 d, fmsub.d, 0xbff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rtz"
  FLOAT3 d, fmsub.d, 0xbff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rdn"
  FLOAT3 d, fmsub.d, 0xbff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rup"
  FLOAT3 d, fmsub.d, 0xbff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rmm"
  FLOAT3 d, fmsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x0, 0x7ff8000000000000, ", rne"
  FLOAT3 d, fmsub.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000, 0xfff0000000000000, ", rtz"
  FLOAT3 d, fmsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x3ff0000000000000, 0x7ff0000000000000, ", rdn"
  FLOAT3 d, fmsub.d, 0x8000000000000000, 0, 0x0, 0x8000000000000000, 0x0, ", rup"
  FLOAT3 d, fmsub.d, 0x7ff8000000000000, 16, 0x7fefffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000001, ", rmm"
  FLOAT3 d, fmsub.d, 0x8000000000000001, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 d, fmsub.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fmsub.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fmsub.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fmsub.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fmsub.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rmm"
  # fnmsub.d
  FLOAT3 d, fnmsub.d, 0x0, 0, 0x3ff0000000000000, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fnmsub.d, 0xb970000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001, 0x3ff0000000000002, ", rtz"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000003, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000003, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000003, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT3 d, fnmsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fnmsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fnmsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fnmsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fnmsub.d, 0x3fefffffffffffff, 0, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rmm"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rne"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rtz"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rdn"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rup"
  FLOAT3 d, fnmsub.d, 0x3ff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rmm"
  FLOAT3 d, fnmsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x0, 0x7ff8000000000000, ", rne"
  FLOAT3 d, fnmsub.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000, 0xfff0000000000000, ", rtz"
  FLOAT3 d, fnmsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x3ff0000000000000, 0x7ff0000000000000, ", rdn"
  FLOAT3 d, fnmsub.d, 0x0, 0, 0x0, 0x8000000000000000, 0x0, ", rup"
  FLOAT3 d, fnmsub.d, 0x7ff8000000000000, 16, 0x7fefffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000001, ", rmm"
  FLOAT3 d, fnmsub.d, 0x1, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 d, fnmsub.d, 0xfff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fnmsub.d, 0xffefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fnmsub.d, 0xfff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fnmsub.d, 0xffefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fnmsub.d, 0xfff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rmm"
  # fnmadd.d
  FLOAT3 d, fnmadd.d, 0xc000000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fnmadd.d, 0xc000000000000002, 1, 0x3ff0000000000001, 0x3ff0000000000001, 0x3ff0000000000002, ", rtz"
  FLOAT3 d, fnmadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rne"
  FLOAT3 d, fnmadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rtz"
  FLOAT3 d, fnmadd.d, 0x3ff0000000000001, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rdn"
  FLOAT3 d, fnmadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rup"
  FLOAT3 d, fnmadd.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0xbff0000000000001, 0x3ca0000000000000, ", rmm"
  FLOAT3 d, fnmadd.d, 0xbff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fnmadd.d, 0xbff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fnmadd.d, 0xbff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fnmadd.d, 0xbff0000000000000, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fnmadd.d, 0xbff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000000, ", rmm"
  FLOAT3 d, fnmadd.d, 0xbff0000000000002, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rne"
  FLOAT3 d, fnmadd.d, 0xbff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rtz"
  FLOAT3 d, fnmadd.d, 0xbff0000000000002, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rdn"
  FLOAT3 d, fnmadd.d, 0xbff0000000000001, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rup"
  FLOAT3 d, fnmadd.d, 0xbff0000000000002, 1, 0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001, ", rmm"
  FLOAT3 d, fnmadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x0, 0x7ff8000000000000, ", rne"
  FLOAT3 d, fnmadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x3ff0000000000000, 0xfff0000000000000, ", rtz"
  FLOAT3 d, fnmadd.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000, 0x7ff0000000000000, ", rdn"
  FLOAT3 d, fnmadd.d, 0x0, 0, 0x0, 0x8000000000000000, 0x0, ", rup"
  FLOAT3 d, fnmadd.d, 0x7ff8000000000000, 16, 0x7fefffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000001, ", rmm"
  FLOAT3 d, fnmadd.d, 0x8000000000000001, 3, 0x1, 0x1, 0x1, ", rne"
  FLOAT3 d, fnmadd.d, 0xfff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rne"
  FLOAT3 d, fnmadd.d, 0xffefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rtz"
  FLOAT3 d, fnmadd.d, 0xfff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rdn"
  FLOAT3 d, fnmadd.d, 0xffefffffffffffff, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rup"
  FLOAT3 d, fnmadd.d, 0xfff0000000000000, 5, 0x7fefffffffffffff, 0x3ff0000000000005, 0x3ff0000000000000, ", rmm"
  # fsgnj.d
  FLOAT2 d, fsgnj.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0x8000000000000000
  FLOAT2 d, fsgnj.d, 0x3ff0000000000000, 0, 0xbff0000000000000, 0x0
  FLOAT2 d, fsgnj.d, 0xfff0000000000001, 0, 0x7ff0000000000001, 0xbff0000000000000
  FLOAT2 d, fsgnj.d, 0x7ff8000000000005, 0, 0xfff8000000000005, 0x3ff0000000000000
  FLOAT2 d, fsgnj.d, 0x8000000000000000, 0, 0x0, 0xfff0000000000001
  FLOAT2 d, fsgnj.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
  # fsgnjn.d
  FLOAT2 d, fsgnjn.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x8000000000000000
  FLOAT2 d, fsgnjn.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0x0
  FLOAT2 d, fsgnjn.d, 0x7ff0000000000001, 0, 0x7ff0000000000001, 0xbff0000000000000
  FLOAT2 d, fsgnjn.d, 0xfff8000000000005, 0, 0xfff8000000000005, 0x3ff0000000000000
  FLOAT2 d, fsgnjn.d, 0x0, 0, 0x0, 0xfff0000000000001
  FLOAT2 d, fsgnjn.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
  # fsgnjx.d
  FLOAT2 d, fsgnjx.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0x8000000000000000
  FLOAT2 d, fsgnjx.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0x0
  FLOAT2 d, fsgnjx.d, 0xfff0000000000001, 0, 0x7ff0000000000001, 0xbff0000000000000
  FLOAT2 d, fsgnjx.d, 0xfff8000000000005, 0, 0xfff8000000000005, 0x3ff0000000000000
  FLOAT2 d, fsgnjx.d, 0x8000000000000000, 0, 0x0, 0xfff0000000000001
  FLOAT2 d, fsgnjx.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
  # fmin.d
  FLOAT2 d, fmin.d, 0x8000000000000000, 0, 0x0, 0x8000000000000000
  FLOAT2 d, fmin.d, 0x8000000000000000, 0, 0x8000000000000000, 0x0
  FLOAT2 d, fmin.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
  FLOAT2 d, fmin.d, 0x7fefffffffffffff, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  FLOAT2 d, fmin.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x3ff0000000000000
  FLOAT2 d, fmin.d, 0x3ff0000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
  FLOAT2 d, fmin.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
  FLOAT2 d, fmin.d, 0x3ff0000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
  FLOAT2 d, fmin.d, 0x3ff0000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
  FLOAT2 d, fmin.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
  FLOAT2 d, fmin.d, 0x7ff8000000000000, 0, 0xfff8000000000005, 0x7ff8000000000000
  FLOAT2 d, fmin.d, 0x1, 0, 0x1, 0x10000000000000
  FLOAT2 d, fmin.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
  # fmax.d
  FLOAT2 d, fmax.d, 0x0, 0, 0x0, 0x8000000000000000
  FLOAT2 d, fmax.d, 0x0, 0, 0x8000000000000000, 0x0
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
  FLOAT2 d, fmax.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 0, 0xfff0000000000000, 0x3ff0000000000000
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
  FLOAT2 d, fmax.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
  FLOAT2 d, fmax.d, 0x7ff8000000000000, 0, 0xfff8000000000005, 0x7ff8000000000000
  FLOAT2 d, fmax.d, 0x10000000000000, 0, 0x1, 0x10000000000000
  FLOAT2 d, fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
  # feq.d
  COMPARE d, feq.d, 1, 0, 0x0, 0x8000000000000000
  COMPARE d, feq.d, 1, 0, 0x8000000000000000, 0x0
  COMPARE d, feq.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
  COMPARE d, feq.d, 0, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  COMPARE d, feq.d, 0, 0, 0xfff0000000000000, 0x3ff0000000000000
  COMPARE d, feq.d, 0, 0, 0x7ff8000000000000, 0x3ff0000000000000
  COMPARE d, feq.d, 0, 0, 0x3ff0000000000000, 0x7ff8000000000000
  COMPARE d, feq.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
  COMPARE d, feq.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
  COMPARE d, feq.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
  COMPARE d, feq.d, 0, 0, 0xfff8000000000005, 0x7ff8000000000000
  COMPARE d, feq.d, 0, 0, 0x1, 0x10000000000000
  COMPARE d, feq.d, 1, 0, 0x3ff0000000000000, 0x3ff0000000000000
  # flt.d
  COMPARE d, flt.d, 0, 0, 0x0, 0x8000000000000000
  COMPARE d, flt.d, 0, 0, 0x8000000000000000, 0x0
  COMPARE d, flt.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
  COMPARE d, flt.d, 0, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  COMPARE d, flt.d, 1, 0, 0xfff0000000000000, 0x3ff0000000000000
  COMPARE d, flt.d, 0, 16, 0x7ff8000000000000, 0x3ff0000000000000
  COMPARE d, flt.d, 0, 16, 0x3ff0000000000000, 0x7ff8000000000000
  COMPARE d, flt.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
  COMPARE d, flt.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
  COMPARE d, flt.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
  COMPARE d, flt.d, 0, 16, 0xfff8000000000005, 0x7ff8000000000000
  COMPARE d, flt.d, 1, 0, 0x1, 0x10000000000000
  COMPARE d, flt.d, 0, 0, 0x3ff0000000000000, 0x3ff0000000000000
  # fle.d
  COMPARE d, fle.d, 1, 0, 0x0, 0x8000000000000000
  COMPARE d, fle.d, 1, 0, 0x8000000000000000, 0x0
  COMPARE d, fle.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
  COMPARE d, fle.d, 0, 0, 0x7ff0000000000000, 0x7fefffffffffffff
  COMPARE d, fle.d, 1, 0, 0xfff0000000000000, 0x3ff0000000000000
  COMPARE d, fle.d, 0, 16, 0x7ff8000000000000, 0x3ff0000000000000
  COMPARE d, fle.d, 0, 16, 0x3ff0000000000000, 0x7ff8000000000000
  COMPARE d, fle.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
  COMPARE d, fle.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
  COMPARE d, fle.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
  COMPARE d, fle.d, 0, 16, 0xfff8000000000005, 0x7ff8000000000000
  COMPARE d, fle.d, 1, 0, 0x1, 0x10000000000000
  COMPARE d, fle.d, 1, 0, 0x3ff0000000000000, 0x3ff0000000000000
  # fclass.d
  TO_INT d, fclass.d, 1, 0, 0xfff0000000000000
  TO_INT d, fclass.d, 2, 0, 0xbff0000000000000
  TO_INT d, fclass.d, 4, 0, 0x8000000000000001
  TO_INT d, fclass.d, 8, 0, 0x8000000000000000
  TO_INT d, fclass.d, 16, 0, 0x0
  TO_INT d, fclass.d, 32, 0, 0x1
  TO_INT d, fclass.d, 64, 0, 0x3ff0000000000000
  TO_INT d, fclass.d, 128, 0, 0x7ff0000000000000
  TO_INT d, fclass.d, 256, 0, 0x7ff0000000000001
  TO_INT d, fclass.d, 512, 0, 0x7ff8000000000000
  TO_INT d, fclass.d, 512, 0, 0xfff8000000000000
  TO_INT d, fclass.d, 64, 0, 0x10000000000000
  TO_INT d, fclass.d, 32, 0, 0xfffffffffffff
  # fcvt.w.d and fcvt.d.w
  TO_INT d, fcvt.w.d, 0x0, 0, 0x0, ", rne"
  TO_INT d, fcvt.w.d, 0x0, 0, 0x8000000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0x0, 1, 0x3fe0000000000000, ", rne"
  TO_INT d, fcvt.w.d, 0x0, 1, 0x3fe0000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0x0, 1, 0x3fe0000000000000, ", rdn"
  TO_INT d, fcvt.w.d, 0x1, 1, 0x3fe0000000000000, ", rup"
  TO_INT d, fcvt.w.d, 0x1, 1, 0x3fe0000000000000, ", rmm"
  TO_INT d, fcvt.w.d, 0x0, 1, 0xbfe0000000000000, ", rne"
  TO_INT d, fcvt.w.d, 0x0, 1, 0xbfe0000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, ", rdn"
  TO_INT d, fcvt.w.d, 0x0, 1, 0xbfe0000000000000, ", rup"
  TO_INT d, fcvt.w.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, ", rmm"
  TO_INT d, fcvt.w.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, ", rne"
  TO_INT d, fcvt.w.d, 0xffffffffffffffff, 1, 0xbff8000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, ", rdn"
  TO_INT d, fcvt.w.d, 0xffffffffffffffff, 1, 0xbff8000000000000, ", rup"
  TO_INT d, fcvt.w.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, ", rmm"
  TO_INT d, fcvt.w.d, 0x2, 1, 0x3ff8000000000000, ", rne"
  TO_INT d, fcvt.w.d, 0x1, 1, 0x3ff8000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0x1, 1, 0x3ff8000000000000, ", rdn"
  TO_INT d, fcvt.w.d, 0x2, 1, 0x3ff8000000000000, ", rup"
  TO_INT d, fcvt.w.d, 0x2, 1, 0x3ff8000000000000, ", rmm"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x41e0000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0xffffffff80000000, 0, 0xc1e0000000000000, ", rdn"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x41dfffffffffffff, ", rup"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x7ff0000000000000, ", rmm"
  TO_INT d, fcvt.w.d, 0xffffffff80000000, 16, 0xfff0000000000000, ", rne"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x7ff8000000000000, ", rtz"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0xfff8000000000000, ", rdn"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x7ff0000000000001, ", rup"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x7fefffffffffffff, ", rmm"
  TO_INT d, fcvt.w.d, 0x7fffffff, 16, 0x41f0000000000000, ", rne"
  FROM_INT fcvt.d.w, 0x0, 0, 0x0
  FROM_INT fcvt.d.w, 0x3ff0000000000000, 0, 0x1
  FROM_INT fcvt.d.w, 0xbff0000000000000, 0, 0xffffffffffffffff
  FROM_INT fcvt.d.w, 0x0, 0, 0x8000000000000000
  FROM_INT fcvt.d.w, 0x41dfffffffc00000, 0, 0x7fffffff
  FROM_INT fcvt.d.w, 0xc1e0000000000000, 0, 0x80000000
  FROM_INT fcvt.d.w, 0xbff0000000000000, 0, 0x7fffffffffffffff
  FROM_INT fcvt.d.w, 0x3ff0000000000000, 0, 0x20000000000001
  FROM_INT fcvt.d.w, 0x4170000010000000, 0, 0x1000001
  FROM_INT fcvt.d.w, 0x4170000030000000, 0, 0x1000003
  FROM_INT fcvt.d.w, 0xc170000010000000, 0, 0xfffffffffeffffff
  FROM_INT fcvt.d.w, 0xc090040000000000, 0, 0xfffffffffffffbff
  # fcvt.wu.d and fcvt.d.wu
  TO_INT d, fcvt.wu.d, 0x0, 0, 0x0, ", rne"
  TO_INT d, fcvt.wu.d, 0x0, 0, 0x8000000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0x0, 1, 0x3fe0000000000000, ", rne"
  TO_INT d, fcvt.wu.d, 0x0, 1, 0x3fe0000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0x0, 1, 0x3fe0000000000000, ", rdn"
  TO_INT d, fcvt.wu.d, 0x1, 1, 0x3fe0000000000000, ", rup"
  TO_INT d, fcvt.wu.d, 0x1, 1, 0x3fe0000000000000, ", rmm"
  TO_INT d, fcvt.wu.d, 0x0, 1, 0xbfe0000000000000, ", rne"
  TO_INT d, fcvt.wu.d, 0x0, 1, 0xbfe0000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbfe0000000000000, ", rdn"
  TO_INT d, fcvt.wu.d, 0x0, 1, 0xbfe0000000000000, ", rup"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbfe0000000000000, ", rmm"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbff8000000000000, ", rne"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbff8000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbff8000000000000, ", rdn"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbff8000000000000, ", rup"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xbff8000000000000, ", rmm"
  TO_INT d, fcvt.wu.d, 0x2, 1, 0x3ff8000000000000, ", rne"
  TO_INT d, fcvt.wu.d, 0x1, 1, 0x3ff8000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0x1, 1, 0x3ff8000000000000, ", rdn"
  TO_INT d, fcvt.wu.d, 0x2, 1, 0x3ff8000000000000, ", rup"
  TO_INT d, fcvt.wu.d, 0x2, 1, 0x3ff8000000000000, ", rmm"
  TO_INT d, fcvt.wu.d, 0xffffffff80000000, 0, 0x41e0000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xc1e0000000000000, ", rdn"
  TO_INT d, fcvt.wu.d, 0xffffffff80000000, 1, 0x41dfffffffffffff, ", rup"
  TO_INT d, fcvt.wu.d, 0xffffffffffffffff, 16, 0x7ff0000000000000, ", rmm"
  TO_INT d, fcvt.wu.d, 0x0, 16, 0xfff0000000000000, ", rne"
  TO_INT d, fcvt.wu.d, 0xffffffffffffffff, 16, 0x7ff8000000000000, ", rtz"
  TO_INT d, fcvt.wu.d, 0xffffffffffffffff, 16, 0xfff8000000000000, ", rdn"
  TO_INT d, fcvt.wu.d, 0xffffffffffffffff, 16, 0x7ff0000000000001, ", rup"
  TO_INT d, fcvt.wu.d, 0xffffffffffffffff, 16, 0x7fefffffffffffff, ", rmm"
  TO_INT d, fcvt.wu.d, 0xffffffffffffffff, 16, 0x41f0000000000000, ", rne"
  FROM_INT fcvt.d.wu, 0x0, 0, 0x0
  FROM_INT fcvt.d.wu, 0x3ff0000000000000, 0, 0x1
  FROM_INT fcvt.d.wu, 0x41efffffffe00000, 0, 0xffffffffffffffff
  FROM_INT fcvt.d.wu, 0x0, 0, 0x8000000000000000
  FROM_INT fcvt.d.wu, 0x41dfffffffc00000, 0, 0x7fffffff
  FROM_INT fcvt.d.wu, 0x41e0000000000000, 0, 0x80000000
  FROM_INT fcvt.d.wu, 0x41efffffffe00000, 0, 0x7fffffffffffffff
  FROM_INT fcvt.d.wu, 0x3ff0000000000000, 0, 0x20000000000001
  FROM_INT fcvt.d.wu, 0x4170000010000000, 0, 0x1000001
  FROM_INT fcvt.d.wu, 0x4170000030000000, 0, 0x1000003
  FROM_INT fcvt.d.wu, 0x41efdfffffe00000, 0, 0xfffffffffeffffff
  FROM_INT fcvt.d.wu, 0x41efffff7fe00000, 0, 0xfffffffffffffbff
  # fcvt.l.d and fcvt.d.l
  TO_INT d, fcvt.l.d, 0x0, 0, 0x0, ", rne"
  TO_INT d, fcvt.l.d, 0x0, 0, 0x8000000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0x0, 1, 0x3fe0000000000000, ", rne"
  TO_INT d, fcvt.l.d, 0x0, 1, 0x3fe0000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0x0, 1, 0x3fe0000000000000, ", rdn"
  TO_INT d, fcvt.l.d, 0x1, 1, 0x3fe0000000000000, ", rup"
  TO_INT d, fcvt.l.d, 0x1, 1, 0x3fe0000000000000, ", rmm"
  TO_INT d, fcvt.l.d, 0x0, 1, 0xbfe0000000000000, ", rne"
  TO_INT d, fcvt.l.d, 0x0, 1, 0xbfe0000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, ", rdn"
  TO_INT d, fcvt.l.d, 0x0, 1, 0xbfe0000000000000, ", rup"
  TO_INT d, fcvt.l.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, ", rmm"
  TO_INT d, fcvt.l.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, ", rne"
  TO_INT d, fcvt.l.d, 0xffffffffffffffff, 1, 0xbff8000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, ", rdn"
  TO_INT d, fcvt.l.d, 0xffffffffffffffff, 1, 0xbff8000000000000, ", rup"
  TO_INT d, fcvt.l.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, ", rmm"
  TO_INT d, fcvt.l.d, 0x2, 1, 0x3ff8000000000000, ", rne"
  TO_INT d, fcvt.l.d, 0x1, 1, 0x3ff8000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0x1, 1, 0x3ff8000000000000, ", rdn"
  TO_INT d, fcvt.l.d, 0x2, 1, 0x3ff8000000000000, ", rup"
  TO_INT d, fcvt.l.d, 0x2, 1, 0x3ff8000000000000, ", rmm"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0x43e0000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0x8000000000000000, 0, 0xc3e0000000000000, ", rdn"
  TO_INT d, fcvt.l.d, 0x7ffffffffffffc00, 0, 0x43dfffffffffffff, ", rup"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0x7ff0000000000000, ", rmm"
  TO_INT d, fcvt.l.d, 0x8000000000000000, 16, 0xfff0000000000000, ", rne"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0x7ff8000000000000, ", rtz"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0xfff8000000000000, ", rdn"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0x7ff0000000000001, ", rup"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0x7fefffffffffffff, ", rmm"
  TO_INT d, fcvt.l.d, 0x7fffffffffffffff, 16, 0x43f0000000000000, ", rne"
  FROM_INT fcvt.d.l, 0x0, 0, 0x0, ", rne"
  FROM_INT fcvt.d.l, 0x3ff0000000000000, 0, 0x1, ", rtz"
  FROM_INT fcvt.d.l, 0xbff0000000000000, 0, 0xffffffffffffffff, ", rdn"
  FROM_INT fcvt.d.l, 0xc3e0000000000000, 0, 0x8000000000000000, ", rup"
  FROM_INT fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff, ", rmm"
  FROM_INT fcvt.d.l, 0x41e0000000000000, 0, 0x80000000, ", rne"
  FROM_INT fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff, ", rne"
  FROM_INT fcvt.d.l, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, ", rtz"
  FROM_INT fcvt.d.l, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, ", rdn"
  FROM_INT fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff, ", rup"
  FROM_INT fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff, ", rmm"
  FROM_INT fcvt.d.l, 0x4340000000000000, 1, 0x20000000000001, ", rne"
  FROM_INT fcvt.d.l, 0x4340000000000000, 1, 0x20000000000001, ", rtz"
  FROM_INT fcvt.d.l, 0x4340000000000000, 1, 0x20000000000001, ", rdn"
  FROM_INT fcvt.d.l, 0x4340000000000001, 1, 0x20000000000001, ", rup"
  FROM_INT fcvt.d.l, 0x4340000000000001, 1, 0x20000000000001, ", rmm"
  FROM_INT fcvt.d.l, 0x4170000010000000, 0, 0x1000001, ", rne"
  FROM_INT fcvt.d.l, 0x4170000010000000, 0, 0x1000001, ", rtz"
  FROM_INT fcvt.d.l, 0x4170000010000000, 0, 0x1000001, ", rdn"
  FROM_INT fcvt.d.l, 0x4170000010000000, 0, 0x1000001, ", rup"
  FROM_INT fcvt.d.l, 0x4170000010000000, 0, 0x1000001, ", rmm"
  FROM_INT fcvt.d.l, 0x4170000030000000, 0, 0x1000003, ", rne"
  FROM_INT fcvt.d.l, 0x4170000030000000, 0, 0x1000003, ", rtz"
  FROM_INT fcvt.d.l, 0x4170000030000000, 0, 0x1000003, ", rdn"
  FROM_INT fcvt.d.l, 0x4170000030000000, 0, 0x1000003, ", rup"
  FROM_INT fcvt.d.l, 0x4170000030000000, 0, 0x1000003, ", rmm"
  FROM_INT fcvt.d.l, 0xc170000010000000, 0, 0xfffffffffeffffff, ", rne"
  FROM_INT fcvt.d.l, 0xc090040000000000, 0, 0xfffffffffffffbff, ", rtz"
  # fcvt.lu.d and fcvt.d.lu
  TO_INT d, fcvt.lu.d, 0x0, 0, 0x0, ", rne"
  TO_INT d, fcvt.lu.d, 0x0, 0, 0x8000000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0x0, 1, 0x3fe0000000000000, ", rne"
  TO_INT d, fcvt.lu.d, 0x0, 1, 0x3fe0000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0x0, 1, 0x3fe0000000000000, ", rdn"
  TO_INT d, fcvt.lu.d, 0x1, 1, 0x3fe0000000000000, ", rup"
  TO_INT d, fcvt.lu.d, 0x1, 1, 0x3fe0000000000000, ", rmm"
  TO_INT d, fcvt.lu.d, 0x0, 1, 0xbfe0000000000000, ", rne"
  TO_INT d, fcvt.lu.d, 0x0, 1, 0xbfe0000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbfe0000000000000, ", rdn"
  TO_INT d, fcvt.lu.d, 0x0, 1, 0xbfe0000000000000, ", rup"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbfe0000000000000, ", rmm"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbff8000000000000, ", rne"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbff8000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbff8000000000000, ", rdn"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbff8000000000000, ", rup"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xbff8000000000000, ", rmm"
  TO_INT d, fcvt.lu.d, 0x2, 1, 0x3ff8000000000000, ", rne"
  TO_INT d, fcvt.lu.d, 0x1, 1, 0x3ff8000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0x1, 1, 0x3ff8000000000000, ", rdn"
  TO_INT d, fcvt.lu.d, 0x2, 1, 0x3ff8000000000000, ", rup"
  TO_INT d, fcvt.lu.d, 0x2, 1, 0x3ff8000000000000, ", rmm"
  TO_INT d, fcvt.lu.d, 0x8000000000000000, 0, 0x43e0000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xc3e0000000000000, ", rdn"
  TO_INT d, fcvt.lu.d, 0x7ffffffffffffc00, 0, 0x43dfffffffffffff, ", rup"
  TO_INT d, fcvt.lu.d, 0xffffffffffffffff, 16, 0x7ff0000000000000, ", rmm"
  TO_INT d, fcvt.lu.d, 0x0, 16, 0xfff0000000000000, ", rne"
  TO_INT d, fcvt.lu.d, 0xffffffffffffffff, 16, 0x7ff8000000000000, ", rtz"
  TO_INT d, fcvt.lu.d, 0xffffffffffffffff, 16, 0xfff8000000000000, ", rdn"
  TO_INT d, fcvt.lu.d, 0xffffffffffffffff, 16, 0x7ff0000000000001, ", rup"
  TO_INT d, fcvt.lu.d, 0xffffffffffffffff, 16, 0x7fefffffffffffff, ", rmm"
  TO_INT d, fcvt.lu.d, 0xffffffffffffffff, 16, 0x43f0000000000000, ", rne"
  FROM_INT fcvt.d.lu, 0x0, 0, 0x0, ", rne"
  FROM_INT fcvt.d.lu, 0x3ff0000000000000, 0, 0x1, ", rtz"
  FROM_INT fcvt.d.lu, 0x43efffffffffffff, 1, 0xffffffffffffffff, ", rdn"
  FROM_INT fcvt.d.lu, 0x43e0000000000000, 0, 0x8000000000000000, ", rup"
  FROM_INT fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff, ", rmm"
  FROM_INT fcvt.d.lu, 0x41e0000000000000, 0, 0x80000000, ", rne"
  FROM_INT fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff, ", rne"
  FROM_INT fcvt.d.lu, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, ", rtz"
  FROM_INT fcvt.d.lu, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, ", rdn"
  FROM_INT fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff, ", rup"
  FROM_INT fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff, ", rmm"
  FROM_INT fcvt.d.lu, 0x4340000000000000, 1, 0x20000000000001, ", rne"
  FROM_INT fcvt.d.lu, 0x4340000000000000, 1, 0x20000000000001, ", rtz"
  FROM_INT fcvt.d.lu, 0x4340000000000000, 1, 0x20000000000001, ", rdn"
  FROM_INT fcvt.d.lu, 0x4340000000000001, 1, 0x20000000000001, ", rup"
  FROM_INT fcvt.d.lu, 0x4340000000000001, 1, 0x20000000000001, ", rmm"
  FROM_INT fcvt.d.lu, 0x4170000010000000, 0, 0x1000001, ", rne"
  FROM_INT fcvt.d.lu, 0x4170000010000000, 0, 0x1000001, ", rtz"
  FROM_INT fcvt.d.lu, 0x4170000010000000, 0, 0x1000001, ", rdn"
  FROM_INT fcvt.d.lu, 0x4170000010000000, 0, 0x1000001, ", rup"
  FROM_INT fcvt.d.lu, 0x4170000010000000, 0, 0x1000001, ", rmm"
  FROM_INT fcvt.d.lu, 0x4170000030000000, 0, 0x1000003, ", rne"
  FROM_INT fcvt.d.lu, 0x4170000030000000, 0, 0x1000003, ", rtz"
  FROM_INT fcvt.d.lu, 0x4170000030000000, 0, 0x1000003, ", rdn"
  FROM_INT fcvt.d.lu, 0x4170000030000000, 0, 0x1000003, ", rup"
  FROM_INT fcvt.d.lu, 0x4170000030000000, 0, 0x1000003, ", rmm"
  FROM_INT fcvt.d.lu, 0x43efffffffffe000, 1, 0xfffffffffeffffff, ", rne"
  FROM_INT fcvt.d.lu, 0x43efffffffffffff, 1, 0xfffffffffffffbff, ", rtz"
  # fcvt.s.d and fcvt.d.s
  FLOAT1 d, fcvt.s.d, 0xffffffff00000000, 0, 0x0, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffff80000000, 0, 0x8000000000000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800000, 0, 0x3ff0000000000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000010000000, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000010000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000010000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800001, 1, 0x3ff0000010000000, ", rup"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800001, 1, 0x3ff0000010000000, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800002, 1, 0x3ff0000030000000, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800001, 1, 0x3ff0000030000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800001, 1, 0x3ff0000030000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800002, 1, 0x3ff0000030000000, ", rup"
  FLOAT1 d, fcvt.s.d, 0xffffffff3f800002, 1, 0x3ff0000030000000, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffffbf800000, 1, 0xbff0000010000000, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffffbf800000, 1, 0xbff0000010000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffffbf800001, 1, 0xbff0000010000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffffbf800000, 1, 0xbff0000010000000, ", rup"
  FLOAT1 d, fcvt.s.d, 0xffffffffbf800001, 1, 0xbff0000010000000, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffff7f7fffff, 5, 0x7fefffffffffffff, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff7f7fffff, 5, 0x7fefffffffffffff, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff, ", rup"
  FLOAT1 d, fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffff00000001, 0, 0x36a0000000000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff00000000, 3, 0x3690000000000000, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffff00000000, 3, 0x3690000000000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff00000000, 3, 0x3690000000000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff00000001, 3, 0x3690000000000000, ", rup"
  FLOAT1 d, fcvt.s.d, 0xffffffff00000001, 3, 0x3690000000000000, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffff00800000, 3, 0x380fffffe0000000, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffff00800000, 1, 0x380ffffff0000000, ", rne"
  FLOAT1 d, fcvt.s.d, 0xffffffff007fffff, 3, 0x380ffffff0000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff007fffff, 3, 0x380ffffff0000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff00800000, 1, 0x380ffffff0000000, ", rup"
  FLOAT1 d, fcvt.s.d, 0xffffffff00800000, 1, 0x380ffffff0000000, ", rmm"
  FLOAT1 d, fcvt.s.d, 0xffffffff7f800000, 0, 0x7ff0000000000000, ", rtz"
  FLOAT1 d, fcvt.s.d, 0xffffffff7fc00000, 0, 0xfff8000000000000, ", rdn"
  FLOAT1 d, fcvt.s.d, 0xffffffff7fc00000, 16, 0x7ff0000000000001, ", rup"
  FLOAT1 s, fcvt.d.s, 0x0, 0, 0x0
  FLOAT1 s, fcvt.d.s, 0x8000000000000000, 0, 0x80000000
  FLOAT1 s, fcvt.d.s, 0x3ff0000020000000, 0, 0x3f800001
  FLOAT1 s, fcvt.d.s, 0x36a0000000000000, 0, 0x1
  FLOAT1 s, fcvt.d.s, 0x7ff0000000000000, 0, 0x7f800000
  FLOAT1 s, fcvt.d.s, 0x7ff8000000000000, 0, 0xffc00000
  FLOAT1 s, fcvt.d.s, 0x7ff8000000000000, 16, 0x7f800001
  FLOAT1 d, fcvt.d.s, 0x7ff8000000000000, 0, 0x3f800000
  # Moves and memory: raw bits, whatever they mean.
  TO_INT d, fmv.x.d, 0x7ff0000000000001, 0, 0x7ff0000000000001
  FROM_INT fmv.d.x, 0xfff0000000000001, 0, 0xfff0000000000001
.macro STORE_DOUBLE value
  NAME \@, fsd and fld \value
  la t4, .Lname\@
  la a0, scratch
  li a1, \value
  fmv.d.x fa0, a1
  fsd fa0, 8(a0)
  ld a2, 8(a0)
  li a7, \value
  EXPECT a2
  fld fa1, 8(a0)
  fmv.x.d a2, fa1
  EXPECT a2
.endm
  STORE_DOUBLE 0x7ff0000000000001
  STORE_DOUBLE 0xffffffff3f800000
END
