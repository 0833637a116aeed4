#include "devices/virtio/console.h"

#include <gtest/gtest.h>

#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() : bench_(MakeDevice()) { bench_.Initialize(2); }
  std::unique_ptr<Console> MakeDevice() {
    auto console = std::make_unique<Console>(stream_);
    console_ = console.get();
    return console;
  }
  RecordingStream stream_;
  Console* console_ = nullptr;
  VirtioTestBench bench_;
  const GuestPhysAddr buffer_ = VirtioTestBench::kBuffers;
};

TEST_F(ConsoleTest, SendsWhatTheGuestQueues) {
  ASSERT_TRUE(bench_.memory().Write(buffer_, AsBytes("hello")));
  bench_.Describe(1, 0, buffer_, 5, 0);
  bench_.Submit(1, 0);
  EXPECT_EQ(stream_.text, "hello");
  EXPECT_EQ(bench_.UsedIndex(1), 1);
}

TEST_F(ConsoleTest, KeepsInputUntilTheGuestHasBuffers) {
  console_->Receive(AsBytes("abcdef"));
  bench_.Describe(0, 0, buffer_, 4, kDescriptorWrite);
  bench_.Describe(0, 1, buffer_ + 4, 4, kDescriptorWrite);
  bench_.Submit(0, 0);
  bench_.Submit(0, 1);
  EXPECT_EQ(bench_.Text(buffer_, 6), "abcdef");
  EXPECT_EQ(bench_.UsedLength(0, 0), 4u);
  EXPECT_EQ(bench_.UsedLength(0, 1), 2u);
}

TEST_F(ConsoleTest, BuffersThatWaitAreFilledWhenInputComes) {
  bench_.Describe(0, 0, buffer_, 4, kDescriptorWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedIndex(0), 0);
  console_->Receive(AsBytes("x"));
  EXPECT_EQ(bench_.UsedIndex(0), 1);
  EXPECT_TRUE(bench_.irq());
}

TEST_F(ConsoleTest, EmptyReceiveBuffersDoNotLoopForEver) {
  console_->Receive(AsBytes("x"));
  bench_.Describe(0, 0, buffer_, 0, kDescriptorWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(bench_.UsedIndex(0), 1);
}

}  // namespace
}  // namespace emu::virtio
