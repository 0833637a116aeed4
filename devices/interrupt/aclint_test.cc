#include "devices/interrupt/aclint.h"

#include <gtest/gtest.h>

#include <array>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kMtimecmp = 0x4000;
constexpr uint64_t kMtime = 0xbff8;

class AclintTest : public testing::Test {
 protected:
  std::vector<Aclint::HartLines> Lines() {
    std::vector<Aclint::HartLines> lines;
    lines.reserve(2);
    for (int i = 0; i < 2; ++i) {
      lines.push_back({DeviceTestBench::Wire(software_[i]), DeviceTestBench::Wire(timer_[i])});
    }
    return lines;
  }
  DeviceTestBench bench_;
  std::array<bool, 2> software_ = {};
  std::array<bool, 2> timer_ = {};
  Aclint aclint_{bench_.clock(), Lines()};
};

TEST_F(AclintTest, MsipDrivesItsHartOnly) {
  bench_.Write(aclint_, 4, 0xffff'ffff);
  EXPECT_FALSE(software_[0]);
  EXPECT_TRUE(software_[1]);
  EXPECT_EQ(bench_.Read(aclint_, 4), 1u);
  bench_.Write(aclint_, 4, 0);
  EXPECT_FALSE(software_[1]);
}

TEST_F(AclintTest, AnInterruptThatIsPendingIsDrivenAgain) {
  bench_.Write(aclint_, 0, 1);
  software_[0] = false;  // as if it had been looked at, and not taken
  bench_.Write(aclint_, 0, 1);
  EXPECT_TRUE(software_[0]);
}

TEST_F(AclintTest, TheTimerFiresAtItsTickAndStopsWhenMoved) {
  bench_.Write(aclint_, kMtimecmp + 8, 1000, 8);
  bench_.AdvanceTo(999 * 100);
  EXPECT_EQ(bench_.Read(aclint_, kMtime, 8) / 1000, 0u);
  bench_.AdvanceTo(1000 * 100);
  EXPECT_TRUE(timer_[1]);
  EXPECT_FALSE(timer_[0]);
  bench_.Write(aclint_, kMtimecmp + 8, UINT64_MAX, 8);
  EXPECT_FALSE(timer_[1]);
}

TEST_F(AclintTest, ADeadlineInThePastFiresAtOnce) {
  bench_.AdvanceTo(1'000'000);
  bench_.Write(aclint_, kMtimecmp, 5, 8);
  EXPECT_TRUE(timer_[0]);
}

TEST_F(AclintTest, HalvesOfMtimecmpAreWrittenApart) {
  bench_.Write(aclint_, kMtimecmp, 0x1111'1111);
  bench_.Write(aclint_, kMtimecmp + 4, 0x2222'2222);
  EXPECT_EQ(bench_.Read(aclint_, kMtimecmp, 8), 0x2222'2222'1111'1111u);
}

TEST_F(AclintTest, HartsThatAreNotThereReadAsZero) {
  uint64_t value = 1;
  EXPECT_EQ(aclint_.MmioRead(kMtimecmp + 8 * 7, 8, &value), AccessResult::kOk);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(aclint_.MmioRead(1, 4, &value), AccessResult::kBadAccess);
  EXPECT_EQ(aclint_.MmioRead(0xffff, 4, &value), AccessResult::kBadAccess);
}

}  // namespace
}  // namespace emu
