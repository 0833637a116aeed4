# A: atomic operations, reservations, and the traps of misaligned ones.

  .include "test.inc"

BEGIN
  # amoswap.w
  AMO amoswap.w, 0x0, 0x0, 0x0, 0x0
  AMO amoswap.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amoswap.w, 0x7fffffff, 0x7fffffff00000001, 0x7fffffff7fffffff, 0x1
  AMO amoswap.w, 0x7fffffff, 0x17fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amoswap.w, 0xffffffff80000000, 0x80000000ffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoswap.w, 0xffffffff80000000, 0xffffffff80000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amoswap.w, 0xffffffff9abcdef0, 0x1234567876543210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoswap.w, 0x12345678, 0x765432109abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amoswap.w, 0xffffffffffffffff, 0xffffffff00000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amoswap.w, 0xffffffffffffffff, 0xffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amoswap.w, 0x10c4759, 0x254b0c4e6b4013ef, 0x254b0c4e010c4759, 0x88daf4016b4013ef
  AMO amoswap.w, 0x254b0c4e, 0x6b4013ef010c4759, 0x254b0c4e010c4759, 0x88daf4016b4013ef, 4
  # amoswap.d
  AMO amoswap.d, 0x0, 0x0, 0x0, 0x0
  AMO amoswap.d, 0x7fffffff7fffffff, 0x1, 0x7fffffff7fffffff, 0x1
  AMO amoswap.d, 0x8000000080000000, 0xffffffffffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoswap.d, 0x123456789abcdef0, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoswap.d, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amoswap.d, 0x9c1caaf75e8766ed, 0x519088f590fbbd11, 0x9c1caaf75e8766ed, 0x519088f590fbbd11
  # amoadd.w
  AMO amoadd.w, 0x0, 0x0, 0x0, 0x0
  AMO amoadd.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amoadd.w, 0x7fffffff, 0x7fffffff80000000, 0x7fffffff7fffffff, 0x1
  AMO amoadd.w, 0x7fffffff, 0x800000007fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amoadd.w, 0xffffffff80000000, 0x800000007fffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoadd.w, 0xffffffff80000000, 0x7fffffff80000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amoadd.w, 0xffffffff9abcdef0, 0x1234567811111100, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoadd.w, 0x12345678, 0x888888889abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amoadd.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amoadd.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amoadd.w, 0xfffffffff3fe39c0, 0x20203626a4c26aed, 0x20203626f3fe39c0, 0xdbf4a8b2b0c4312d
  AMO amoadd.w, 0x20203626, 0xd0e46753f3fe39c0, 0x20203626f3fe39c0, 0xdbf4a8b2b0c4312d, 4
  # amoadd.d
  AMO amoadd.d, 0x0, 0x0, 0x0, 0x0
  AMO amoadd.d, 0x7fffffff7fffffff, 0x7fffffff80000000, 0x7fffffff7fffffff, 0x1
  AMO amoadd.d, 0x8000000080000000, 0x800000007fffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoadd.d, 0x123456789abcdef0, 0x1111111111111100, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoadd.d, 0xffffffffffffffff, 0x7fffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amoadd.d, 0xf341e07a83f73f16, 0x9aedc23d2211ce0a, 0xf341e07a83f73f16, 0xa7abe1c29e1a8ef4
  # amoxor.w
  AMO amoxor.w, 0x0, 0x0, 0x0, 0x0
  AMO amoxor.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amoxor.w, 0x7fffffff, 0x7fffffff7ffffffe, 0x7fffffff7fffffff, 0x1
  AMO amoxor.w, 0x7fffffff, 0x7ffffffe7fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amoxor.w, 0xffffffff80000000, 0x800000007fffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoxor.w, 0xffffffff80000000, 0x7fffffff80000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amoxor.w, 0xffffffff9abcdef0, 0x12345678ece8ece0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoxor.w, 0x12345678, 0x646064689abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amoxor.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amoxor.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amoxor.w, 0xffffffffad1b72db, 0xbd628881a0c908be, 0xbd628881ad1b72db, 0x74e69a5d0dd27a65
  AMO amoxor.w, 0xffffffffbd628881, 0xb0b0f2e4ad1b72db, 0xbd628881ad1b72db, 0x74e69a5d0dd27a65, 4
  # amoxor.d
  AMO amoxor.d, 0x0, 0x0, 0x0, 0x0
  AMO amoxor.d, 0x7fffffff7fffffff, 0x7fffffff7ffffffe, 0x7fffffff7fffffff, 0x1
  AMO amoxor.d, 0x8000000080000000, 0x7fffffff7fffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoxor.d, 0x123456789abcdef0, 0xece8ece0ece8ece0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoxor.d, 0xffffffffffffffff, 0x7fffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amoxor.d, 0xdef88334e647cb8f, 0x2d56538221ebdf1e, 0xdef88334e647cb8f, 0xf3aed0b6c7ac1491
  # amoand.w
  AMO amoand.w, 0x0, 0x0, 0x0, 0x0
  AMO amoand.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amoand.w, 0x7fffffff, 0x7fffffff00000001, 0x7fffffff7fffffff, 0x1
  AMO amoand.w, 0x7fffffff, 0x17fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amoand.w, 0xffffffff80000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff
  AMO amoand.w, 0xffffffff80000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amoand.w, 0xffffffff9abcdef0, 0x1234567812141210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoand.w, 0x12345678, 0x121412109abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amoand.w, 0xffffffffffffffff, 0xffffffff00000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amoand.w, 0xffffffffffffffff, 0xffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amoand.w, 0xffffffffdfe01893, 0xae3a2b7fcc400883, 0xae3a2b7fdfe01893, 0x8f2c6ec8cc4169a3
  AMO amoand.w, 0xffffffffae3a2b7f, 0x8c002923dfe01893, 0xae3a2b7fdfe01893, 0x8f2c6ec8cc4169a3, 4
  # amoand.d
  AMO amoand.d, 0x0, 0x0, 0x0, 0x0
  AMO amoand.d, 0x7fffffff7fffffff, 0x1, 0x7fffffff7fffffff, 0x1
  AMO amoand.d, 0x8000000080000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff
  AMO amoand.d, 0x123456789abcdef0, 0x1214121812141210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoand.d, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amoand.d, 0x65e7e4236472f1a3, 0x64e5042164227000, 0x65e7e4236472f1a3, 0x64e50cad66237a04
  # amoor.w
  AMO amoor.w, 0x0, 0x0, 0x0, 0x0
  AMO amoor.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amoor.w, 0x7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1
  AMO amoor.w, 0x7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amoor.w, 0xffffffff80000000, 0x80000000ffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoor.w, 0xffffffff80000000, 0xffffffff80000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amoor.w, 0xffffffff9abcdef0, 0x12345678fefcfef0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoor.w, 0x12345678, 0x767476789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amoor.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amoor.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amoor.w, 0x1a81682c, 0x7b45145cbae1ed2f, 0x7b45145c1a81682c, 0x66836886a260cd0b
  AMO amoor.w, 0x7b45145c, 0xfb65dd5f1a81682c, 0x7b45145c1a81682c, 0x66836886a260cd0b, 4
  # amoor.d
  AMO amoor.d, 0x0, 0x0, 0x0, 0x0
  AMO amoor.d, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1
  AMO amoor.d, 0x8000000080000000, 0xffffffffffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amoor.d, 0x123456789abcdef0, 0xfefcfef8fefcfef0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amoor.d, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amoor.d, 0x30cbc97d0fef7928, 0xfcdbed7d1ffff97d, 0x30cbc97d0fef7928, 0xfc132d0d113db17d
  # amomin.w
  AMO amomin.w, 0x0, 0x0, 0x0, 0x0
  AMO amomin.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amomin.w, 0x7fffffff, 0x7fffffff00000001, 0x7fffffff7fffffff, 0x1
  AMO amomin.w, 0x7fffffff, 0x17fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amomin.w, 0xffffffff80000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff
  AMO amomin.w, 0xffffffff80000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amomin.w, 0xffffffff9abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amomin.w, 0x12345678, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amomin.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amomin.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amomin.w, 0x3571810a, 0x70ccec31298cb3a5, 0x70ccec313571810a, 0x1c2442f9298cb3a5
  AMO amomin.w, 0x70ccec31, 0x298cb3a53571810a, 0x70ccec313571810a, 0x1c2442f9298cb3a5, 4
  # amomin.d
  AMO amomin.d, 0x0, 0x0, 0x0, 0x0
  AMO amomin.d, 0x7fffffff7fffffff, 0x1, 0x7fffffff7fffffff, 0x1
  AMO amomin.d, 0x8000000080000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff
  AMO amomin.d, 0x123456789abcdef0, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amomin.d, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amomin.d, 0x99c94309570dc195, 0x99c94309570dc195, 0x99c94309570dc195, 0x1a358ca00d75985d
  # amomax.w
  AMO amomax.w, 0x0, 0x0, 0x0, 0x0
  AMO amomax.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amomax.w, 0x7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1
  AMO amomax.w, 0x7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amomax.w, 0xffffffff80000000, 0x80000000ffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amomax.w, 0xffffffff80000000, 0xffffffff80000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amomax.w, 0xffffffff9abcdef0, 0x1234567876543210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amomax.w, 0x12345678, 0x765432109abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amomax.w, 0xffffffffffffffff, 0xffffffff00000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amomax.w, 0xffffffffffffffff, 0xffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amomax.w, 0xf49c8, 0x9118bb1626b94c7f, 0x9118bb16000f49c8, 0x895fd7b326b94c7f
  AMO amomax.w, 0xffffffff9118bb16, 0x26b94c7f000f49c8, 0x9118bb16000f49c8, 0x895fd7b326b94c7f, 4
  # amomax.d
  AMO amomax.d, 0x0, 0x0, 0x0, 0x0
  AMO amomax.d, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1
  AMO amomax.d, 0x8000000080000000, 0xffffffffffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amomax.d, 0x123456789abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amomax.d, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amomax.d, 0xf2ee4e4519f9919c, 0xf2ee4e4519f9919c, 0xf2ee4e4519f9919c, 0x9d1de2a05d158a2f
  # amominu.w
  AMO amominu.w, 0x0, 0x0, 0x0, 0x0
  AMO amominu.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amominu.w, 0x7fffffff, 0x7fffffff00000001, 0x7fffffff7fffffff, 0x1
  AMO amominu.w, 0x7fffffff, 0x17fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amominu.w, 0xffffffff80000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff
  AMO amominu.w, 0xffffffff80000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amominu.w, 0xffffffff9abcdef0, 0x1234567876543210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amominu.w, 0x12345678, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amominu.w, 0xffffffffffffffff, 0xffffffff00000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amominu.w, 0xffffffffffffffff, 0xffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amominu.w, 0x68739fa, 0x1200339d068739fa, 0x1200339d068739fa, 0x353c631cdfd43f37
  AMO amominu.w, 0x1200339d, 0x1200339d068739fa, 0x1200339d068739fa, 0x353c631cdfd43f37, 4
  # amominu.d
  AMO amominu.d, 0x0, 0x0, 0x0, 0x0
  AMO amominu.d, 0x7fffffff7fffffff, 0x1, 0x7fffffff7fffffff, 0x1
  AMO amominu.d, 0x8000000080000000, 0x8000000080000000, 0x8000000080000000, 0xffffffffffffffff
  AMO amominu.d, 0x123456789abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amominu.d, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x8000000000000000
  AMO amominu.d, 0x6050914a9d33a01c, 0x6050914a9d33a01c, 0x6050914a9d33a01c, 0xa268aa872607679d
  # amomaxu.w
  AMO amomaxu.w, 0x0, 0x0, 0x0, 0x0
  AMO amomaxu.w, 0x0, 0x0, 0x0, 0x0, 4
  AMO amomaxu.w, 0x7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1
  AMO amomaxu.w, 0x7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1, 4
  AMO amomaxu.w, 0xffffffff80000000, 0x80000000ffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amomaxu.w, 0xffffffff80000000, 0xffffffff80000000, 0x8000000080000000, 0xffffffffffffffff, 4
  AMO amomaxu.w, 0xffffffff9abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amomaxu.w, 0x12345678, 0x765432109abcdef0, 0x123456789abcdef0, 0xfedcba9876543210, 4
  AMO amomaxu.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amomaxu.w, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000, 4
  AMO amomaxu.w, 0x4093f6de, 0xf4998d7c58ee8571, 0xf4998d7c4093f6de, 0x9a2ef80f58ee8571
  AMO amomaxu.w, 0xfffffffff4998d7c, 0xf4998d7c4093f6de, 0xf4998d7c4093f6de, 0x9a2ef80f58ee8571, 4
  # amomaxu.d
  AMO amomaxu.d, 0x0, 0x0, 0x0, 0x0
  AMO amomaxu.d, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x7fffffff7fffffff, 0x1
  AMO amomaxu.d, 0x8000000080000000, 0xffffffffffffffff, 0x8000000080000000, 0xffffffffffffffff
  AMO amomaxu.d, 0x123456789abcdef0, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
  AMO amomaxu.d, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
  AMO amomaxu.d, 0x7961fd925d39d0a8, 0x7961fd925d39d0a8, 0x7961fd925d39d0a8, 0x1d87cec31f7296ab
  # Ordering bits change nothing that one hart sees.
  AMO amoadd.w.aqrl, 5, 8, 5, 3
  AMO amoswap.d.aq, 5, 3, 5, 3
  AMO amoor.d.rl, 5, 7, 5, 3
  # lr.w and sc.w
.macro RESERVE_w order_lr, order_sc
  NAME \@, lr.w\order_lr and sc.w\order_sc
  la t4, .Lname\@
  la a3, scratch
  li a0, 0xfedcba9887654321
  sd a0, 0(a3)
  li a1, 0x1122334455667788
  lr.w\order_lr a2, (a3)
  sc.w\order_sc a4, a1, (a3)
  ld a5, 0(a3)
  li a7, 0xffffffff87654321
  EXPECT a2
  li a7, 0
  EXPECT a4
  li a7, 0xfedcba9855667788
  EXPECT a5
  # The reservation is used up.
  sd a0, 0(a3)
  sc.w a4, a1, (a3)
  ld a5, 0(a3)
  li a7, 1
  EXPECT a4
  mv a7, a0
  EXPECT a5
  # A store to what is reserved breaks it.
  lr.w a2, (a3)
  sd a1, 0(a3)
  sc.w a4, a0, (a3)
  ld a5, 0(a3)
  li a7, 1
  EXPECT a4
  mv a7, a1
  EXPECT a5
  # Another place is not reserved.
  lr.w a2, (a3)
  addi a6, a3, 64
  sc.w a4, a0, (a6)
  li a7, 1
  EXPECT a4
.endm
  RESERVE_w
  RESERVE_w .aq, .rl
  RESERVE_w .aqrl, .aqrl
  # lr.d and sc.d
.macro RESERVE_d order_lr, order_sc
  NAME \@, lr.d\order_lr and sc.d\order_sc
  la t4, .Lname\@
  la a3, scratch
  li a0, 0xfedcba9887654321
  sd a0, 0(a3)
  li a1, 0x1122334455667788
  lr.d\order_lr a2, (a3)
  sc.d\order_sc a4, a1, (a3)
  ld a5, 0(a3)
  li a7, 0xfedcba9887654321
  EXPECT a2
  li a7, 0
  EXPECT a4
  li a7, 0x1122334455667788
  EXPECT a5
  # The reservation is used up.
  sd a0, 0(a3)
  sc.d a4, a1, (a3)
  ld a5, 0(a3)
  li a7, 1
  EXPECT a4
  mv a7, a0
  EXPECT a5
  # A store to what is reserved breaks it.
  lr.d a2, (a3)
  sd a1, 0(a3)
  sc.d a4, a0, (a3)
  ld a5, 0(a3)
  li a7, 1
  EXPECT a4
  mv a7, a1
  EXPECT a5
  # Another place is not reserved.
  lr.d a2, (a3)
  addi a6, a3, 64
  sc.d a4, a0, (a6)
  li a7, 1
  EXPECT a4
.endm
  RESERVE_d
  RESERVE_d .aq, .rl
  RESERVE_d .aqrl, .aqrl
  # Misaligned atomics trap and change nothing.
.macro MISALIGNED cause, offset, instruction:vararg
  la a3, scratch
  li a0, -1
  sd a0, 0(a3)
  sd a0, 8(a3)
  addi a3, a3, \offset
  li a1, 5
  li a2, 77
  TRAPS_AT_A3 \cause, \instruction
  la t4, .Lmisaligned_state
  li a7, 77
  EXPECT a2
  la a3, scratch
  ld a0, 0(a3)
  li a7, -1
  EXPECT a0
.endm
.macro TRAPS_AT_A3 cause, instruction:vararg
  NAME \@, misaligned \instruction
  la t4, .Lname\@
  la t0, wanted_trap
  csrw mtvec, t0
  la t2, 2f
  \instruction
  li t0, -1
  li t1, -1
2:
  li a7, \cause
  EXPECT t0
  mv a7, a3
  EXPECT t1
  la t0, unexpected_trap
  csrw mtvec, t0
.endm
  .section .rodata
.Lmisaligned_state: .asciz "a misaligned atomic changes nothing"
  .text
  MISALIGNED 4, 2, lr.w a2, (a3)
  MISALIGNED 4, 4, lr.d a2, (a3)
  MISALIGNED 6, 1, sc.w a2, a1, (a3)
  MISALIGNED 6, 4, sc.d a2, a1, (a3)
  MISALIGNED 6, 2, amoswap.w a2, a1, (a3)
  MISALIGNED 6, 4, amoswap.d a2, a1, (a3)
  MISALIGNED 6, 2, amoadd.w a2, a1, (a3)
  MISALIGNED 6, 4, amoadd.d a2, a1, (a3)
  MISALIGNED 6, 2, amoxor.w a2, a1, (a3)
  MISALIGNED 6, 4, amoxor.d a2, a1, (a3)
  MISALIGNED 6, 2, amoand.w a2, a1, (a3)
  MISALIGNED 6, 4, amoand.d a2, a1, (a3)
  MISALIGNED 6, 2, amoor.w a2, a1, (a3)
  MISALIGNED 6, 4, amoor.d a2, a1, (a3)
  MISALIGNED 6, 2, amomin.w a2, a1, (a3)
  MISALIGNED 6, 4, amomin.d a2, a1, (a3)
  MISALIGNED 6, 2, amomax.w a2, a1, (a3)
  MISALIGNED 6, 4, amomax.d a2, a1, (a3)
  MISALIGNED 6, 2, amominu.w a2, a1, (a3)
  MISALIGNED 6, 4, amominu.d a2, a1, (a3)
  MISALIGNED 6, 2, amomaxu.w a2, a1, (a3)
  MISALIGNED 6, 4, amomaxu.d a2, a1, (a3)
END
