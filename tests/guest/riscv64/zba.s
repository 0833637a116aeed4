# Zba: address generation.

  .include "test.inc"

BEGIN
  # sh1add
  RR sh1add, 0x0, 0x0, 0x0
  RR sh1add, 0x1, 0x1, 0xffffffffffffffff
  RR sh1add, 0xfffffffffffffffd, 0xffffffffffffffff, 0xffffffffffffffff
  RR sh1add, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sh1add, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sh1add, 0x17fffffff, 0x80000000, 0x7fffffff
  RR sh1add, 0xffffffff00000001, 0xffffffff80000000, 0x1
  RR sh1add, 0x23456789abcdeff0, 0x123456789abcdef0, 0xfedcba9876543210
  RR sh1add, 0x6cb36ebf232afe, 0xf646e1f40a097c97, 0x13deef86ab1031d0
  # sh2add
  RR sh2add, 0x0, 0x0, 0x0
  RR sh2add, 0x3, 0x1, 0xffffffffffffffff
  RR sh2add, 0xfffffffffffffffb, 0xffffffffffffffff, 0xffffffffffffffff
  RR sh2add, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sh2add, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sh2add, 0x27fffffff, 0x80000000, 0x7fffffff
  RR sh2add, 0xfffffffe00000001, 0xffffffff80000000, 0x1
  RR sh2add, 0x47ae147ae147add0, 0x123456789abcdef0, 0xfedcba9876543210
  RR sh2add, 0x57a4949a19d7e6a, 0x8ede0d7ac3baea9e, 0xca02135e92b1d3f2
  # sh3add
  RR sh3add, 0x0, 0x0, 0x0
  RR sh3add, 0x7, 0x1, 0xffffffffffffffff
  RR sh3add, 0xfffffffffffffff7, 0xffffffffffffffff, 0xffffffffffffffff
  RR sh3add, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sh3add, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sh3add, 0x47fffffff, 0x80000000, 0x7fffffff
  RR sh3add, 0xfffffffc00000001, 0xffffffff80000000, 0x1
  RR sh3add, 0x907f6e5d4c3b2990, 0x123456789abcdef0, 0xfedcba9876543210
  RR sh3add, 0xe30f1899514c4484, 0xd17f9acae01f5057, 0x571242425051c1cc
  # sh1add.uw
  RR sh1add.uw, 0x0, 0x0, 0x0
  RR sh1add.uw, 0x1, 0x1, 0xffffffffffffffff
  RR sh1add.uw, 0x1fffffffd, 0xffffffffffffffff, 0xffffffffffffffff
  RR sh1add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sh1add.uw, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sh1add.uw, 0x17fffffff, 0x80000000, 0x7fffffff
  RR sh1add.uw, 0x100000001, 0xffffffff80000000, 0x1
  RR sh1add.uw, 0xfedcba99abcdeff0, 0x123456789abcdef0, 0xfedcba9876543210
  RR sh1add.uw, 0x7f26144cfc2660eb, 0x59a54a7bb1fee08f, 0x7f26144b98289fcd
  # sh2add.uw
  RR sh2add.uw, 0x0, 0x0, 0x0
  RR sh2add.uw, 0x3, 0x1, 0xffffffffffffffff
  RR sh2add.uw, 0x3fffffffb, 0xffffffffffffffff, 0xffffffffffffffff
  RR sh2add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sh2add.uw, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sh2add.uw, 0x27fffffff, 0x80000000, 0x7fffffff
  RR sh2add.uw, 0x200000001, 0xffffffff80000000, 0x1
  RR sh2add.uw, 0xfedcba9ae147add0, 0x123456789abcdef0, 0xfedcba9876543210
  RR sh2add.uw, 0x119a72d3c699ebd6, 0xcc011cdd9474031b, 0x119a72d174c9df6a
  # sh3add.uw
  RR sh3add.uw, 0x0, 0x0, 0x0
  RR sh3add.uw, 0x7, 0x1, 0xffffffffffffffff
  RR sh3add.uw, 0x7fffffff7, 0xffffffffffffffff, 0xffffffffffffffff
  RR sh3add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sh3add.uw, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sh3add.uw, 0x47fffffff, 0x80000000, 0x7fffffff
  RR sh3add.uw, 0x400000001, 0xffffffff80000000, 0x1
  RR sh3add.uw, 0xfedcba9d4c3b2990, 0x123456789abcdef0, 0xfedcba9876543210
  RR sh3add.uw, 0x451abd88aa17a6c6, 0x17f5e837d70820fe, 0x451abd81f1d69ed6
  # add.uw
  RR add.uw, 0x0, 0x0, 0x0
  RR add.uw, 0x0, 0x1, 0xffffffffffffffff
  RR add.uw, 0xfffffffe, 0xffffffffffffffff, 0xffffffffffffffff
  RR add.uw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR add.uw, 0x7fffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR add.uw, 0xffffffff, 0x80000000, 0x7fffffff
  RR add.uw, 0x80000001, 0xffffffff80000000, 0x1
  RR add.uw, 0xfedcba9911111100, 0x123456789abcdef0, 0xfedcba9876543210
  RR add.uw, 0x10a3d6b323646343, 0xb2715945795e8229, 0x10a3d6b2aa05e11a
  # slli.uw
  RI slli.uw, 0x0, 0x0, 0
  RI slli.uw, 0x2, 0x1, 1
  RI slli.uw, 0x7fffffff80000000, 0xffffffffffffffff, 31
  RI slli.uw, 0x0, 0x8000000000000000, 32
  RI slli.uw, 0x8000000000000000, 0x7fffffffffffffff, 63
  RI slli.uw, 0x1000000000000, 0x80000000, 17
  RI slli.uw, 0x7fffffff, 0x7fffffff, 0
  RI slli.uw, 0x100000000, 0xffffffff80000000, 1
  RI slli.uw, 0x4d5e6f7800000000, 0x123456789abcdef0, 31
  RI slli.uw, 0x7654321000000000, 0xfedcba9876543210, 32
END
