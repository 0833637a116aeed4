# Zbc: carry-less multiplication.

  .include "test.inc"

BEGIN
  # clmul
  RR clmul, 0x0, 0x0, 0x0
  RR clmul, 0xffffffffffffffff, 0x1, 0xffffffffffffffff
  RR clmul, 0x5555555555555555, 0xffffffffffffffff, 0xffffffffffffffff
  RR clmul, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
  RR clmul, 0x8000000000000000, 0x8000000000000000, 0x7fffffffffffffff
  RR clmul, 0x3fffffff80000000, 0x80000000, 0x7fffffff
  RR clmul, 0xffffffff80000000, 0xffffffff80000000, 0x1
  RR clmul, 0xa0789828c810f00, 0x123456789abcdef0, 0xfedcba9876543210
  RR clmul, 0xa2da594616a38211, 0x6e36aab0d1bc52d9, 0x8cdb305fdd2e1609
  # clmulh
  RR clmulh, 0x0, 0x0, 0x0
  RR clmulh, 0x0, 0x1, 0xffffffffffffffff
  RR clmulh, 0x5555555555555555, 0xffffffffffffffff, 0xffffffffffffffff
  RR clmulh, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR clmulh, 0x3fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR clmulh, 0x0, 0x80000000, 0x7fffffff
  RR clmulh, 0x0, 0xffffffff80000000, 0x1
  RR clmulh, 0xe038d8688850b04, 0x123456789abcdef0, 0xfedcba9876543210
  RR clmulh, 0x6da398c1298dd84d, 0xb4d66a3a47469a4d, 0xfc891b4a6a50df4d
  # clmulr
  RR clmulr, 0x0, 0x0, 0x0
  RR clmulr, 0x1, 0x1, 0xffffffffffffffff
  RR clmulr, 0xaaaaaaaaaaaaaaaa, 0xffffffffffffffff, 0xffffffffffffffff
  RR clmulr, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR clmulr, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR clmulr, 0x0, 0x80000000, 0x7fffffff
  RR clmulr, 0x1, 0xffffffff80000000, 0x1
  RR clmulr, 0x1c071b0d110a1608, 0x123456789abcdef0, 0xfedcba9876543210
  RR clmulr, 0x7df65d55e1f9fdf8, 0xaec6f0245bd86d40, 0x616499c9e25a7605
END
