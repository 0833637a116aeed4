#include "translator/host/odd_bits.h"

#include <iterator>

namespace emu::translator {
namespace {

constexpr uint64_t kOddBits[] = {
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff'ffff,
    0x8000'0000,
    0xffff'ffff,
    0x1'0000'0000,
    0x7fff'ffff'ffff'ffff,
    0x8000'0000'0000'0000,
    0xffff'ffff'ffff'ffff,
    0xffff'ffff'8000'0000,
    0x3ff0'0000'0000'0000,  // double: 1
    0xbfe0'0000'0000'0000,  // -0.5
    0x4005'0000'0000'0000,  // 2.625
    0x41df'ffff'ffc0'0000,  // 2^31 - 1
    0xc1e0'0000'0020'0000,  // -2^31 - 1
    0x43e0'0000'0000'0000,  // 2^63
    0x43f0'0000'0000'0000,  // 2^64
    0x7fe0'0000'0000'0000,  // nearly the largest
    0x7ff0'0000'0000'0000,  // infinity
    0xfff0'0000'0000'0000,
    0x7ff8'0000'0000'0000,  // canonical NaN
    0xfff8'0000'0000'1234,  // another quiet one
    0x7ff4'0000'0000'0000,  // signalling NaN
    0x0000'0000'0000'0001,  // subnormal
    0x800f'ffff'ffff'ffff,
    0xffff'ffff'3f80'0000,  // boxed float: 1
    0xffff'ffff'0000'0000,
    0xffff'ffff'8000'0000,
    0xffff'ffff'7f80'0000,  // infinity
    0xffff'ffff'7fc0'0000,  // NaNs
    0xffff'ffff'ffc0'0001,
    0xffff'ffff'7fa0'0000,
    0xffff'ffff'4f00'0000,  // 2^31
    0xffff'ffff'0000'0001,
    0x0000'0000'7fa0'0000,
    0x0000'0000'4b7f'ffff,  // 2^24 - 1
};

}  // namespace

uint64_t OddBits(Random& random) {
  const uint64_t choice = random();
  if (choice % 4 == 0) return random() >> (choice >> 8) % 64;
  if (choice % 4 == 1) return -(random() >> (choice >> 8) % 64);
  return kOddBits[(choice >> 8) % std::size(kOddBits)];
}

}  // namespace emu::translator
