#include "devices/virtio/serial_port.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "devices/virtio/recording_port.h"
#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

using console::ControlEvent;
using console::ControlMessage;

class SerialPortTest : public testing::Test {
 protected:
  SerialPortTest() : bench_(MakeDevice()) { bench_.Initialize(4, console::kFeatureMultiport); }
  std::unique_ptr<SerialPort> MakeDevice() {
    auto serial = std::make_unique<SerialPort>(port_, "a.name");
    serial_ = serial.get();
    return serial;
  }
  // The driver says so.
  void Say(ControlEvent event, uint16_t value) {
    // As Linux names no port: VIRTIO_CONSOLE_BAD_ID.
    const uint32_t port = event == ControlEvent::kDeviceReady ? ~0u : 0u;
    bench_.Poke(kMessages, ControlMessage{.port = port, .event = event, .value = value});
    bench_.Describe(3, 0, kMessages, sizeof(ControlMessage), 0);
    bench_.Submit(3, 0);
  }
  // Gives the device a buffer for its next message, and says what is in it then.
  std::string Hear() {
    const uint16_t slot = bench_.UsedIndex(2);
    bench_.Describe(2, 0, kMessages + 0x100, 64, kDescriptorWrite);
    bench_.Submit(2, 0);
    if (bench_.UsedIndex(2) == slot) return "nothing";
    const auto message = bench_.Peek<ControlMessage>(kMessages + 0x100);
    const uint32_t size = bench_.UsedLength(2, slot % VirtioTestBench::kSize);
    return std::to_string(static_cast<int>(message.event)) + ":" + std::to_string(message.value) +
           bench_.Text(kMessages + 0x100 + sizeof(message), size - sizeof(message));
  }
  void TakeUp() {
    Say(ControlEvent::kDeviceReady, 1);
    Say(ControlEvent::kPortReady, 1);
    EXPECT_EQ(Hear(), "1:1");
    EXPECT_EQ(Hear(), "7:1a.name");
    EXPECT_EQ(Hear(), "6:0");
  }
  void Queue(const std::string& text) {
    ASSERT_TRUE(bench_.memory().Write(kData, AsBytes(text)));
    bench_.Describe(1, 0, kData, static_cast<uint32_t>(text.size()), 0);
    bench_.Submit(1, 0);
  }

  static constexpr GuestPhysAddr kMessages = VirtioTestBench::kBuffers;
  static constexpr GuestPhysAddr kData = VirtioTestBench::kBuffers + 0x1000;
  std::string sent_;
  RecordingBytePort port_{sent_};
  SerialPort* serial_ = nullptr;
  VirtioTestBench bench_;
};

TEST_F(SerialPortTest, TellsItsNameAndThatNobodyIsThere) { TakeUp(); }

TEST_F(SerialPortTest, EachSideHearsThatTheOtherIsThere) {
  TakeUp();
  Say(ControlEvent::kPortOpen, 1);
  EXPECT_TRUE(port_.is_guest_open);
  serial_->SetConnection(true);
  EXPECT_EQ(Hear(), "6:1");
  serial_->SetConnection(false);
  serial_->SetConnection(true);
  serial_->SetConnection(false);
  serial_->SetConnection(true);
  // The connections between are spared it, but not that there was an end.
  EXPECT_EQ(Hear(), "6:0");
  EXPECT_EQ(Hear(), "6:1");
  Say(ControlEvent::kPortOpen, 0);
  EXPECT_FALSE(port_.is_guest_open);
}

TEST_F(SerialPortTest, ALateDriverHearsOfTheConnectionThereIs) {
  serial_->SetConnection(true);
  Say(ControlEvent::kDeviceReady, 1);
  Say(ControlEvent::kPortReady, 1);
  EXPECT_EQ(Hear(), "1:1");
  EXPECT_EQ(Hear(), "7:1a.name");
  EXPECT_EQ(Hear(), "6:1");
}

TEST_F(SerialPortTest, BytesForAClosedPortWaitWithTheHost) {
  TakeUp();
  bench_.Describe(0, 0, kData, 16, kDescriptorWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(serial_->Receive(AsBytes("early")), 0u);
  Say(ControlEvent::kPortOpen, 1);
  EXPECT_EQ(port_.resumed, 1);
  EXPECT_EQ(serial_->Receive(AsBytes("early")), 5u);
  EXPECT_EQ(bench_.Text(kData, 5), "early");
}

TEST_F(SerialPortTest, TakesWhatThereIsRoomForAndAsksForTheRest) {
  TakeUp();
  Say(ControlEvent::kPortOpen, 1);
  bench_.Describe(0, 0, kData, 4, kDescriptorWrite);
  bench_.Submit(0, 0);
  EXPECT_EQ(serial_->Receive(AsBytes("abcdef")), 4u);
  EXPECT_EQ(bench_.UsedLength(0, 0), 4u);
  bench_.Submit(0, 0);
  EXPECT_EQ(port_.resumed, 1);
}

TEST_F(SerialPortTest, AFullHostKeepsTheDriverWaiting) {
  TakeUp();
  port_.is_full = true;
  Queue("hello");
  EXPECT_EQ(bench_.UsedIndex(1), 0);
  port_.is_full = false;
  serial_->NotePortHasRoom();
  EXPECT_EQ(sent_, "hello");
  EXPECT_EQ(bench_.UsedIndex(1), 1);
}

TEST_F(SerialPortTest, ALongRequestGoesInPiecesAndOnlyOnce) {
  TakeUp();
  const std::string text = std::string(BytePort::kMostSentBytes, 'a') + "tail";
  std::string taken;
  // Room for one piece at a time.
  struct OnePiece final : BytePort {
    explicit OnePiece(std::string& text) : text(text) {}
    void SetHandlers(Handlers) override {}
    bool Send(std::span<const iovec> bytes) override {
      if (left-- == 0) return false;
      for (const iovec& span : bytes) {
        text.append(static_cast<const char*>(span.iov_base), span.iov_len);
      }
      return true;
    }
    void ResumeReceiving() override {}
    void SetGuestOpen(bool) override {}
    std::string& text;
    int left = 1;
  } port(taken);
  auto serial = std::make_unique<SerialPort>(port, "name");
  SerialPort& device = *serial;
  VirtioTestBench bench(std::move(serial));
  bench.Initialize(4, console::kFeatureMultiport);
  ASSERT_TRUE(bench.memory().Write(kData, AsBytes(text)));
  bench.Describe(1, 0, kData, static_cast<uint32_t>(text.size()), 0);
  bench.Submit(1, 0);
  EXPECT_EQ(bench.UsedIndex(1), 0);
  port.left = 1;
  device.NotePortHasRoom();
  EXPECT_EQ(taken, text);
  EXPECT_EQ(bench.UsedIndex(1), 1);
}

TEST_F(SerialPortTest, AResetClosesTheGuestsEnd) {
  TakeUp();
  Say(ControlEvent::kPortOpen, 1);
  for (uint32_t queue = 0; queue < 4; ++queue) {
    bench_.Poke<uint32_t>(VirtioTestBench::Available(queue), 0);
    bench_.Poke<uint32_t>(VirtioTestBench::Used(queue), 0);
  }
  bench_.Initialize(4, console::kFeatureMultiport);
  EXPECT_FALSE(port_.is_guest_open);
  TakeUp();
}

TEST_F(SerialPortTest, MessagesOfOtherPortsAreNotItsOwn) {
  bench_.Poke(kMessages, ControlMessage{.port = 7, .event = ControlEvent::kPortOpen, .value = 1});
  bench_.Describe(3, 0, kMessages, sizeof(ControlMessage), 0);
  bench_.Submit(3, 0);
  EXPECT_FALSE(port_.is_guest_open);
}

TEST_F(SerialPortTest, ADriverThatReadsNothingCostsNothingMore) {
  for (int i = 0; i < 1000; ++i) {
    Say(ControlEvent::kDeviceReady, 1);
    Say(ControlEvent::kPortReady, 1);
  }
  int heard = 0;
  while (Hear() != "nothing") ++heard;
  EXPECT_LE(heard, 16);
}

}  // namespace
}  // namespace emu::virtio
