// The values that random tests of guests start from: those at the edges of what instructions tell
// apart, more often than chance would have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace emu::testing {

// The same values for the same seed.
class InterestingValues {
 public:
  static constexpr uint64_t kIntegers[] = {
      0,           1,           2,  ~0ull, 1ull << 63, ~0ull >> 1, 1u << 31, 0xffff'ffff'8000'0000,
      0x7fff'ffff, 0xffff'ffff, 64, 63};
  static constexpr uint64_t kDoubles[] = {0,
                                          1ull << 63,
                                          0x3ff0ull << 48,
                                          0xbff0ull << 48,
                                          0x7ff0ull << 48,
                                          0xfff0ull << 48,
                                          0x7ff8ull << 48,
                                          0xfff8'0000'0000'0001,
                                          0x7ff0'0000'0000'0001,
                                          1,
                                          0x800f'ffff'ffff'ffff,
                                          0x0010ull << 48,
                                          0x7fef'ffff'ffff'ffff,
                                          0x3ff0'0000'0000'0001,
                                          0x4340'0000'0000'0001,
                                          0x43e0ull << 48,
                                          0x41e0ull << 48,
                                          0x47ef'ffff'f000'0000,
                                          0x3690ull << 48};
  static constexpr uint32_t kSingles[] = {0x0000'0000, 0x8000'0000, 0x3f80'0000, 0xbf80'0000,
                                          0x7f80'0000, 0xff80'0000, 0x7fc0'0000, 0xffc0'0001,
                                          0x7f80'0001, 0x0000'0001, 0x807f'ffff, 0x0080'0000,
                                          0x7f7f'ffff, 0x3f80'0001, 0x4b00'0001, 0x4f00'0000};
  static constexpr uint16_t kHalves[] = {0,      0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00,
                                         0x7e00, 0xfe01, 0x7c01, 1,      0x83ff, 0x0400,
                                         0x7bff, 0x3c01, 0x6401, 0x7800};

  explicit InterestingValues(uint64_t seed) : random_(seed) {}

  uint64_t Bits() { return random_(); }
  // 0 to `limit` - 1.
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }
  template <typename T, size_t n>
  T Of(const T (&values)[n]) {
    return values[Below(n)];
  }

  uint64_t Integer() {
    switch (Below(4)) {
      case 0:
        return Of(kIntegers);
      case 1:
        return Bits() >> Below(64);
      case 2:
        return ~(Bits() >> Below(64));
      default:
        return Bits();
    }
  }
  // The bits of an IEEE 754 double: special ones, ones near 1, any.
  uint64_t Double() {
    if (OneIn(3)) return Of(kDoubles);
    return OneIn(2) ? (0x3f00ull << 48) + (Bits() >> 8 & 0x01ff'ffff'ffff'ffff) : Bits();
  }
  uint32_t Single() {
    if (OneIn(3)) return Of(kSingles);
    return OneIn(2) ? 0x3b80'0000 + Below(0x0800'0000) : static_cast<uint32_t>(Bits());
  }
  uint16_t Half() {
    if (OneIn(3)) return Of(kHalves);
    return static_cast<uint16_t>(OneIn(2) ? 0x2c00 + Below(0x2000) : Bits());
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace emu::testing
