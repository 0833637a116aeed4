// Network cards with several pairs of queues.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "devices/virtio/net.h"
#include "devices/virtio/recording_port.h"
#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

using namespace net;

constexpr uint64_t kFeatures = kFeatureControlQueue | kFeatureMultiQueue;
constexpr uint16_t kPairs = 2;
constexpr uint32_t kQueues = 2 * kPairs + 1, kControl = 2 * kPairs;
constexpr uint32_t kSecondReceive = 2, kSecondTransmit = 3;

// TCP over IPv4 or IPv6 (RFC 791, RFC 8200), without what nobody looks at here.
std::string Packet(bool is_ip6, std::string source, std::string destination, uint8_t source_port,
                   uint8_t destination_port) {
  std::string frame(12, '\2');
  frame += is_ip6 ? std::string("\x86\xdd", 2) : std::string("\x08\0", 2);
  std::string header(is_ip6 ? 40 : 20, '\0');
  header[0] = is_ip6 ? 0x60 : 0x45;
  header[is_ip6 ? 6 : 9] = 6;
  const size_t address_bytes = is_ip6 ? 16 : 4;
  source.resize(address_bytes);
  destination.resize(address_bytes);
  header.replace(is_ip6 ? 8 : 12, 2 * address_bytes, source + destination);
  frame += header;
  for (const uint8_t port : {source_port, destination_port}) {
    frame += {'\1', static_cast<char>(port)};
  }
  return frame + std::string(20, '\0');
}

class NetQueuesTest : public testing::Test {
 protected:
  NetQueuesTest() : bench_(MakeDevice()) {}
  std::unique_ptr<Net> MakeDevice() {
    auto net = std::make_unique<Net>(port_, MacAddress{std::byte{2}}, kPairs);
    net_ = net.get();
    return net;
  }

  // Behind the queues.
  static GuestPhysAddr BufferAt(uint64_t index) {
    return VirtioTestBench::Descriptors(kQueues) + index * 4096;
  }
  void Initialize(uint64_t features) {
    bench_.Initialize(kQueues, features);
    has_buffer_ = {};
  }
  void Transmit(uint32_t queue, const std::string& frame) {
    const std::string packet = std::string(sizeof(FrameHeader), '\0') + frame;
    ASSERT_TRUE(bench_.memory().Write(BufferAt(0), AsBytes(packet)));
    bench_.Describe(queue, 0, BufferAt(0), static_cast<uint32_t>(packet.size()), 0);
    bench_.Submit(queue, 0);
  }
  // The queue that it comes in on, where each has a buffer.
  uint32_t QueueOf(const std::string& frame) {
    std::array<uint16_t, kPairs> before;
    for (uint32_t pair = 0; pair < kPairs; ++pair) {
      if (!std::exchange(has_buffer_[pair], true)) {
        bench_.Describe(2 * pair, 0, BufferAt(2 + pair), 2048, kDescriptorWrite);
        bench_.Submit(2 * pair, 0);
      }
      before[pair] = bench_.UsedIndex(2 * pair);
    }
    EXPECT_TRUE(net_->Receive(AsBytes(std::string(sizeof(FrameHeader), '\0') + frame)));
    for (uint32_t pair = 0; pair < kPairs; ++pair) {
      if (bench_.UsedIndex(2 * pair) == before[pair]) continue;
      has_buffer_[pair] = false;
      return 2 * pair;
    }
    return kQueues;
  }
  std::byte UsePairs(uint16_t pairs, uint32_t control = kControl) {
    const uint8_t request[] = {4, kQueuePairsSet, static_cast<uint8_t>(pairs),
                               static_cast<uint8_t>(pairs >> 8)};
    if (!bench_.memory().Write(BufferAt(0), std::as_bytes(std::span(request)))) abort();
    bench_.Poke(BufferAt(1), std::byte{0x55});
    bench_.Describe(control, 0, BufferAt(0), sizeof(request), kDescriptorNext, 1);
    bench_.Describe(control, 1, BufferAt(1), 1, kDescriptorWrite);
    bench_.Submit(control, 0);
    return bench_.Peek<std::byte>(BufferAt(1));
  }

  std::array<bool, kPairs> has_buffer_ = {};
  std::string sent_;
  RecordingPort port_{sent_};
  Net* net_ = nullptr;
  VirtioTestBench bench_;
};

TEST_F(NetQueuesTest, AFlowComesInOnThePairThatSentOnIt) {
  Initialize(kFeatures);
  ASSERT_EQ(UsePairs(2), kControlOk);
  for (const bool is_ip6 : {false, true}) {
    const std::string there = Packet(is_ip6, "host", "gate", 1, 2);
    const std::string back = Packet(is_ip6, "gate", "host", 2, 1);
    EXPECT_EQ(QueueOf(back), kReceiveQueue);
    Transmit(kSecondTransmit, there);
    EXPECT_EQ(QueueOf(back), kSecondReceive);
    int others = 0;
    for (uint8_t port = 10; port < 20; ++port) {
      others += QueueOf(Packet(is_ip6, "gate", "host", 2, port)) == kReceiveQueue ? 1 : 0;
    }
    EXPECT_GE(others, 8);
    Transmit(kTransmitQueue, there);
    EXPECT_EQ(QueueOf(back), kReceiveQueue);
  }
}

TEST_F(NetQueuesTest, OnePairIsUsedUntilTheDriverAsksForMore) {
  const std::string frame = Packet(false, "host", "gate", 1, 2);
  Initialize(kFeatures);
  Transmit(kSecondTransmit, frame);
  EXPECT_EQ(sent_, frame);
  EXPECT_EQ(QueueOf(frame), kReceiveQueue);
  EXPECT_EQ(UsePairs(2), kControlOk);
  Transmit(kSecondTransmit, frame);
  EXPECT_EQ(QueueOf(frame), kSecondReceive);
  EXPECT_EQ(UsePairs(1), kControlOk);
  EXPECT_EQ(QueueOf(frame), kReceiveQueue);
}

TEST_F(NetQueuesTest, ARestoredCardUsesAsManyPairs) {
  const std::string frame = Packet(false, "host", "gate", 1, 2);
  Initialize(kFeatures);
  ASSERT_EQ(UsePairs(2), kControlOk);
  Transmit(kSecondTransmit, frame);
  bench_.transport().Pause();
  StateWriter writer;
  bench_.transport().VisitState(writer);
  bench_.Set(0x70, 0);
  ASSERT_TRUE(DeviceTestBench::Restore(bench_.transport(), writer.Take()).ok());
  bench_.transport().Start();
  EXPECT_EQ(QueueOf(frame), kReceiveQueue);
  Transmit(kSecondTransmit, frame);
  EXPECT_EQ(QueueOf(frame), kSecondReceive);
}

TEST_F(NetQueuesTest, NumbersOfNoSenseAreRefused) {
  Initialize(kFeatures);
  EXPECT_EQ(bench_.Get(0x108) & 0xffff, kPairs);
  for (const uint16_t pairs : {0, 3, 0x8000}) EXPECT_EQ(UsePairs(pairs), kControlError);
  // Who has not chosen several finds the control queue where it is for one.
  Initialize(kFeatureControlQueue);
  EXPECT_EQ(UsePairs(2, kControlQueue), kControlError);
}

TEST_F(NetQueuesTest, AQueueThatIsOffIsGoneRound) {
  const std::string frame = Packet(false, "host", "gate", 1, 2);
  Initialize(kFeatures);
  ASSERT_EQ(UsePairs(2), kControlOk);
  Transmit(kSecondTransmit, frame);
  bench_.Set(0x30, kSecondReceive);
  bench_.Set(0x44, 0);
  EXPECT_EQ(QueueOf(frame), kReceiveQueue);
}

TEST_F(NetQueuesTest, WhatTheHostHadNoRoomForGoesOnEveryQueue) {
  Initialize(kFeatures);
  port_.is_full = true;
  Transmit(kTransmitQueue, Packet(false, "a", "b", 1, 2));
  Transmit(kSecondTransmit, Packet(false, "a", "b", 1, 2));
  EXPECT_EQ(sent_, "");
  port_.is_full = false;
  net_->NotePortHasRoom();
  EXPECT_EQ(sent_.size(), 2 * Packet(false, "a", "b", 1, 2).size());
}

TEST_F(NetQueuesTest, CutOffHeadersBelongToTheFirstPair) {
  const std::string frame = Packet(true, "host", "gate", 1, 2);
  Initialize(kFeatures);
  ASSERT_EQ(UsePairs(2), kControlOk);
  for (size_t size = kEthernetHeaderBytes; size < frame.size(); ++size) {
    EXPECT_NE(QueueOf(frame.substr(0, size)), kQueues) << size;
  }
}

}  // namespace
}  // namespace emu::virtio
