# Zbkx: lookups of bytes and nibbles.

  .include "test.inc"

BEGIN
  # xperm4
  RR xperm4, 0x0, 0x0, 0x0
  RR xperm4, 0x0, 0x1, 0xffffffffffffffff
  RR xperm4, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR xperm4, 0x8888888888888888, 0x8000000000000000, 0xffffffffffffffff
  RR xperm4, 0x888888888888888, 0x8000000000000000, 0x7fffffffffffffff
  RR xperm4, 0x80000000, 0x80000000, 0x7fffffff
  RR xperm4, 0x0, 0xffffffff80000000, 0x1
  RR xperm4, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
  RR xperm4, 0x1111101112101310, 0x706050403021011, 0x1020304050607
  RR xperm4, 0x1818171716161515, 0x8877665544332211, 0xf0e0d0c0b0a0908
  RR xperm4, 0x5114811141188111, 0x8877665544332211, 0x8007f010700ff000
  RR xperm4, 0x1451145114144814, 0x8877665544332211, 0x780078017077f07
  RR xperm4, 0x123456789abcdef, 0xfedcba9876543210, 0x123456789abcdef
  RR xperm4, 0x94f1afaca99ad149, 0x90c192cfd3ac94af, 0xf28c105d1fb17c23
  RR xperm4, 0x323a68a5393a39b2, 0xa170b33839263059, 0x953f48f1a09f76b5
  # xperm8
  RR xperm8, 0x0, 0x0, 0x0
  RR xperm8, 0x0, 0x1, 0xffffffffffffffff
  RR xperm8, 0x0, 0xffffffffffffffff, 0xffffffffffffffff
  RR xperm8, 0x0, 0x8000000000000000, 0xffffffffffffffff
  RR xperm8, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR xperm8, 0x0, 0x80000000, 0x7fffffff
  RR xperm8, 0x0, 0xffffffff80000000, 0x1
  RR xperm8, 0x0, 0x123456789abcdef0, 0xfedcba9876543210
  RR xperm8, 0x1110020304050607, 0x706050403021011, 0x1020304050607
  RR xperm8, 0x0, 0x8877665544332211, 0xf0e0d0c0b0a0908
  RR xperm8, 0x88000000000011, 0x8877665544332211, 0x8007f010700ff000
  RR xperm8, 0x8800880000880088, 0x8877665544332211, 0x780078017077f07
  RR xperm8, 0x3200000000000000, 0xfedcba9876543210, 0x123456789abcdef
  RR xperm8, 0xf100, 0xfd630f1f29d0da9, 0x95e60af593bd04cf
  RR xperm8, 0x0, 0xcb1e29c658cda14, 0x3898d190f9ebdacc
END
