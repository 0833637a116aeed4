#include "devices/timer/goldfish_rtc.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kTimeLow = 0, kTimeHigh = 4, kAlarmLow = 8, kAlarmHigh = 0xc, kIrqEnabled = 0x10,
                   kClearAlarm = 0x14, kAlarmStatus = 0x18, kClearInterrupt = 0x1c;
constexpr uint64_t kWallNs = 1'800'000'000'000'000'000;

class GoldfishRtcTest : public testing::Test {
 protected:
  GoldfishRtcTest() { rtc_.Reset(); }
  uint64_t Time() {
    const uint64_t low = bench_.Read(rtc_, kTimeLow);
    return bench_.Read(rtc_, kTimeHigh) << 32 | low;
  }
  void SetAlarm(uint64_t when) {
    bench_.Write(rtc_, kAlarmHigh, when >> 32);
    bench_.Write(rtc_, kAlarmLow, when & 0xffff'ffff);
  }

  DeviceTestBench bench_;
  bool irq_ = false;
  GoldfishRtc rtc_{bench_.clock(), [] { return kWallNs; }, DeviceTestBench::Wire(irq_)};
};

TEST_F(GoldfishRtcTest, ShowsTheWallClock) { EXPECT_EQ(Time(), kWallNs); }

TEST_F(GoldfishRtcTest, CanBeSet) {
  bench_.Write(rtc_, kTimeHigh, 1);
  bench_.Write(rtc_, kTimeLow, 2);
  EXPECT_EQ(Time(), (uint64_t{1} << 32) + 2);
}

TEST_F(GoldfishRtcTest, TheAlarmRaisesTheWireWhenEnabled) {
  SetAlarm(kWallNs + 1000);
  EXPECT_EQ(bench_.Read(rtc_, kAlarmStatus), 1u);
  bench_.AdvanceTo(1000);
  EXPECT_EQ(bench_.Read(rtc_, kAlarmStatus), 0u);
  EXPECT_FALSE(irq_);
  bench_.Write(rtc_, kIrqEnabled, 1);
  EXPECT_TRUE(irq_);
  bench_.Write(rtc_, kClearInterrupt, 1);
  EXPECT_FALSE(irq_);
}

TEST_F(GoldfishRtcTest, AClearedAlarmDoesNotFire) {
  bench_.Write(rtc_, kIrqEnabled, 1);
  SetAlarm(kWallNs + 1000);
  bench_.Write(rtc_, kClearAlarm, 1);
  bench_.AdvanceTo(2000);
  EXPECT_FALSE(irq_);
}

}  // namespace
}  // namespace emu
