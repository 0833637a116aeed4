#include "devices/serial/pl011.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"

namespace emu {
namespace {

constexpr uint64_t kData = 0, kFlags = 0x18, kDivisor = 0x24, kLineControl = 0x2c, kControl = 0x30,
                   kFifoLevels = 0x34, kMask = 0x38, kRaw = 0x3c, kMasked = 0x40, kClear = 0x44;

class Pl011Test : public testing::Test {
 protected:
  void Type(std::string_view text) { uart_.Receive(AsBytes(text)); }
  uint64_t Get(uint64_t offset, uint32_t width_bytes = 4) {
    return bench_.Read(uart_, offset, width_bytes);
  }
  void Set(uint64_t offset, uint64_t value, uint32_t width_bytes = 4) {
    bench_.Write(uart_, offset, value, width_bytes);
  }

  DeviceTestBench bench_;
  RecordingStream stream_;
  bool irq_ = false;
  Pl011 uart_{stream_, DeviceTestBench::Wire(irq_)};
};

TEST_F(Pl011Test, IdentifiesItselfAsAPrimeCell) {
  const uint64_t expected[] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
  for (uint64_t i = 0; i < 8; ++i) EXPECT_EQ(Get(0xfe0 + 4 * i), expected[i]);
  EXPECT_EQ(Get(kControl), 0x300u);
  EXPECT_EQ(Get(kFifoLevels), 0x12u);
  EXPECT_EQ(Get(kFlags), 0x97u);
}

TEST_F(Pl011Test, SendsAtAnyWidth) {
  Set(kData, 'a', 1);
  Set(kData, 'b', 2);
  Set(kData, 'c', 4);
  EXPECT_EQ(stream_.text, "abc");
}

TEST_F(Pl011Test, TheTransmitInterruptIsClearedByTheGuest) {
  Set(kMask, 0x20);
  EXPECT_FALSE(irq_);
  Set(kData, 'x');
  EXPECT_TRUE(irq_);
  EXPECT_EQ(Get(kMasked), 0x20u);
  Set(kClear, 0x20);
  EXPECT_FALSE(irq_);
}

TEST_F(Pl011Test, ReceivesByteByByteWithoutFifos) {
  Set(kMask, 0x50);
  Type("xy");
  EXPECT_TRUE(irq_);
  EXPECT_EQ(Get(kRaw), 0x10u);
  EXPECT_EQ(Get(kFlags) & 0x50, 0x40u);
  EXPECT_EQ(Get(kData), 'x');
  EXPECT_EQ(Get(kData, 2), 'y');
  EXPECT_FALSE(irq_);
  EXPECT_EQ(Get(kFlags) & 0x50, 0x10u);
  EXPECT_EQ(Get(kData), 0u);
}

TEST_F(Pl011Test, TheFifoInterruptsAtItsLevelAndAtOnceForTheRest) {
  Set(kLineControl, 0x10);
  Type("1234567");
  EXPECT_EQ(Get(kRaw), 0x40u);
  Type("8");
  EXPECT_EQ(Get(kRaw), 0x50u);
  Set(kClear, 0x7ff);  // data that nobody has read keeps asking
  EXPECT_EQ(Get(kRaw), 0x50u);
  Set(kFifoLevels, 3 << 3);  // 12 bytes
  EXPECT_EQ(Get(kRaw), 0x40u);
}

TEST_F(Pl011Test, NothingThatIsTypedIsLost) {
  Set(kLineControl, 0x10);
  Type("0123456789abcdefghij");
  EXPECT_EQ(Get(kFlags) & 0x40, 0x40u);
  std::string read;
  while ((Get(kFlags) & 0x10) == 0) read += static_cast<char>(Get(kData));
  EXPECT_EQ(read, "0123456789abcdefghij");
}

TEST_F(Pl011Test, AResetKeepsWhatIsTypedAhead) {
  Type("ab");  // one byte is in the chip
  Set(kDivisor, 13);
  uart_.Reset();
  EXPECT_EQ(Get(kDivisor), 0u);
  EXPECT_EQ(Get(kData), 'b');
}

TEST_F(Pl011Test, LoopsBack) {
  Set(kControl, 0x380);
  Set(kData, 'z');
  EXPECT_EQ(stream_.text, "");
  EXPECT_EQ(Get(kData), 'z');
}

}  // namespace
}  // namespace emu
