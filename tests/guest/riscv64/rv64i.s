# RV64I: computation, branches, loads and stores, and the traps of unprivileged code.

  .include "test.inc"

BEGIN
  # add
  RR add, 0x0, 0x0, 0x0
  RR add, 0x0, 0x1, 0xffffffffffffffff
  RR add, 0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff
  RR add, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR add, 0xffffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR add, 0xffffffff, 0x80000000, 0x7fffffff
  RR add, 0xffffffff80000001, 0xffffffff80000000, 0x1
  RR add, 0x1111111111111100, 0x123456789abcdef0, 0xfedcba9876543210
  RR add, 0x57ba74f27984c16f, 0xf2a74de452e6b438, 0x6513270e269e0d37
  # sub
  RR sub, 0x0, 0x0, 0x0
  RR sub, 0x2, 0x1, 0xffffffffffffffff
  RR sub, 0x0, 0xffffffffffffffff, 0xffffffffffffffff
  RR sub, 0x8000000000000001, 0x8000000000000000, 0xffffffffffffffff
  RR sub, 0x1, 0x8000000000000000, 0x7fffffffffffffff
  RR sub, 0x1, 0x80000000, 0x7fffffff
  RR sub, 0xffffffff7fffffff, 0xffffffff80000000, 0x1
  RR sub, 0x13579be02468ace0, 0x123456789abcdef0, 0xfedcba9876543210
  RR sub, 0x3a1d77ac9418751d, 0xc5c7fd0a6a3a450, 0xd23f0824128b2f33
  # xor
  RR xor, 0x0, 0x0, 0x0
  RR xor, 0xfffffffffffffffe, 0x1, 0xffffffffffffffff
  RR xor, 0x0, 0xffffffffffffffff, 0xffffffffffffffff
  RR xor, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR xor, 0xffffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR xor, 0xffffffff, 0x80000000, 0x7fffffff
  RR xor, 0xffffffff80000001, 0xffffffff80000000, 0x1
  RR xor, 0xece8ece0ece8ece0, 0x123456789abcdef0, 0xfedcba9876543210
  RR xor, 0x8d29704cd4b259d3, 0x1818e811892f902b, 0x9531985d5d9dc9f8
  # or
  RR or, 0x0, 0x0, 0x0
  RR or, 0xffffffffffffffff, 0x1, 0xffffffffffffffff
  RR or, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR or, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR or, 0xffffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR or, 0xffffffff, 0x80000000, 0x7fffffff
  RR or, 0xffffffff80000001, 0xffffffff80000000, 0x1
  RR or, 0xfefcfef8fefcfef0, 0x123456789abcdef0, 0xfedcba9876543210
  RR or, 0xfef67ddc8fff4ef5, 0xe8e25d940ed90475, 0x36f675cc81e74ef5
  # and
  RR and, 0x0, 0x0, 0x0
  RR and, 0x1, 0x1, 0xffffffffffffffff
  RR and, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR and, 0x8000000000000000, 0x8000000000000000, 0xffffffffffffffff
  RR and, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR and, 0x0, 0x80000000, 0x7fffffff
  RR and, 0x0, 0xffffffff80000000, 0x1
  RR and, 0x1214121812141210, 0x123456789abcdef0, 0xfedcba9876543210
  RR and, 0x200001a09014058, 0x1600a35a099950d8, 0x6b0d549b6f03675a
  # slt
  RR slt, 0x0, 0x0, 0x0
  RR slt, 0x0, 0x1, 0xffffffffffffffff
  RR slt, 0x0, 0xffffffffffffffff, 0xffffffffffffffff
  RR slt, 0x1, 0x8000000000000000, 0xffffffffffffffff
  RR slt, 0x1, 0x8000000000000000, 0x7fffffffffffffff
  RR slt, 0x0, 0x80000000, 0x7fffffff
  RR slt, 0x1, 0xffffffff80000000, 0x1
  RR slt, 0x0, 0x123456789abcdef0, 0xfedcba9876543210
  RR slt, 0x0, 0x3d9c172411e20b8f, 0x8d116ece1738f7d9
  # sltu
  RR sltu, 0x0, 0x0, 0x0
  RR sltu, 0x1, 0x1, 0xffffffffffffffff
  RR sltu, 0x0, 0xffffffffffffffff, 0xffffffffffffffff
  RR sltu, 0x1, 0x8000000000000000, 0xffffffffffffffff
  RR sltu, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR sltu, 0x0, 0x80000000, 0x7fffffff
  RR sltu, 0x0, 0xffffffff80000000, 0x1
  RR sltu, 0x1, 0x123456789abcdef0, 0xfedcba9876543210
  RR sltu, 0x1, 0xf21ddb66cad4a26, 0x90c192cfd3ac94af
  # addw
  RR addw, 0x0, 0x0, 0x0
  RR addw, 0x0, 0x1, 0xffffffffffffffff
  RR addw, 0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff
  RR addw, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR addw, 0xffffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR addw, 0xffffffffffffffff, 0x80000000, 0x7fffffff
  RR addw, 0xffffffff80000001, 0xffffffff80000000, 0x1
  RR addw, 0x11111100, 0x123456789abcdef0, 0xfedcba9876543210
  RR addw, 0x58d7ac7c, 0xf28c105d1fb17c23, 0xa170b33839263059
  # subw
  RR subw, 0x0, 0x0, 0x0
  RR subw, 0x2, 0x1, 0xffffffffffffffff
  RR subw, 0x0, 0xffffffffffffffff, 0xffffffffffffffff
  RR subw, 0x1, 0x8000000000000000, 0xffffffffffffffff
  RR subw, 0x1, 0x8000000000000000, 0x7fffffffffffffff
  RR subw, 0x1, 0x80000000, 0x7fffffff
  RR subw, 0x7fffffff, 0xffffffff80000000, 0x1
  RR subw, 0x2468ace0, 0x123456789abcdef0, 0xfedcba9876543210
  RR subw, 0xffffffffae02690c, 0x953f48f1a09f76b5, 0xfd630f1f29d0da9
  # sll
  RR sll, 0x0, 0x0, 0x0
  RR sll, 0x8000000000000000, 0x1, 0xffffffffffffffff
  RR sll, 0x8000000000000000, 0xffffffffffffffff, 0xffffffffffffffff
  RR sll, 0x0, 0x8000000000000000, 0xffffffffffffffff
  RR sll, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR sll, 0x0, 0x80000000, 0x7fffffff
  RR sll, 0xffffffff00000000, 0xffffffff80000000, 0x1
  RR sll, 0x56789abcdef00000, 0x123456789abcdef0, 0xfedcba9876543210
  RR sll, 0xaf593bd04cf00000, 0x95e60af593bd04cf, 0xcb1e29c658cda14
  RR sll, 0x8000000000000000, 0x8000000000000001, 0x3f
  RR sll, 0x8000000000000001, 0x8000000000000001, 0x40
  RR sll, 0xffffffff80000000, 0xffffffffffffffff, 0x1f
  RR sll, 0xffffffff00000000, 0xffffffffffffffff, 0x20
  RR sll, 0x3579bde000000000, 0x123456789abcdef0, 0x21
  RR sll, 0x876543210, 0x87654321, 0x4
  # srl
  RR srl, 0x0, 0x0, 0x0
  RR srl, 0x0, 0x1, 0xffffffffffffffff
  RR srl, 0x1, 0xffffffffffffffff, 0xffffffffffffffff
  RR srl, 0x1, 0x8000000000000000, 0xffffffffffffffff
  RR srl, 0x1, 0x8000000000000000, 0x7fffffffffffffff
  RR srl, 0x0, 0x80000000, 0x7fffffff
  RR srl, 0x7fffffffc0000000, 0xffffffff80000000, 0x1
  RR srl, 0x123456789abc, 0x123456789abcdef0, 0xfedcba9876543210
  RR srl, 0x3898, 0x3898d190f9ebdacc, 0x8e81973e0becd7b0
  RR srl, 0x1, 0x8000000000000001, 0x3f
  RR srl, 0x8000000000000001, 0x8000000000000001, 0x40
  RR srl, 0x1ffffffff, 0xffffffffffffffff, 0x1f
  RR srl, 0xffffffff, 0xffffffffffffffff, 0x20
  RR srl, 0x91a2b3c, 0x123456789abcdef0, 0x21
  RR srl, 0x8765432, 0x87654321, 0x4
  # sra
  RR sra, 0x0, 0x0, 0x0
  RR sra, 0x0, 0x1, 0xffffffffffffffff
  RR sra, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR sra, 0xffffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
  RR sra, 0xffffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR sra, 0x0, 0x80000000, 0x7fffffff
  RR sra, 0xffffffffc0000000, 0xffffffff80000000, 0x1
  RR sra, 0x123456789abc, 0x123456789abcdef0, 0xfedcba9876543210
  RR sra, 0x885efab76f, 0x2217beaddbc496cb, 0x6b4cb2424a23d596
  RR sra, 0xffffffffffffffff, 0x8000000000000001, 0x3f
  RR sra, 0x8000000000000001, 0x8000000000000001, 0x40
  RR sra, 0xffffffffffffffff, 0xffffffffffffffff, 0x1f
  RR sra, 0xffffffffffffffff, 0xffffffffffffffff, 0x20
  RR sra, 0x91a2b3c, 0x123456789abcdef0, 0x21
  RR sra, 0x8765432, 0x87654321, 0x4
  # sllw
  RR sllw, 0x0, 0x0, 0x0
  RR sllw, 0xffffffff80000000, 0x1, 0xffffffffffffffff
  RR sllw, 0xffffffff80000000, 0xffffffffffffffff, 0xffffffffffffffff
  RR sllw, 0x0, 0x8000000000000000, 0xffffffffffffffff
  RR sllw, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR sllw, 0x0, 0x80000000, 0x7fffffff
  RR sllw, 0x0, 0xffffffff80000000, 0x1
  RR sllw, 0xffffffffdef00000, 0x123456789abcdef0, 0xfedcba9876543210
  RR sllw, 0x24ede6a4, 0x8a6a63ec24ede6a4, 0x922766581e27a1c0
  RR sllw, 0xffffffff80000000, 0x8000000000000001, 0x3f
  RR sllw, 0x1, 0x8000000000000001, 0x40
  RR sllw, 0xffffffff80000000, 0xffffffffffffffff, 0x1f
  RR sllw, 0xffffffffffffffff, 0xffffffffffffffff, 0x20
  RR sllw, 0x3579bde0, 0x123456789abcdef0, 0x21
  RR sllw, 0x76543210, 0x87654321, 0x4
  # srlw
  RR srlw, 0x0, 0x0, 0x0
  RR srlw, 0x0, 0x1, 0xffffffffffffffff
  RR srlw, 0x1, 0xffffffffffffffff, 0xffffffffffffffff
  RR srlw, 0x0, 0x8000000000000000, 0xffffffffffffffff
  RR srlw, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR srlw, 0x1, 0x80000000, 0x7fffffff
  RR srlw, 0x40000000, 0xffffffff80000000, 0x1
  RR srlw, 0x9abc, 0x123456789abcdef0, 0xfedcba9876543210
  RR srlw, 0x9df1, 0x8f6d05584ef8aa38, 0xae97ba94d0eda82f
  RR srlw, 0x0, 0x8000000000000001, 0x3f
  RR srlw, 0x1, 0x8000000000000001, 0x40
  RR srlw, 0x1, 0xffffffffffffffff, 0x1f
  RR srlw, 0xffffffffffffffff, 0xffffffffffffffff, 0x20
  RR srlw, 0x4d5e6f78, 0x123456789abcdef0, 0x21
  RR srlw, 0x8765432, 0x87654321, 0x4
  # sraw
  RR sraw, 0x0, 0x0, 0x0
  RR sraw, 0x0, 0x1, 0xffffffffffffffff
  RR sraw, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
  RR sraw, 0x0, 0x8000000000000000, 0xffffffffffffffff
  RR sraw, 0x0, 0x8000000000000000, 0x7fffffffffffffff
  RR sraw, 0xffffffffffffffff, 0x80000000, 0x7fffffff
  RR sraw, 0xffffffffc0000000, 0xffffffff80000000, 0x1
  RR sraw, 0xffffffffffff9abc, 0x123456789abcdef0, 0xfedcba9876543210
  RR sraw, 0x1722, 0x1a61dbe22e44158b, 0x923a736994e3bf91
  RR sraw, 0x0, 0x8000000000000001, 0x3f
  RR sraw, 0x1, 0x8000000000000001, 0x40
  RR sraw, 0xffffffffffffffff, 0xffffffffffffffff, 0x1f
  RR sraw, 0xffffffffffffffff, 0xffffffffffffffff, 0x20
  RR sraw, 0xffffffffcd5e6f78, 0x123456789abcdef0, 0x21
  RR sraw, 0xfffffffff8765432, 0x87654321, 0x4
  # addi
  RI addi, 0x0, 0x0, 0
  RI addi, 0x2, 0x1, 1
  RI addi, 0xfffffffffffffffe, 0xffffffffffffffff, -1
  RI addi, 0x80000000000007ff, 0x8000000000000000, 2047
  RI addi, 0x7ffffffffffff7ff, 0x7fffffffffffffff, -2048
  RI addi, 0x80000064, 0x80000000, 100
  RI addi, 0x7fffff9b, 0x7fffffff, -100
  RI addi, 0xffffffff80000000, 0xffffffff80000000, 0
  RI addi, 0x123456789abcdef1, 0x123456789abcdef0, 1
  RI addi, 0xfedcba987654320f, 0xfedcba9876543210, -1
  # xori
  RI xori, 0x0, 0x0, 0
  RI xori, 0x0, 0x1, 1
  RI xori, 0x0, 0xffffffffffffffff, -1
  RI xori, 0x80000000000007ff, 0x8000000000000000, 2047
  RI xori, 0x80000000000007ff, 0x7fffffffffffffff, -2048
  RI xori, 0x80000064, 0x80000000, 100
  RI xori, 0xffffffff80000063, 0x7fffffff, -100
  RI xori, 0xffffffff80000000, 0xffffffff80000000, 0
  RI xori, 0x123456789abcdef1, 0x123456789abcdef0, 1
  RI xori, 0x123456789abcdef, 0xfedcba9876543210, -1
  # ori
  RI ori, 0x0, 0x0, 0
  RI ori, 0x1, 0x1, 1
  RI ori, 0xffffffffffffffff, 0xffffffffffffffff, -1
  RI ori, 0x80000000000007ff, 0x8000000000000000, 2047
  RI ori, 0xffffffffffffffff, 0x7fffffffffffffff, -2048
  RI ori, 0x80000064, 0x80000000, 100
  RI ori, 0xffffffffffffffff, 0x7fffffff, -100
  RI ori, 0xffffffff80000000, 0xffffffff80000000, 0
  RI ori, 0x123456789abcdef1, 0x123456789abcdef0, 1
  RI ori, 0xffffffffffffffff, 0xfedcba9876543210, -1
  # andi
  RI andi, 0x0, 0x0, 0
  RI andi, 0x1, 0x1, 1
  RI andi, 0xffffffffffffffff, 0xffffffffffffffff, -1
  RI andi, 0x0, 0x8000000000000000, 2047
  RI andi, 0x7ffffffffffff800, 0x7fffffffffffffff, -2048
  RI andi, 0x0, 0x80000000, 100
  RI andi, 0x7fffff9c, 0x7fffffff, -100
  RI andi, 0x0, 0xffffffff80000000, 0
  RI andi, 0x0, 0x123456789abcdef0, 1
  RI andi, 0xfedcba9876543210, 0xfedcba9876543210, -1
  # slti
  RI slti, 0x0, 0x0, 0
  RI slti, 0x0, 0x1, 1
  RI slti, 0x0, 0xffffffffffffffff, -1
  RI slti, 0x1, 0x8000000000000000, 2047
  RI slti, 0x0, 0x7fffffffffffffff, -2048
  RI slti, 0x0, 0x80000000, 100
  RI slti, 0x0, 0x7fffffff, -100
  RI slti, 0x1, 0xffffffff80000000, 0
  RI slti, 0x0, 0x123456789abcdef0, 1
  RI slti, 0x1, 0xfedcba9876543210, -1
  # sltiu
  RI sltiu, 0x0, 0x0, 0
  RI sltiu, 0x0, 0x1, 1
  RI sltiu, 0x0, 0xffffffffffffffff, -1
  RI sltiu, 0x0, 0x8000000000000000, 2047
  RI sltiu, 0x1, 0x7fffffffffffffff, -2048
  RI sltiu, 0x0, 0x80000000, 100
  RI sltiu, 0x1, 0x7fffffff, -100
  RI sltiu, 0x0, 0xffffffff80000000, 0
  RI sltiu, 0x0, 0x123456789abcdef0, 1
  RI sltiu, 0x1, 0xfedcba9876543210, -1
  # addiw
  RI addiw, 0x0, 0x0, 0
  RI addiw, 0x2, 0x1, 1
  RI addiw, 0xfffffffffffffffe, 0xffffffffffffffff, -1
  RI addiw, 0x7ff, 0x8000000000000000, 2047
  RI addiw, 0xfffffffffffff7ff, 0x7fffffffffffffff, -2048
  RI addiw, 0xffffffff80000064, 0x80000000, 100
  RI addiw, 0x7fffff9b, 0x7fffffff, -100
  RI addiw, 0xffffffff80000000, 0xffffffff80000000, 0
  RI addiw, 0xffffffff9abcdef1, 0x123456789abcdef0, 1
  RI addiw, 0x7654320f, 0xfedcba9876543210, -1
  # slli
  RI slli, 0x0, 0x0, 0
  RI slli, 0x2, 0x1, 1
  RI slli, 0xffffffff80000000, 0xffffffffffffffff, 31
  RI slli, 0x0, 0x8000000000000000, 32
  RI slli, 0x8000000000000000, 0x7fffffffffffffff, 63
  RI slli, 0x1000000000000, 0x80000000, 17
  RI slli, 0x7fffffff, 0x7fffffff, 0
  RI slli, 0xffffffff00000000, 0xffffffff80000000, 1
  RI slli, 0x4d5e6f7800000000, 0x123456789abcdef0, 31
  RI slli, 0x7654321000000000, 0xfedcba9876543210, 32
  # srli
  RI srli, 0x0, 0x0, 0
  RI srli, 0x0, 0x1, 1
  RI srli, 0x1ffffffff, 0xffffffffffffffff, 31
  RI srli, 0x80000000, 0x8000000000000000, 32
  RI srli, 0x0, 0x7fffffffffffffff, 63
  RI srli, 0x4000, 0x80000000, 17
  RI srli, 0x7fffffff, 0x7fffffff, 0
  RI srli, 0x7fffffffc0000000, 0xffffffff80000000, 1
  RI srli, 0x2468acf1, 0x123456789abcdef0, 31
  RI srli, 0xfedcba98, 0xfedcba9876543210, 32
  # srai
  RI srai, 0x0, 0x0, 0
  RI srai, 0x0, 0x1, 1
  RI srai, 0xffffffffffffffff, 0xffffffffffffffff, 31
  RI srai, 0xffffffff80000000, 0x8000000000000000, 32
  RI srai, 0x0, 0x7fffffffffffffff, 63
  RI srai, 0x4000, 0x80000000, 17
  RI srai, 0x7fffffff, 0x7fffffff, 0
  RI srai, 0xffffffffc0000000, 0xffffffff80000000, 1
  RI srai, 0x2468acf1, 0x123456789abcdef0, 31
  RI srai, 0xfffffffffedcba98, 0xfedcba9876543210, 32
  # slliw
  RI slliw, 0x0, 0x0, 0
  RI slliw, 0x2, 0x1, 1
  RI slliw, 0xffffffff80000000, 0xffffffffffffffff, 31
  RI slliw, 0x0, 0x8000000000000000, 16
  RI slliw, 0xffffffffffffff80, 0x7fffffffffffffff, 7
  RI slliw, 0xffffffff80000000, 0x80000000, 0
  RI slliw, 0xfffffffffffffffe, 0x7fffffff, 1
  RI slliw, 0x0, 0xffffffff80000000, 31
  RI slliw, 0xffffffffdef00000, 0x123456789abcdef0, 16
  RI slliw, 0x2a190800, 0xfedcba9876543210, 7
  # srliw
  RI srliw, 0x0, 0x0, 0
  RI srliw, 0x0, 0x1, 1
  RI srliw, 0x1, 0xffffffffffffffff, 31
  RI srliw, 0x0, 0x8000000000000000, 16
  RI srliw, 0x1ffffff, 0x7fffffffffffffff, 7
  RI srliw, 0xffffffff80000000, 0x80000000, 0
  RI srliw, 0x3fffffff, 0x7fffffff, 1
  RI srliw, 0x1, 0xffffffff80000000, 31
  RI srliw, 0x9abc, 0x123456789abcdef0, 16
  RI srliw, 0xeca864, 0xfedcba9876543210, 7
  # sraiw
  RI sraiw, 0x0, 0x0, 0
  RI sraiw, 0x0, 0x1, 1
  RI sraiw, 0xffffffffffffffff, 0xffffffffffffffff, 31
  RI sraiw, 0x0, 0x8000000000000000, 16
  RI sraiw, 0xffffffffffffffff, 0x7fffffffffffffff, 7
  RI sraiw, 0xffffffff80000000, 0x80000000, 0
  RI sraiw, 0x3fffffff, 0x7fffffff, 1
  RI sraiw, 0xffffffffffffffff, 0xffffffff80000000, 31
  RI sraiw, 0xffffffffffff9abc, 0x123456789abcdef0, 16
  RI sraiw, 0xeca864, 0xfedcba9876543210, 7
  # beq
  BRANCH beq, 1, 0x0, 0x0
  BRANCH beq, 0, 0x0, 0x1
  BRANCH beq, 0, 0x1, 0x0
  BRANCH beq, 0, 0xffffffffffffffff, 0x0
  BRANCH beq, 0, 0x0, 0xffffffffffffffff
  BRANCH beq, 0, 0x8000000000000000, 0x7fffffffffffffff
  BRANCH beq, 1, 0xffffffffffffffff, 0xffffffffffffffff
  # bne
  BRANCH bne, 0, 0x0, 0x0
  BRANCH bne, 1, 0x0, 0x1
  BRANCH bne, 1, 0x1, 0x0
  BRANCH bne, 1, 0xffffffffffffffff, 0x0
  BRANCH bne, 1, 0x0, 0xffffffffffffffff
  BRANCH bne, 1, 0x8000000000000000, 0x7fffffffffffffff
  BRANCH bne, 0, 0xffffffffffffffff, 0xffffffffffffffff
  # blt
  BRANCH blt, 0, 0x0, 0x0
  BRANCH blt, 1, 0x0, 0x1
  BRANCH blt, 0, 0x1, 0x0
  BRANCH blt, 1, 0xffffffffffffffff, 0x0
  BRANCH blt, 0, 0x0, 0xffffffffffffffff
  BRANCH blt, 1, 0x8000000000000000, 0x7fffffffffffffff
  BRANCH blt, 0, 0xffffffffffffffff, 0xffffffffffffffff
  # bge
  BRANCH bge, 1, 0x0, 0x0
  BRANCH bge, 0, 0x0, 0x1
  BRANCH bge, 1, 0x1, 0x0
  BRANCH bge, 0, 0xffffffffffffffff, 0x0
  BRANCH bge, 1, 0x0, 0xffffffffffffffff
  BRANCH bge, 0, 0x8000000000000000, 0x7fffffffffffffff
  BRANCH bge, 1, 0xffffffffffffffff, 0xffffffffffffffff
  # bltu
  BRANCH bltu, 0, 0x0, 0x0
  BRANCH bltu, 1, 0x0, 0x1
  BRANCH bltu, 0, 0x1, 0x0
  BRANCH bltu, 0, 0xffffffffffffffff, 0x0
  BRANCH bltu, 1, 0x0, 0xffffffffffffffff
  BRANCH bltu, 0, 0x8000000000000000, 0x7fffffffffffffff
  BRANCH bltu, 0, 0xffffffffffffffff, 0xffffffffffffffff
  # bgeu
  BRANCH bgeu, 1, 0x0, 0x0
  BRANCH bgeu, 0, 0x0, 0x1
  BRANCH bgeu, 1, 0x1, 0x0
  BRANCH bgeu, 1, 0xffffffffffffffff, 0x0
  BRANCH bgeu, 0, 0x0, 0xffffffffffffffff
  BRANCH bgeu, 1, 0x8000000000000000, 0x7fffffffffffffff
  BRANCH bgeu, 1, 0xffffffffffffffff, 0xffffffffffffffff
  # Loads, misaligned ones too.
  LOAD lb, 0xffffffffffffff80, 0
  LOAD lb, 0x7f, 1
  LOAD lb, 0xfffffffffffffffe, 2
  LOAD lb, 0xffffffffffffffc5, 5
  LOAD lb, 0xffffffffffffffab, 8
  LOAD lb, 0xfffffffffffffff1, -8
  LOAD lb, 0xffffffffffffffa6, -3
  LOAD lh, 0x7f80, 0
  LOAD lh, 0xfffffffffffffe7f, 1
  LOAD lh, 0x1fe, 2
  LOAD lh, 0x67c5, 5
  LOAD lh, 0xffffffffffffcdab, 8
  LOAD lh, 0xffffffffffffe2f1, -8
  LOAD lh, 0xffffffffffff97a6, -3
  LOAD lw, 0x1fe7f80, 0
  LOAD lw, 0x2301fe7f, 1
  LOAD lw, 0xffffffffc52301fe, 2
  LOAD lw, 0xffffffffab8967c5, 5
  LOAD lw, 0x10efcdab, 8
  LOAD lw, 0xffffffffc4d3e2f1, -8
  LOAD lw, 0xffffffff808897a6, -3
  LOAD ld, 0x8967c52301fe7f80, 0
  LOAD ld, 0xab8967c52301fe7f, 1
  LOAD ld, 0xcdab8967c52301fe, 2
  LOAD ld, 0x3210efcdab8967c5, 5
  LOAD ld, 0x9876543210efcdab, 8
  LOAD ld, 0x8897a6b5c4d3e2f1, -8
  LOAD ld, 0x2301fe7f808897a6, -3
  LOAD lbu, 0x80, 0
  LOAD lbu, 0x7f, 1
  LOAD lbu, 0xfe, 2
  LOAD lbu, 0xc5, 5
  LOAD lbu, 0xab, 8
  LOAD lbu, 0xf1, -8
  LOAD lbu, 0xa6, -3
  LOAD lhu, 0x7f80, 0
  LOAD lhu, 0xfe7f, 1
  LOAD lhu, 0x1fe, 2
  LOAD lhu, 0x67c5, 5
  LOAD lhu, 0xcdab, 8
  LOAD lhu, 0xe2f1, -8
  LOAD lhu, 0x97a6, -3
  LOAD lwu, 0x1fe7f80, 0
  LOAD lwu, 0x2301fe7f, 1
  LOAD lwu, 0xc52301fe, 2
  LOAD lwu, 0xab8967c5, 5
  LOAD lwu, 0x10efcdab, 8
  LOAD lwu, 0xc4d3e2f1, -8
  LOAD lwu, 0x808897a6, -3
  # Stores, misaligned ones too.
  STORE sb, 0xffffffffffffff11, 0xffffffffffffffff, 0x8877665544332211, 0
  STORE sb, 0xffffffffffff11ff, 0xffffffffffffffff, 0x8877665544332211, 1
  STORE sb, 0xffffffff11ffffff, 0xffffffffffffffff, 0x8877665544332211, 3
  STORE sb, 0xff11ffffffffffff, 0xffffffffffffffff, 0x8877665544332211, 6
  STORE sb, 0xffffffffffffffff, 0xffffffffffffff11, 0x8877665544332211, 8
  STORE sh, 0xffffffffffff2211, 0xffffffffffffffff, 0x8877665544332211, 0
  STORE sh, 0xffffffffff2211ff, 0xffffffffffffffff, 0x8877665544332211, 1
  STORE sh, 0xffffff2211ffffff, 0xffffffffffffffff, 0x8877665544332211, 3
  STORE sh, 0x2211ffffffffffff, 0xffffffffffffffff, 0x8877665544332211, 6
  STORE sh, 0xffffffffffffffff, 0xffffffffffff2211, 0x8877665544332211, 8
  STORE sw, 0xffffffff44332211, 0xffffffffffffffff, 0x8877665544332211, 0
  STORE sw, 0xffffff44332211ff, 0xffffffffffffffff, 0x8877665544332211, 1
  STORE sw, 0xff44332211ffffff, 0xffffffffffffffff, 0x8877665544332211, 3
  STORE sw, 0x2211ffffffffffff, 0xffffffffffff4433, 0x8877665544332211, 6
  STORE sw, 0xffffffffffffffff, 0xffffffff44332211, 0x8877665544332211, 8
  STORE sd, 0x8877665544332211, 0xffffffffffffffff, 0x8877665544332211, 0
  STORE sd, 0x77665544332211ff, 0xffffffffffffff88, 0x8877665544332211, 1
  STORE sd, 0x5544332211ffffff, 0xffffffffff887766, 0x8877665544332211, 3
  STORE sd, 0x2211ffffffffffff, 0xffff887766554433, 0x8877665544332211, 6
  STORE sd, 0xffffffffffffffff, 0x8877665544332211, 0x8877665544332211, 8
  # lui and auipc: all 32 bits are sign-extended.
.macro UPPER_CHECK name, expected, actual
  NAME \@, \name
  la t4, .Lname\@
  li a7, \expected
  EXPECT \actual
.endm
  lui a0, 0x80000
  UPPER_CHECK "lui 0x80000", 0xffffffff80000000, a0
  lui a0, 0x7ffff
  UPPER_CHECK "lui 0x7ffff", 0x7ffff000, a0
  lui a0, 0
  UPPER_CHECK "lui 0", 0, a0
1:
  auipc a0, 0
  la a1, 1b
  sub a0, a0, a1
  UPPER_CHECK "auipc 0", 0, a0
1:
  auipc a0, 0x80000
  la a1, 1b
  sub a0, a0, a1
  UPPER_CHECK "auipc 0x80000", 0xffffffff80000000, a0
  # jal and jalr: the link, the target, its cleared lowest bit, rd equal to rs1.
1:
  jal a0, 2f
  nop
2:
  la a1, 1b
  sub a0, a0, a1
  UPPER_CHECK "jal", 4, a0
  la a1, 3f
  addi a1, a1, -7
1:
  jalr a0, 8(a1)
  nop
3:
  la a2, 1b
  sub a0, a0, a2
  UPPER_CHECK "jalr", 4, a0
  la a1, 3f
1:
  jalr a1, (a1)
  nop
3:
  la a2, 1b
  sub a1, a1, a2
  UPPER_CHECK "jalr over its base", 4, a1
  # Fences and hints do nothing to registers.
  li a0, 5
  fence rw, rw
  fence.tso
  .insn i MISC_MEM, 0, x0, x0, 0x010          # pause
  addi zero, a0, 1
  UPPER_CHECK "x0 stays zero", 0, zero
  .irp locality, x2, x3, x4, x5               # Zihintntl
  add zero, zero, \locality
  UPPER_CHECK "after ntl", 0, zero
  .endr
  # Traps.
  TRAPS 11, 0, ecall
  TRAPS 2, 0xffffffff, .word 0xffffffff
  TRAPS 2, 0x00000000, .half 0
  TRAPS 2, 0x0000707f, .word 0x0000707f       # a load of no known width
  la t2, 2f
  la t0, wanted_trap
  csrw mtvec, t0
1:
  ebreak
2:
  UPPER_CHECK "ebreak: cause", 3, t0
  la t0, 1b
  sub t0, t0, t1
  UPPER_CHECK "ebreak: mtval is its address", 0, t0
  la t0, unexpected_trap
  csrw mtvec, t0
  j 2f
  .section .rodata
  .balign 16
  .byte 0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6, 0x97, 0x88
pattern: .byte 0x80, 0x7f, 0xfe, 0x1, 0x23, 0xc5, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x10, 0x32, 0x54, 0x76, 0x98
  .text
2:
END
