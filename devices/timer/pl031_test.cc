#include "devices/timer/pl031.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kData = 0, kMatch = 4, kLoad = 8, kControl = 0xc, kMask = 0x10, kRaw = 0x14,
                   kMasked = 0x18, kClear = 0x1c;
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kWallSeconds = 1'800'000'000;

class Pl031Test : public testing::Test {
 protected:
  Pl031Test() { rtc_.Reset(); }

  DeviceTestBench bench_;
  bool irq_ = false;
  uint64_t wall_ns_ = kWallSeconds * kSecondNs + kSecondNs / 4;
  Pl031 rtc_{bench_.clock(), [this] { return wall_ns_; }, DeviceTestBench::Wire(irq_)};
};

TEST_F(Pl031Test, ShowsTheWallClock) {
  EXPECT_EQ(bench_.Read(rtc_, kData), kWallSeconds);
  EXPECT_EQ(bench_.Read(rtc_, kControl), 1u);
  bench_.AdvanceTo(kSecondNs);
  EXPECT_EQ(bench_.Read(rtc_, kData), kWallSeconds + 1);
}

TEST_F(Pl031Test, IdentifiesItselfAsAPrimeCell) {
  const uint64_t expected[] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
  for (uint64_t i = 0; i < 8; ++i) EXPECT_EQ(bench_.Read(rtc_, 0xfe0 + 4 * i), expected[i]);
}

TEST_F(Pl031Test, CanBeSet) {
  bench_.Write(rtc_, kLoad, 1000);
  EXPECT_EQ(bench_.Read(rtc_, kData), 1000u);
  EXPECT_EQ(bench_.Read(rtc_, kLoad), 1000u);
  rtc_.Reset();
  EXPECT_EQ(bench_.Read(rtc_, kData), 1000u);
}

TEST_F(Pl031Test, TheAlarmComesWithItsSecond) {
  bench_.Write(rtc_, kMask, 1);
  bench_.Write(rtc_, kMatch, kWallSeconds + 2);
  bench_.AdvanceTo(kSecondNs * 3 / 2);
  EXPECT_FALSE(irq_);
  bench_.AdvanceTo(kSecondNs * 7 / 4);
  EXPECT_TRUE(irq_);
  EXPECT_EQ(bench_.Read(rtc_, kMasked), 1u);
  bench_.Write(rtc_, kMask, 0);
  EXPECT_FALSE(irq_);
  EXPECT_EQ(bench_.Read(rtc_, kRaw), 1u);
  bench_.Write(rtc_, kClear, 1);
  EXPECT_EQ(bench_.Read(rtc_, kRaw), 0u);
}

TEST_F(Pl031Test, AnAlarmInAPauseComesAfterIt) {
  bench_.Write(rtc_, kMask, 1);
  bench_.Write(rtc_, kMatch, kWallSeconds + 100);
  wall_ns_ += 1000 * kSecondNs;
  rtc_.Start();
  EXPECT_TRUE(irq_);
}

}  // namespace
}  // namespace emu
