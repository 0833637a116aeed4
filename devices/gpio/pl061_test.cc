#include "devices/gpio/pl061.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kDirection = 0x400, kLevelSense = 0x404, kBothEdges = 0x408, kEvent = 0x40c,
                   kMask = 0x410, kRaw = 0x414, kMasked = 0x418, kClear = 0x41c;
constexpr uint64_t kAllPins = 0xff * 4;

class Pl061Test : public testing::Test {
 protected:
  uint64_t Get(uint64_t offset) { return bench_.Read(gpio_, offset); }
  void Set(uint64_t offset, uint64_t value) { bench_.Write(gpio_, offset, value); }

  DeviceTestBench bench_;
  bool irq_ = false;
  Pl061 gpio_{DeviceTestBench::Wire(irq_)};
  InterruptLine pin3_ = gpio_.Input(3);
};

TEST_F(Pl061Test, IdentifiesItselfAsAPrimeCell) {
  const uint64_t expected[] = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
  for (uint64_t i = 0; i < 8; ++i) EXPECT_EQ(Get(0xfe0 + 4 * i), expected[i]);
}

TEST_F(Pl061Test, TheAddressSaysWhichPinsAreMeant) {
  pin3_.Set(true);
  Set(kDirection, 0xf0);
  Set(0x30 * 4, 0xff);
  EXPECT_EQ(Get(kAllPins), 0x38u);
  EXPECT_EQ(Get(0x18 * 4), 0x18u);
  Set(kAllPins, 0);  // an input takes nothing
  EXPECT_EQ(Get(kAllPins), 0x08u);
}

TEST_F(Pl061Test, ARisingEdgeStaysUntilCleared) {
  Set(kEvent, 8);
  Set(kMask, 8);
  pin3_.Set(true);
  EXPECT_TRUE(irq_);
  pin3_.Set(false);
  EXPECT_EQ(Get(kMasked), 8u);
  Set(kClear, 8);
  EXPECT_FALSE(irq_);
}

TEST_F(Pl061Test, EdgesAreOfTheWantedDirection) {
  pin3_.Set(true);  // falling ones are wanted
  EXPECT_EQ(Get(kRaw), 0u);
  pin3_.Set(false);
  EXPECT_EQ(Get(kRaw), 8u);
  Set(kClear, 8);
  Set(kBothEdges, 8);
  pin3_.Set(true);
  EXPECT_EQ(Get(kRaw), 8u);
  Set(kClear, 8);
  pin3_.Set(false);
  EXPECT_EQ(Get(kRaw), 8u);
}

TEST_F(Pl061Test, ALevelAsksWhileItIsThere) {
  Set(kLevelSense, 8);
  Set(kEvent, 8);
  Set(kMask, 8);
  pin3_.Set(true);
  Set(kClear, 8);
  EXPECT_TRUE(irq_);
  pin3_.Set(false);
  EXPECT_FALSE(irq_);
}

}  // namespace
}  // namespace emu
