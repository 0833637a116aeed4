# Zknd, Zkne and Zknh: AES and SHA-2.

  .include "test.inc"

BEGIN
  # aes64ds
  RR aes64ds, 0x5252525252525252, 0x0, 0x0
  RR aes64ds, 0x7d7d5252527d7d09, 0x1, 0xffffffffffffffff
  RR aes64ds, 0x7d7d7d7d7d7d7d7d, 0xffffffffffffffff, 0xffffffffffffffff
  RR aes64ds, 0x7d7d52523a7d7d52, 0x8000000000000000, 0xffffffffffffffff
  RR aes64ds, 0x7d7d52523a7d7d52, 0x8000000000000000, 0x7fffffffffffffff
  RR aes64ds, 0x6b525252527d5252, 0x80000000, 0x7fffffff
  RR aes64ds, 0x5252527d7d525252, 0xffffffff80000000, 0x1
  RR aes64ds, 0xf939cc139fdc017, 0x123456789abcdef0, 0xfedcba9876543210
  RR aes64ds, 0x9ed7093038a3f352, 0x706050403020100, 0xf0e0d0c0b0a0908
  RR aes64ds, 0x7357c25dc96584b3, 0xdda1494c73cf256d, 0xdb5b5fab8f4d3e27
  RR aes64ds, 0x20e7c363128d4b4, 0xc7fde805ec99108d, 0x73ab48767734d7c1
  RR aes64ds, 0x35753b6c7a9d05cd, 0xdae445508201e2bd, 0x309d6b79965eda32
  # aes64dsm
  RR aes64dsm, 0x5252525252525252, 0x0, 0x0
  RR aes64dsm, 0x9fc1b0eeed5d749f, 0x1, 0xffffffffffffffff
  RR aes64dsm, 0x7d7d7d7d7d7d7d7d, 0xffffffffffffffff, 0xffffffffffffffff
  RR aes64dsm, 0x9fc1b0eee84a7fb5, 0x8000000000000000, 0xffffffffffffffff
  RR aes64dsm, 0x9fc1b0eee84a7fb5, 0x8000000000000000, 0x7fffffffffffffff
  RR aes64dsm, 0x17ca5cb81ed340a2, 0x80000000, 0x7fffffff
  RR aes64dsm, 0x40a21ed3d340a21e, 0xffffffff80000000, 0x1
  RR aes64dsm, 0x61706bbb2760f8ac, 0x123456789abcdef0, 0xfedcba9876543210
  RR aes64dsm, 0x6e29192e1c96a313, 0x706050403020100, 0xf0e0d0c0b0a0908
  RR aes64dsm, 0x63e38eaf827fe301, 0xcdcc69292f45e678, 0x79cb9e86830c71c2
  RR aes64dsm, 0x4c83601ec44e0c95, 0x9d2c67eda13ffe79, 0x2fa91425cb008853
  RR aes64dsm, 0xd995b3af08e45f9a, 0x7253edc618187993, 0x244caf9c4dabb481
  # aes64es
  RR aes64es, 0x6363636363636363, 0x0, 0x0
  RR aes64es, 0x631616631616637c, 0x1, 0xffffffffffffffff
  RR aes64es, 0x1616161616161616, 0xffffffffffffffff, 0xffffffffffffffff
  RR aes64es, 0x6316166316166363, 0x8000000000000000, 0xffffffffffffffff
  RR aes64es, 0x63161663d2166363, 0x8000000000000000, 0x7fffffffffffffff
  RR aes64es, 0xcd63166363166363, 0x80000000, 0x7fffffff
  RR aes64es, 0xcd63631663631663, 0xffffffff80000000, 0x1
  RR aes64es, 0xb88623bcbb20b18c, 0x123456789abcdef0, 0xfedcba9876543210
  RR aes64es, 0x7bab01f276676b63, 0x706050403020100, 0xf0e0d0c0b0a0908
  RR aes64es, 0xf0dfc1cf111b3e3f, 0x89e7d15f17362f25, 0xe3eff9c0cf44dd3f
  RR aes64es, 0xc89f62aa466cd2cc, 0xa26b7f62b1852f27, 0x986e86cb0ab8ab67
  RR aes64es, 0xf684c408f2d7a18, 0x656abd72fb710734, 0x73f778aaf6fa5db8
  # aes64esm
  RR aes64esm, 0x6363636363636363, 0x0, 0x0
  RR aes64esm, 0x63fc1689dd09965d, 0x1, 0xffffffffffffffff
  RR aes64esm, 0x1616161616161616, 0xffffffffffffffff, 0xffffffffffffffff
  RR aes64esm, 0x63fc1689fc168963, 0x8000000000000000, 0xffffffffffffffff
  RR aes64esm, 0x63fc16896f414da7, 0x8000000000000000, 0x7fffffffffffffff
  RR aes64esm, 0x51ff27521689fc16, 0x80000000, 0x7fffffff
  RR aes64esm, 0xbbffb827161689fc, 0xffffffff80000000, 0x1
  RR aes64esm, 0x115bd33873ab2e50, 0x123456789abcdef0, 0xfedcba9876543210
  RR aes64esm, 0x51336d2c455c6a6a, 0x706050403020100, 0xf0e0d0c0b0a0908
  RR aes64esm, 0xb4a88e034120c1b6, 0xbd299753a7677796, 0xa66b0d389d95847e
  RR aes64esm, 0xc42a0c32602b0be9, 0x9f8558a628518867, 0xd4ea65d003d71684
  RR aes64esm, 0xa40b1c54beee2150, 0x102b938b8743feb6, 0x9208a650f3ebdd3
  # aes64ks2
  RR aes64ks2, 0x0, 0x0, 0x0
  RR aes64ks2, 0xffffffff, 0x1, 0xffffffffffffffff
  RR aes64ks2, 0xffffffff00000000, 0xffffffffffffffff, 0xffffffffffffffff
  RR aes64ks2, 0x800000007fffffff, 0x8000000000000000, 0xffffffffffffffff
  RR aes64ks2, 0x7fffffff, 0x8000000000000000, 0x7fffffffffffffff
  RR aes64ks2, 0x7fffffff7fffffff, 0x80000000, 0x7fffffff
  RR aes64ks2, 0xfffffffefffffffe, 0xffffffff80000000, 0x1
  RR aes64ks2, 0x9abcdef064606468, 0x123456789abcdef0, 0xfedcba9876543210
  RR aes64ks2, 0x30201000c0c0c0c, 0x706050403020100, 0xf0e0d0c0b0a0908
  RR aes64ks2, 0x45444392dcc4d1b7, 0xe12b2b8f30b17d0b, 0x998092253deffa38
  RR aes64ks2, 0xe271827db1f6746e, 0xc7321cc007b37e14, 0x5387f61376c468ae
  RR aes64ks2, 0x72e0c72440e053ce, 0x97491e2370c6a5b8, 0x320094ead7a94ded
  # aes64im
  R1 aes64im, 0x0, 0x0
  R1 aes64im, 0xb0d090e, 0x1
  R1 aes64im, 0xffffffffffffffff, 0xffffffffffffffff
  R1 aes64im, 0x41f7daec00000000, 0x8000000000000000
  R1 aes64im, 0x41f7daec, 0x80000000
  R1 aes64im, 0xbe082513, 0x7fffffff
  R1 aes64im, 0xffffffff41f7daec, 0xffffffff80000000
  R1 aes64im, 0x851bd1470d9359cf, 0x123456789abcdef0
  R1 aes64im, 0xe371ccc0c8e3bdc6, 0x3bd0334684e55160
  R1 aes64im, 0x23a21b6c2985fa7a, 0x4b4d8474a3ea284d
  R1 aes64im, 0xa0a7bc3f7d7a31b3, 0x12d0ea67ff12229
  # aes64ks1i
  RI aes64ks1i, 0x9e5978b49e5978b4, 0x15c1d2dfa9964aef, 0
  RI aes64ks1i, 0x605c32f8605c32f8, 0xa7a1149075139237, 1
  RI aes64ks1i, 0x3745932037459320, 0x6822a6b24735af1c, 2
  RI aes64ks1i, 0x575dc0f0575dc0f0, 0x8d1fe1daff666589, 3
  RI aes64ks1i, 0x752813de752813de, 0xee82ec3ffee5a5b2, 4
  RI aes64ks1i, 0xac592995ac592995, 0x154cd2aad7185dda, 5
  RI aes64ks1i, 0x5c836b0b5c836b0b, 0x4105cca7b53302fc, 6
  RI aes64ks1i, 0x25252bba25252bba, 0xc20ba2c250b601fc, 7
  RI aes64ks1i, 0xdaec295edaec295e, 0x834c687a3acb6266, 8
  RI aes64ks1i, 0xbec55e83bec55e83, 0x79dd25a49fe85b0, 9
  RI aes64ks1i, 0x60e5f08460e5f084, 0x902a174f11fa2ac0, 10
  TRAPS 2, 0x31b51593, .4byte 0x31b51593
  TRAPS 2, 0x31c51593, .4byte 0x31c51593
  TRAPS 2, 0x31f51593, .4byte 0x31f51593
  # sha256sum0
  R1 sha256sum0, 0x0, 0x0
  R1 sha256sum0, 0x40080400, 0x1
  R1 sha256sum0, 0xffffffffffffffff, 0xffffffffffffffff
  R1 sha256sum0, 0x0, 0x8000000000000000
  R1 sha256sum0, 0x20040200, 0x80000000
  R1 sha256sum0, 0xffffffffdffbfdff, 0x7fffffff
  R1 sha256sum0, 0x20040200, 0xffffffff80000000
  R1 sha256sum0, 0x22502030, 0x123456789abcdef0
  R1 sha256sum0, 0x17493e17, 0x1ba1192ec42b7170
  R1 sha256sum0, 0xffffffff8b43571a, 0x1b98fbe466809a11
  R1 sha256sum0, 0x7219dbb8, 0x4a789cb3d8b9b45c
  # sha256sum1
  R1 sha256sum1, 0x0, 0x0
  R1 sha256sum1, 0x4200080, 0x1
  R1 sha256sum1, 0xffffffffffffffff, 0xffffffffffffffff
  R1 sha256sum1, 0x0, 0x8000000000000000
  R1 sha256sum1, 0x2100040, 0x80000000
  R1 sha256sum1, 0xfffffffffdefffbf, 0x7fffffff
  R1 sha256sum1, 0x2100040, 0xffffffff80000000
  R1 sha256sum1, 0x4216dcad, 0x123456789abcdef0
  R1 sha256sum1, 0xffffffffb3811954, 0x111b8aaa62f28d1a
  R1 sha256sum1, 0x5549afa2, 0x452ef05f542441d
  R1 sha256sum1, 0x417d32e9, 0xaf5570eed8e94b15
  # sha256sig0
  R1 sha256sig0, 0x0, 0x0
  R1 sha256sig0, 0x2004000, 0x1
  R1 sha256sig0, 0x1fffffff, 0xffffffffffffffff
  R1 sha256sig0, 0x0, 0x8000000000000000
  R1 sha256sig0, 0x11002000, 0x80000000
  R1 sha256sig0, 0xeffdfff, 0x7fffffff
  R1 sha256sig0, 0x11002000, 0xffffffff80000000
  R1 sha256sig0, 0xffffffffc5dec4cc, 0x123456789abcdef0
  R1 sha256sig0, 0xffffffffe9a4b1b5, 0x36a80bdf0023b682
  R1 sha256sig0, 0xffffffffac486c32, 0xed52a24135b00a54
  R1 sha256sig0, 0x47c507f3, 0xd650372e90794df
  # sha256sig1
  R1 sha256sig1, 0x0, 0x0
  R1 sha256sig1, 0xa000, 0x1
  R1 sha256sig1, 0x3fffff, 0xffffffffffffffff
  R1 sha256sig1, 0x0, 0x8000000000000000
  R1 sha256sig1, 0x205000, 0x80000000
  R1 sha256sig1, 0x1fafff, 0x7fffffff
  R1 sha256sig1, 0x205000, 0xffffffff80000000
  R1 sha256sig1, 0xfffffffff480f13e, 0x123456789abcdef0
  R1 sha256sig1, 0xffffffffa9db2767, 0x601e5b4578511608
  R1 sha256sig1, 0x7f5f7c10, 0xb57a6a1dfaf8cda9
  R1 sha256sig1, 0x7e25b10f, 0x6b77730f65bd9acb
  # sha512sum0
  R1 sha512sum0, 0x0, 0x0
  R1 sha512sum0, 0x1042000000, 0x1
  R1 sha512sum0, 0xffffffffffffffff, 0xffffffffffffffff
  R1 sha512sum0, 0x821000000, 0x8000000000000000
  R1 sha512sum0, 0x2100000000000008, 0x80000000
  R1 sha512sum0, 0xe0fffff03e000007, 0x7fffffff
  R1 sha512sum0, 0x1f00000fc1fffff8, 0xffffffff80000000
  R1 sha512sum0, 0x7c57a100c7ec1abb, 0x123456789abcdef0
  R1 sha512sum0, 0xb3a38d04024f2492, 0x90f5380e12b2a414
  R1 sha512sum0, 0xc135eab963d25252, 0x32d03fdda123f501
  R1 sha512sum0, 0x209a4b30b805b4a1, 0xacc6d8f2c74c7ccf
  # sha512sum1
  R1 sha512sum1, 0x0, 0x0
  R1 sha512sum1, 0x4400000800000, 0x1
  R1 sha512sum1, 0xffffffffffffffff, 0xffffffffffffffff
  R1 sha512sum1, 0x2200000400000, 0x8000000000000000
  R1 sha512sum1, 0x40000000022000, 0x80000000
  R1 sha512sum1, 0x3c3fffff81e000, 0x7fffffff
  R1 sha512sum1, 0xffc3c000007e1fff, 0xffffffff80000000
  R1 sha512sum1, 0x7031123334755677, 0x123456789abcdef0
  R1 sha512sum1, 0xfb15c57465655a49, 0x563e9bed45100358
  R1 sha512sum1, 0xe02cacdee900918, 0x4fab6f3e164f1513
  R1 sha512sum1, 0x652dd511724f1b3, 0x3e0d681552454f1
  # sha512sig0
  R1 sha512sig0, 0x0, 0x0
  R1 sha512sig0, 0x8100000000000000, 0x1
  R1 sha512sig0, 0x1ffffffffffffff, 0xffffffffffffffff
  R1 sha512sig0, 0x4180000000000000, 0x8000000000000000
  R1 sha512sig0, 0x41800000, 0x80000000
  R1 sha512sig0, 0x7f0000003f7fffff, 0x7fffffff
  R1 sha512sig0, 0x7effffffc0800000, 0xffffffff80000000
  R1 sha512sig0, 0xf92c77c6c4f1aa1b, 0x123456789abcdef0
  R1 sha512sig0, 0xccc58745127d8fab, 0x68f918d8f6cdb2f8
  R1 sha512sig0, 0x132b9f6737416ba1, 0xec3fbf4dc20ef164
  R1 sha512sig0, 0x605ce8322738042c, 0x2274ea181e34b3f1
  # sha512sig1
  R1 sha512sig1, 0x0, 0x0
  R1 sha512sig1, 0x200000000008, 0x1
  R1 sha512sig1, 0x3ffffffffffffff, 0xffffffffffffffff
  R1 sha512sig1, 0x200100000000004, 0x8000000000000000
  R1 sha512sig1, 0x402001000, 0x80000000
  R1 sha512sig1, 0xffffe003fe000ff8, 0x7fffffff
  R1 sha512sig1, 0xfc001ffc01fff007, 0xffffffff80000000
  R1 sha512sig1, 0xa3460dbbd4317ac, 0x123456789abcdef0
  R1 sha512sig1, 0xcdd02feca073b408, 0xb4ff00ae3f1347de
  R1 sha512sig1, 0xd31c82ebccc3c59c, 0x2cdf2af19de2bc1
  R1 sha512sig1, 0x1c7cf6b00311b1fb, 0x77064c2c0f552c94
END
