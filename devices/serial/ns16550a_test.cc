#include "devices/serial/ns16550a.h"

#include <gtest/gtest.h>

#include "devices/core/device_test_bench.h"
#include "devices/serial/ns16550a_spec.h"

namespace emu {
namespace {

using namespace ns16550a;

class Ns16550aTest : public testing::Test {
 protected:
  uint8_t Read(Reg reg) {
    return static_cast<uint8_t>(DeviceTestBench::Read(uart_, static_cast<uint64_t>(reg), 1));
  }
  void Write(Reg reg, uint8_t value) {
    DeviceTestBench::Write(uart_, static_cast<uint64_t>(reg), value, 1);
  }

  RecordingStream stream_;
  bool irq_ = false;
  Ns16550a uart_{stream_, DeviceTestBench::Wire(irq_)};
};

TEST_F(Ns16550aTest, SendsWhatIsWritten) {
  for (const char letter : std::string("hello")) Write(Reg::kData, static_cast<uint8_t>(letter));
  EXPECT_EQ(stream_.text, "hello");
  EXPECT_EQ(Read(Reg::kLsr), kLsrTransmitHoldEmpty | kLsrTransmitterEmpty);
}

TEST_F(Ns16550aTest, TheDivisorLatchHidesDataAndInterruptEnable) {
  Write(Reg::kLcr, kLcrDivisorLatch | 3);
  Write(Reg::kData, 0x34);
  Write(Reg::kIer, 0x12);
  EXPECT_EQ(Read(Reg::kData), 0x34);
  EXPECT_EQ(Read(Reg::kIer), 0x12);
  Write(Reg::kLcr, 3);
  EXPECT_EQ(Read(Reg::kIer), 0);
  EXPECT_EQ(stream_.text, "");
}

TEST_F(Ns16550aTest, ReceivesInOrderWithBackPressure) {
  Write(Reg::kIirFcr, kFcrEnable);
  std::string sent;
  for (int i = 0; i < 100; ++i) sent += static_cast<char>('!' + i % 90);
  uart_.Receive(AsBytes(sent));
  std::string got;
  while ((Read(Reg::kLsr) & kLsrDataReady) != 0) got += static_cast<char>(Read(Reg::kData));
  EXPECT_EQ(got, sent);
}

TEST_F(Ns16550aTest, BelowTheTriggerLevelTheCauseIsATimeout) {
  Write(Reg::kIirFcr, kFcrEnable | 1 << kFcrTriggerShift);  // 4 bytes
  Write(Reg::kIer, kIerReceived);
  EXPECT_FALSE(irq_);
  uart_.Receive(AsBytes("abc"));
  EXPECT_TRUE(irq_);
  EXPECT_EQ(Read(Reg::kIirFcr), kIirFifosOn | kIirTimeout);
  uart_.Receive(AsBytes("d"));
  EXPECT_EQ(Read(Reg::kIirFcr), kIirFifosOn | kIirReceived);
  for (int i = 0; i < 4; ++i) Read(Reg::kData);
  EXPECT_FALSE(irq_);
}

TEST_F(Ns16550aTest, ReadingIirClearsTheTransmitInterrupt) {
  Write(Reg::kIer, kIerTransmitEmpty);
  EXPECT_TRUE(irq_);
  EXPECT_EQ(Read(Reg::kIirFcr), kIirTransmitEmpty);
  EXPECT_FALSE(irq_);
  Write(Reg::kData, 'x');
  EXPECT_TRUE(irq_);
}

TEST_F(Ns16550aTest, LoopbackBringsOutputBackAndReportsOverrun) {
  Write(Reg::kIirFcr, kFcrEnable);
  Write(Reg::kMcr, kMcrLoopback | kMcrRts);
  EXPECT_EQ(Read(Reg::kMsr), kMsrCts);
  for (int i = 0; i < 17; ++i) Write(Reg::kData, static_cast<uint8_t>(i));
  EXPECT_EQ(stream_.text, "");
  EXPECT_NE(Read(Reg::kLsr) & kLsrOverrun, 0);
  EXPECT_EQ(Read(Reg::kLsr) & kLsrOverrun, 0);
  EXPECT_EQ(Read(Reg::kData), 0);
  EXPECT_EQ(Read(Reg::kData), 1);
}

TEST_F(Ns16550aTest, InputBeyondTheBacklogIsDropped) {
  const std::string flood(ReceiveFifo::kMaxBacklogBytes + 1000, 'x');
  uart_.Receive(AsBytes(flood));
  uart_.Receive(AsBytes(flood));
  size_t count = 0;
  while ((Read(Reg::kLsr) & kLsrDataReady) != 0) {
    Read(Reg::kData);
    ++count;
  }
  EXPECT_LE(count, ReceiveFifo::kMaxBacklogBytes + kFifoBytes);
}

TEST_F(Ns16550aTest, ASnapshotKeepsWhatTheGuestHasNotRead) {
  uart_.Receive(AsBytes("typed ahead of the guest"));
  const auto state = DeviceTestBench::Save(uart_);
  RecordingStream stream;
  Ns16550a restored(stream, InterruptLine());
  ASSERT_TRUE(DeviceTestBench::Restore(restored, state).ok());
  std::string text;
  while ((DeviceTestBench::Read(restored, 5, 1) & kLsrDataReady) != 0) {
    text += static_cast<char>(DeviceTestBench::Read(restored, 0, 1));
  }
  EXPECT_EQ(text, "typed ahead of the guest");
}

TEST_F(Ns16550aTest, OversizedBacklogInASnapshotIsRefused) {
  StateWriter writer;
  std::vector<std::byte> backlog(ReceiveFifo::kMaxBacklogBytes + 1);
  writer.Field(11, "backlog", backlog);
  EXPECT_FALSE(DeviceTestBench::Restore(uart_, writer.Take()).ok());
}

TEST_F(Ns16550aTest, OversizedFifoInASnapshotIsRefused) {
  StateWriter writer;
  std::vector<std::byte> fifo(17);
  writer.Field(10, "fifo", fifo);
  EXPECT_FALSE(DeviceTestBench::Restore(uart_, writer.Take()).ok());
}

}  // namespace
}  // namespace emu
