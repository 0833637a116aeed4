# Zbkb, where Zbb has it not: packing and bits of bytes.

  .include "test.inc"

BEGIN
  # pack
  RR pack, 0x0, 0x0, 0x0
  RR pack, 0xffffffff00000001, 0x1, 0xffffffffffffffff
  RR pack, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR pack, 0xffffffff00000000, 0x8000000000000000, 0xffffffffffffffff
  RR pack, 0xffffffff00000000, 0x8000000000000000, 0x7fffffffffffffff
  RR pack, 0x7fffffff80000000, 0x80000000, 0x7fffffff
  RR pack, 0x180000000, 0xffffffff80000000, 0x1
  RR pack, 0x765432109abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
  RR pack, 0x269e0d3752e6b438, 0xf2a74de452e6b438, 0x6513270e269e0d37
  RR pack, 0x128b2f33a6a3a450, 0xc5c7fd0a6a3a450, 0xd23f0824128b2f33
  # packh
  RR packh, 0x0, 0x0, 0x0
  RR packh, 0xff01, 0x1, 0xffffffffffffffff
  RR packh, 0xffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR packh, 0xff00, 0x8000000000000000, 0xffffffffffffffff
  RR packh, 0xff00, 0x8000000000000000, 0x7fffffffffffffff
  RR packh, 0xff00, 0x80000000, 0x7fffffff
  RR packh, 0x100, 0xffffffff80000000, 0x1
  RR packh, 0x10f0, 0x123456789abcdef0, 0xfedcba9876543210
  RR packh, 0xf82b, 0x1818e811892f902b, 0x9531985d5d9dc9f8
  RR packh, 0xf575, 0xe8e25d940ed90475, 0x36f675cc81e74ef5
  # packw
  RR packw, 0x0, 0x0, 0x0
  RR packw, 0xffffffffffff0001, 0x1, 0xffffffffffffffff
  RR packw, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR packw, 0xffffffffffff0000, 0x8000000000000000, 0xffffffffffffffff
  RR packw, 0xffffffffffff0000, 0x8000000000000000, 0x7fffffffffffffff
  RR packw, 0xffffffffffff0000, 0x80000000, 0x7fffffff
  RR packw, 0x10000, 0xffffffff80000000, 0x1
  RR packw, 0x3210def0, 0x123456789abcdef0, 0xfedcba9876543210
  RR packw, 0x675a50d8, 0x1600a35a099950d8, 0x6b0d549b6f03675a
  RR packw, 0xfffffffff7d90b8f, 0x3d9c172411e20b8f, 0x8d116ece1738f7d9
  # brev8
  R1 brev8, 0x0, 0x0
  R1 brev8, 0x80, 0x1
  R1 brev8, 0xffffffffffffffff, 0xffffffffffffffff
  R1 brev8, 0x100000000000000, 0x8000000000000000
  R1 brev8, 0x8040201008040201, 0x102040810204080
  R1 brev8, 0x482c6a1e593d7b0f, 0x123456789abcdef0
  R1 brev8, 0xf084bb6d36b55264, 0xf21ddb66cad4a26
END
