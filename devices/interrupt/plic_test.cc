#include "devices/interrupt/plic.h"

#include <gtest/gtest.h>

#include <array>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kEnable = 0x2000;
constexpr uint64_t kThreshold = 0x200000;
constexpr uint64_t kClaim = 0x200004;

class PlicTest : public testing::Test {
 protected:
  PlicTest() {
    for (uint32_t source = 1; source <= 3; ++source) SetPriority(source, 1);
    bench_.Write(plic_, kEnable + 0x80, 0xffff'ffff);  // context 1
  }
  std::vector<InterruptLine> Lines() {
    std::vector<InterruptLine> lines;
    lines.push_back(DeviceTestBench::Wire(level_[0]));
    lines.push_back(DeviceTestBench::Wire(level_[1]));
    return lines;
  }
  void SetPriority(uint32_t source, uint32_t priority) {
    bench_.Write(plic_, 4 * source, priority);
  }
  uint64_t Claim() { return bench_.Read(plic_, kClaim + 0x1000); }
  void Complete(uint64_t source) { bench_.Write(plic_, kClaim + 0x1000, source); }

  DeviceTestBench bench_;
  std::array<bool, 2> level_ = {};
  Plic plic_{Lines()};
  InterruptLine wire1_ = plic_.Source(1);
  InterruptLine wire2_ = plic_.Source(2);
};

TEST_F(PlicTest, OnlyContextsThatEnableASourceSeeIt) {
  wire1_.Set(true);
  EXPECT_FALSE(level_[0]);
  EXPECT_TRUE(level_[1]);
  EXPECT_EQ(bench_.Read(plic_, kClaim), 0u);
  EXPECT_EQ(Claim(), 1u);
  EXPECT_FALSE(level_[1]);
}

TEST_F(PlicTest, TheHighestPriorityIsClaimedFirstAndTiesGoToTheLowestNumber) {
  wire1_.Set(true);
  wire2_.Set(true);
  SetPriority(2, 7);
  EXPECT_EQ(Claim(), 2u);
  EXPECT_EQ(Claim(), 1u);
  EXPECT_EQ(Claim(), 0u);
  Complete(1);
  Complete(2);
  SetPriority(2, 1);
  EXPECT_EQ(Claim(), 1u);
}

TEST_F(PlicTest, ALevelThatStaysComesBackAfterCompletionOnly) {
  wire1_.Set(true);
  EXPECT_EQ(Claim(), 1u);
  EXPECT_FALSE(level_[1]);
  Complete(2);  // not the one
  EXPECT_FALSE(level_[1]);
  Complete(1);
  EXPECT_TRUE(level_[1]);
  wire1_.Set(false);
  EXPECT_FALSE(level_[1]);
}

TEST_F(PlicTest, TheThresholdMasksTheWireButNotTheClaim) {
  bench_.Write(plic_, kThreshold + 0x1000, 1);
  wire1_.Set(true);
  EXPECT_FALSE(level_[1]);
  EXPECT_EQ(Claim(), 1u);
}

TEST_F(PlicTest, CompletionOfASourceThatIsNotEnabledIsIgnored) {
  wire1_.Set(true);
  EXPECT_EQ(Claim(), 1u);
  bench_.Write(plic_, kEnable + 0x80, 0);
  Complete(1);
  bench_.Write(plic_, kEnable + 0x80, 2);
  EXPECT_FALSE(level_[1]);
}

TEST_F(PlicTest, SourceZeroNeverInterrupts) {
  SetPriority(0, 7);
  EXPECT_EQ(bench_.Read(plic_, 0), 0u);
  EXPECT_EQ(bench_.Read(plic_, kEnable + 0x80) & 1, 0u);
  Complete(0);
  Complete(4'000'000'000);
}

}  // namespace
}  // namespace emu
