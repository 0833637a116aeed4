#include "devices/virtio/net.h"

#include <gtest/gtest.h>

#include <string>

#include "devices/virtio/recording_port.h"
#include "devices/virtio/virtio_test_bench.h"

namespace emu::virtio {
namespace {

using namespace net;

constexpr MacAddress kMac = {std::byte{2}, std::byte{1}};
const std::string kToUs("\2\1\0\0\0\0", 6), kToOther("\2\2\0\0\0\0", 6),
    kToGroup("\1\0\0\0\0\1", 6), kToAll("\xff\xff\xff\xff\xff\xff", 6);
constexpr uint64_t kControl = kFeatureControlQueue | kFeatureControlReceive | kFeatureControlMac;

std::string Frame(const std::string& destination, size_t size_bytes) {
  std::string frame = destination;
  for (size_t i = frame.size(); i < size_bytes; ++i) frame += static_cast<char>('a' + i % 26);
  return frame;
}

class NetTest : public testing::Test {
 protected:
  NetTest() : bench_(MakeDevice()) {}
  std::unique_ptr<Net> MakeDevice() {
    auto net = std::make_unique<Net>(port_, kMac);
    net_ = net.get();
    return net;
  }

  static std::string Packet(const std::string& frame, uint8_t flags = 0) {
    std::string header(sizeof(FrameHeader), '\0');
    header[0] = static_cast<char>(flags);
    return header + frame;
  }
  bool Receive(const std::string& frame, uint8_t flags = 0) {
    return net_->Receive(AsBytes(Packet(frame, flags)));
  }
  // Buffer `index` of queue 0, of `size` bytes, made available.
  void GiveBuffer(uint16_t index, uint32_t size) {
    bench_.Describe(kReceiveQueue, index, BufferAt(index), size, kDescriptorWrite);
    bench_.Submit(kReceiveQueue, index);
  }
  static GuestPhysAddr BufferAt(uint64_t index) { return VirtioTestBench::kBuffers + index * 4096; }
  FrameHeader HeaderAt(GuestPhysAddr at) { return bench_.Peek<FrameHeader>(at); }

  void Transmit(const std::string& frame, FrameHeader header = {}, uint32_t size = 0) {
    bench_.Poke(BufferAt(0), header);
    ASSERT_TRUE(bench_.memory().Write(BufferAt(0) + sizeof(header), AsBytes(frame)));
    if (size == 0) size = static_cast<uint32_t>(sizeof(header) + frame.size());
    bench_.Describe(kTransmitQueue, 0, BufferAt(0), size, 0);
    bench_.Submit(kTransmitQueue, 0);
  }
  // What the device answers to a request of the control queue.
  std::byte Ask(const std::string& request) {
    if (!bench_.memory().Write(BufferAt(0), AsBytes(request))) abort();
    bench_.Poke(BufferAt(1), std::byte{0x55});
    bench_.Describe(kControlQueue, 0, BufferAt(0), static_cast<uint32_t>(request.size()),
                    kDescriptorNext, 1);
    bench_.Describe(kControlQueue, 1, BufferAt(1), 1, kDescriptorWrite);
    bench_.Submit(kControlQueue, 0);
    return bench_.Peek<std::byte>(BufferAt(1));
  }
  // Whether a frame to `destination` comes through; each takes a buffer.
  bool ComesThrough(const std::string& destination) {
    const uint16_t before = bench_.UsedIndex(kReceiveQueue);
    GiveBuffer(2, 4096);
    EXPECT_TRUE(Receive(Frame(destination, 60)));
    return bench_.UsedIndex(kReceiveQueue) != before;
  }

  std::string sent_;
  RecordingPort port_{sent_};
  Net* net_ = nullptr;
  VirtioTestBench bench_;
};

TEST_F(NetTest, SendsFramesWithoutTheirHeader) {
  bench_.Initialize(3);
  Transmit(Frame(kToAll, 60));
  EXPECT_EQ(sent_, Frame(kToAll, 60));
  EXPECT_EQ(bench_.UsedIndex(kTransmitQueue), 1);
}

TEST_F(NetTest, ChecksumsAndSegmentsAreTakenFromWhoNegotiatedThem) {
  const FrameHeader partial = {
      .flags = kNeedsChecksum, .checksum_start = 34, .checksum_offset = 16};
  FrameHeader segments = partial;
  segments.segmentation = kTcp4Segments | kSegmentsWithEcn;
  segments.segment_bytes = 1460;
  bench_.Initialize(3);
  Transmit(Frame(kToAll, 60), partial);
  Transmit(Frame(kToAll, 60), segments);
  EXPECT_EQ(sent_, "");
  bench_.Initialize(3, kFeatureChecksum);
  Transmit(Frame(kToAll, 60), partial);
  EXPECT_EQ(port_.last_header.flags, kNeedsChecksum);
  EXPECT_EQ(port_.last_header.checksum_start, 34);
  sent_.clear();
  Transmit(Frame(kToAll, 60), segments);
  EXPECT_EQ(sent_, "");
  bench_.Initialize(3, kFeatureChecksum | kFeatureHostTso4);
  Transmit(Frame(kToAll, 60), segments);
  EXPECT_EQ(port_.last_header.segment_bytes, 1460);
}

TEST_F(NetTest, FramesOfNoSenseAreDroppedAndHandedBack) {
  bench_.Initialize(3, kFeatureChecksum | kFeatureHostTso4 | kFeatureHostTso6);
  const std::string frame = Frame(kToAll, 60);
  Transmit(frame, {}, 5);
  Transmit(frame, {}, sizeof(FrameHeader) + 13);
  Transmit(frame, {}, sizeof(FrameHeader) + kMaxFrameBytes + 1);
  Transmit(frame, {.flags = kNeedsChecksum, .checksum_start = 58, .checksum_offset = 1});
  Transmit(frame, {.flags = kNeedsChecksum, .checksum_start = 65535, .checksum_offset = 65535});
  Transmit(frame, {.flags = kNeedsChecksum, .segmentation = kTcp4Segments});
  Transmit(frame, {.segmentation = kTcp4Segments, .segment_bytes = 1000});
  Transmit(frame, {.segmentation = 3, .segment_bytes = 1000});  // UDP's
  EXPECT_EQ(sent_, "");
  EXPECT_EQ(bench_.UsedIndex(kTransmitQueue), 8);
  EXPECT_FALSE(bench_.needs_reset());
}

TEST_F(NetTest, AFrameThatTheHostHasNoRoomForStaysInTheQueue) {
  bench_.Initialize(3);
  port_.is_full = true;
  Transmit(Frame(kToAll, 60));
  EXPECT_EQ(bench_.UsedIndex(kTransmitQueue), 0);
  port_.is_full = false;
  net_->NotePortHasRoom();
  EXPECT_EQ(sent_, Frame(kToAll, 60));
  EXPECT_EQ(bench_.UsedIndex(kTransmitQueue), 1);
}

TEST_F(NetTest, AFrameWaitsUntilTheGuestHasRoom) {
  bench_.Initialize(3);
  EXPECT_FALSE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(port_.resumed, 0);
  GiveBuffer(0, 2048);
  EXPECT_EQ(port_.resumed, 1);
  EXPECT_TRUE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(bench_.UsedLength(kReceiveQueue, 0), 72u);
  EXPECT_EQ(bench_.Text(BufferAt(0) + 12, 60), Frame(kToUs, 60));
  EXPECT_TRUE(bench_.irq());
}

TEST_F(NetTest, ALongFrameTakesSeveralBuffersWhereTheDriverMergesThem) {
  bench_.Initialize(3, kFeatureMergeableBuffers);
  GiveBuffer(0, 100);
  GiveBuffer(1, 100);
  EXPECT_FALSE(Receive(Frame(kToUs, 250)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 0);
  GiveBuffer(2, 100);
  EXPECT_TRUE(Receive(Frame(kToUs, 250)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 3);
  EXPECT_EQ(HeaderAt(BufferAt(0)).buffer_count, 3);
  EXPECT_EQ(bench_.UsedLength(kReceiveQueue, 2), 62u);
  EXPECT_EQ(bench_.Text(BufferAt(0) + 12, 88) + bench_.Text(BufferAt(1), 100) +
                bench_.Text(BufferAt(2), 62),
            Frame(kToUs, 250));
}

TEST_F(NetTest, AFrameThatNeverFitsIsDropped) {
  bench_.Initialize(3);
  GiveBuffer(0, 100);
  EXPECT_TRUE(Receive(Frame(kToUs, 250)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 0);
  bench_.Initialize(3, kFeatureMergeableBuffers);
  for (uint16_t i = 0; i < VirtioTestBench::kSize; ++i) GiveBuffer(i, 20);
  EXPECT_TRUE(Receive(Frame(kToUs, 250)));
  EXPECT_TRUE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 4);
}

TEST_F(NetTest, AHeaderThatNeverFitsIsDroppedWithItsFrame) {
  bench_.Initialize(3, kFeatureMergeableBuffers);
  GiveBuffer(0, 8);
  GiveBuffer(1, 200);
  EXPECT_TRUE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 0);
}

TEST_F(NetTest, BuffersThatAreNoMemoryComeBackEmpty) {
  bench_.Initialize(3);
  bench_.Describe(kReceiveQueue, 0, GuestPhysAddr(0x1000), 2048, kDescriptorWrite);
  bench_.Submit(kReceiveQueue, 0);
  EXPECT_TRUE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(bench_.UsedLength(kReceiveQueue, 0), 0u);
}

TEST_F(NetTest, ChecksumsAreVouchedForToWhoNegotiatedThat) {
  for (const uint64_t feature : {uint64_t{0}, kFeatureGuestChecksum}) {
    bench_.Initialize(3, feature);
    GiveBuffer(0, 2048);
    EXPECT_TRUE(Receive(Frame(kToUs, 60), kChecksumIsValid));
    EXPECT_EQ(HeaderAt(BufferAt(0)).flags, feature == 0 ? 0 : kChecksumIsValid);
  }
}

TEST_F(NetTest, FiltersAddressesAsTold) {
  bench_.Initialize(3, kControl);
  EXPECT_TRUE(ComesThrough(kToOther));  // as of a reset
  EXPECT_EQ(Ask({0, 0, 0}), kControlOk);
  EXPECT_TRUE(ComesThrough(kToUs));
  EXPECT_TRUE(ComesThrough(kToAll));
  EXPECT_FALSE(ComesThrough(kToOther));
  EXPECT_FALSE(ComesThrough(kToGroup));
  EXPECT_EQ(Ask({1, 0, 1, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1}), kControlOk);
  EXPECT_TRUE(ComesThrough(kToOther));
  EXPECT_TRUE(ComesThrough(kToGroup));
  EXPECT_EQ(Ask({1, 0, 0, 0, 0, 0, 0, 0, 0, 0}), kControlOk);
  EXPECT_FALSE(ComesThrough(kToGroup));
  EXPECT_EQ(Ask({0, 1, 1}), kControlOk);
  EXPECT_TRUE(ComesThrough(kToGroup));
  EXPECT_EQ(Ask({1, 1, 2, 2, 0, 0, 0, 0}), kControlOk);
  EXPECT_TRUE(ComesThrough(kToOther));
  EXPECT_FALSE(ComesThrough(kToUs));
  EXPECT_EQ(bench_.Get(0x100), 0x0202u);
}

TEST_F(NetTest, ATableTooLargeChangesNothing) {
  bench_.Initialize(3, kControl);
  EXPECT_EQ(Ask({0, 0, 0}), kControlOk);
  const size_t count = NetFilter::kMaxTableEntries + 1;
  std::string request({1, 0, static_cast<char>(count), static_cast<char>(count >> 8), 0, 0});
  request += std::string(count * kMacBytes + 4, '\0');
  EXPECT_EQ(Ask(request), kControlError);
  EXPECT_TRUE(ComesThrough(kToUs));
  EXPECT_FALSE(ComesThrough(kToOther));
}

TEST_F(NetTest, RefusesCommandsOfNoSense) {
  bench_.Initialize(3, kControl);
  for (const std::string& request : std::initializer_list<std::string>{
           {0},        // no command
           {0, 0},     // no data
           {0, 2, 1},  // not negotiated
           {0, 6, 1},
           {9, 0, 1},
           {1, 1, 2, 2},                          // a short address
           {1, 0, 2, 0, 0, 0, 1, 1, 1, 1, 1, 1},  // one entry of two, no second table
           {1, 0, -1, -1, -1, -1, 0, 0, 0, 0},
       }) {
    EXPECT_EQ(Ask(request), kControlError);
  }
  bench_.Initialize(3);
  EXPECT_EQ(Ask({0, 0, 0}), kControlError);
}

TEST_F(NetTest, AStandingMachineTakesNothing) {
  bench_.Initialize(3);
  GiveBuffer(0, 2048);
  bench_.transport().Pause();
  EXPECT_FALSE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 0);
  bench_.transport().Start();
  EXPECT_EQ(port_.resumed, 1);
  EXPECT_TRUE(Receive(Frame(kToUs, 60)));
  EXPECT_EQ(bench_.UsedIndex(kReceiveQueue), 1);
}

TEST_F(NetTest, TellsTheDriverOfTheLink) {
  bench_.Initialize(3, kFeatureStatus);
  net_->SetLink(false);
  EXPECT_TRUE(bench_.irq());
  EXPECT_EQ(bench_.Get(0x60), kInterruptConfig);
  EXPECT_EQ(bench_.Get(0x104) >> 16 & 1, 0u);
}

}  // namespace
}  // namespace emu::virtio
