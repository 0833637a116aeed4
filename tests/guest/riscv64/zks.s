# Zksed and Zksh: SM4 and SM3.

  .include "test.inc"

# The byte's number as part of the name, where RR wants three operands.
.macro sm4ed.0 rd, rs1, rs2
  sm4ed \rd, \rs1, \rs2, 0
.endm
.macro sm4ed.1 rd, rs1, rs2
  sm4ed \rd, \rs1, \rs2, 1
.endm
.macro sm4ed.2 rd, rs1, rs2
  sm4ed \rd, \rs1, \rs2, 2
.endm
.macro sm4ed.3 rd, rs1, rs2
  sm4ed \rd, \rs1, \rs2, 3
.endm
.macro sm4ks.0 rd, rs1, rs2
  sm4ks \rd, \rs1, \rs2, 0
.endm
.macro sm4ks.1 rd, rs1, rs2
  sm4ks \rd, \rs1, \rs2, 1
.endm
.macro sm4ks.2 rd, rs1, rs2
  sm4ks \rd, \rs1, \rs2, 2
.endm
.macro sm4ks.3 rd, rs1, rs2
  sm4ks \rd, \rs1, \rs2, 3
.endm

BEGIN
  # sm4ed
  RR sm4ed.0, 0x5b5bd58e, 0x0, 0x0
  RR sm4ed.0, 0x21214968, 0x0, 0xffffffffffffffff
  RR sm4ed.0, 0xffffffffc24292d0, 0x80000000, 0x1
  RR sm4ed.0, 0x5353d478, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ed.0, 0xffffffffc2071b91, 0x7ca07386cc099a1e, 0xae9ca08b2d7c5048
  RR sm4ed.0, 0xffffffffec4e2cd8, 0x303a07b28f2df760, 0x82450164728a6fcf
  RR sm4ed.1, 0x5bd58e5b, 0x0, 0x0
  RR sm4ed.1, 0x21496821, 0x0, 0xffffffffffffffff
  RR sm4ed.1, 0xffffffffdbd58e5b, 0x80000000, 0x1
  RR sm4ed.1, 0xffffffff8d61138d, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ed.1, 0xffffffffdceb6678, 0xfc3b66fa30d0b194, 0xc4ff64debb5d6b48
  RR sm4ed.1, 0x6a569540, 0x6b52b08d21870f0b, 0x623d8eb7a4ca83b2
  RR sm4ed.2, 0xffffffffd58e5b5b, 0x0, 0x0
  RR sm4ed.2, 0x49682121, 0x0, 0xffffffffffffffff
  RR sm4ed.2, 0x558e5b5b, 0x80000000, 0x1
  RR sm4ed.2, 0xffffffffb9a4e2e2, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ed.2, 0xffffffff91654d85, 0x65151c401dd377bf, 0xfd7410696bb6a3de
  RR sm4ed.2, 0x5085c0f0, 0x1edc8e367e5d6d, 0xdd44fd3645114889
  RR sm4ed.3, 0xffffffff8e5b5bd5, 0x0, 0x0
  RR sm4ed.3, 0x68212149, 0x0, 0xffffffffffffffff
  RR sm4ed.3, 0xe5b5bd5, 0x80000000, 0x1
  RR sm4ed.3, 0xffffffffbd545416, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ed.3, 0xffffffffa8ce8e74, 0xf9903b72f88ece64, 0x97bdd982cdac6046
  RR sm4ed.3, 0xffffffff86822a5d, 0xff769e374ddc74c8, 0x50684bfe286852c
  # sm4ks
  RR sm4ks.0, 0xffffffffc01a6bd6, 0x0, 0x0
  RR sm4ks.0, 0x92448, 0x0, 0xffffffffffffffff
  RR sm4ks.0, 0xffffffff80124890, 0x80000000, 0x1
  RR sm4ks.0, 0xffffffff9f7aead4, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ks.0, 0x557a37a9, 0x2ff3600735f11af2, 0xfeef16e964ef2ebe
  RR sm4ks.0, 0x5ab74fa9, 0x9a1de24edab871d5, 0x93b3a3d9a44f576a
  RR sm4ks.1, 0x1a6bd6c0, 0x0, 0x0
  RR sm4ks.1, 0x9244800, 0x0, 0xffffffffffffffff
  RR sm4ks.1, 0xffffffff9a6bd6c0, 0x80000000, 0x1
  RR sm4ks.1, 0xffffffffecb1637f, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ks.1, 0xffffffff88ebe17d, 0xac793f519af685d, 0x2577c1ecfd42e044
  RR sm4ks.1, 0x36961c5b, 0x7108e02236971e1b, 0x27385c9421e7a60
  RR sm4ks.2, 0x6bd6c01a, 0x0, 0x0
  RR sm4ks.2, 0x24480009, 0x0, 0xffffffffffffffff
  RR sm4ks.2, 0xffffffffebd6c01a, 0x80000000, 0x1
  RR sm4ks.2, 0xffffffffdcb81f77, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ks.2, 0xffffffffb126fdc5, 0x9c3ecb54c5cefdd8, 0xd48dd9f354366c21
  RR sm4ks.2, 0x6587709b, 0x62dc08d64bdbf090, 0x1304145212ca3f70
  RR sm4ks.3, 0xffffffffd6c01a6b, 0x0, 0x0
  RR sm4ks.3, 0x48000924, 0x0, 0xffffffffffffffff
  RR sm4ks.3, 0x56c01a6b, 0x80000000, 0x1
  RR sm4ks.3, 0x15bfe28a, 0xffffffffffffffff, 0x8000000080402010
  RR sm4ks.3, 0x2391ed4d, 0x356f8bd11711eb57, 0xa2f7647a952e1b8b
  RR sm4ks.3, 0xffffffffad568a11, 0x3f8670d3e361858, 0x5e617f8e99edbce7
  # sm3p0
  R1 sm3p0, 0x0, 0x0
  R1 sm3p0, 0x20201, 0x1
  R1 sm3p0, 0xffffffffffffffff, 0xffffffffffffffff
  R1 sm3p0, 0x0, 0x8000000000000000
  R1 sm3p0, 0xffffffff80010100, 0x80000000
  R1 sm3p0, 0x7ffefeff, 0x7fffffff
  R1 sm3p0, 0xffffffff80010100, 0xffffffff80000000
  R1 sm3p0, 0x5ee00abc, 0x123456789abcdef0
  R1 sm3p0, 0xffffffffeec951f9, 0x9f452c075f27ff08
  R1 sm3p0, 0xffffffff9a6318a3, 0x20918fa774057241
  R1 sm3p0, 0x550f0762, 0x965768e0f589d99a
  # sm3p1
  R1 sm3p1, 0x0, 0x0
  R1 sm3p1, 0x808001, 0x1
  R1 sm3p1, 0xffffffffffffffff, 0xffffffffffffffff
  R1 sm3p1, 0x0, 0x8000000000000000
  R1 sm3p1, 0xffffffff80404000, 0x80000000
  R1 sm3p1, 0x7fbfbfff, 0x7fffffff
  R1 sm3p1, 0xffffffff80404000, 0xffffffff80000000
  R1 sm3p1, 0xffffffff8d89cdc1, 0x123456789abcdef0
  R1 sm3p1, 0xffffffffa79b89a3, 0xd5157e9d7bd55ee6
  R1 sm3p1, 0xffffffffe1205bfa, 0x22bfb8e0931719fd
  R1 sm3p1, 0xffffffffa79024ee, 0x62d74145ddd4a054
END
