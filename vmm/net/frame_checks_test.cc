#include "vmm/net/frame_checks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace emu::net {
namespace {

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

bool MayLeaveAs(std::vector<std::byte> packet, int type_high, int type_low) {
  std::vector<std::byte> frame = Bytes({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, type_high, type_low});
  frame.insert(frame.end(), packet.begin(), packet.end());
  return MayLeave(frame);
}

bool MayLeaveTo4(int a, int b, int c, int d) {
  return MayLeaveAs(Bytes({0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 2, 15, a, b, c, d}), 8,
                    0);
}

bool MayLeaveTo6(std::initializer_list<int> address, int protocol = 6, int port = 80) {
  std::vector<std::byte> packet(40);
  packet[6] = static_cast<std::byte>(protocol);
  std::ranges::copy(Bytes(address), packet.begin() + 24);
  const auto payload = Bytes({0, 1, port >> 8, port});
  packet.insert(packet.end(), payload.begin(), payload.end());
  return MayLeaveAs(packet, 0x86, 0xdd);
}

TEST(MayLeaveTest, TheWorldAndTheNetworkItselfAreThereForGuests) {
  EXPECT_TRUE(MayLeaveTo4(192, 0, 2, 1));
  EXPECT_TRUE(MayLeaveTo4(10, 0, 2, 2));
  EXPECT_TRUE(MayLeaveTo4(255, 255, 255, 255));
  EXPECT_TRUE(MayLeaveTo6({0x20, 0x01, 0x0d, 0xb8}));
  EXPECT_TRUE(MayLeaveTo6({0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}));
  EXPECT_TRUE(MayLeaveAs({}, 8, 6));
}

TEST(MayLeaveTest, LoopbackIsNotHoweverItIsWritten) {
  EXPECT_FALSE(MayLeaveTo4(127, 0, 0, 1));
  EXPECT_FALSE(MayLeaveTo4(127, 255, 0, 1));
  EXPECT_FALSE(MayLeaveTo4(0, 0, 0, 0));
  EXPECT_FALSE(MayLeaveTo6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_FALSE(MayLeaveTo6({}));
  EXPECT_FALSE(MayLeaveTo6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1}));
  EXPECT_FALSE(MayLeaveTo6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}));
  EXPECT_FALSE(MayLeaveTo6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}));
}

TEST(MayLeaveTest, LinksAndGroupsAreForFindingNeighboursOnly) {
  EXPECT_FALSE(MayLeaveTo4(169, 254, 169, 254));
  EXPECT_FALSE(MayLeaveTo4(224, 0, 0, 251));
  EXPECT_FALSE(MayLeaveTo4(240, 0, 0, 1));
  EXPECT_FALSE(MayLeaveTo6({0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}));
  for (const int group : {0xfe, 0xff}) {
    const int rest = group == 0xfe ? 0xbf : 0x02;
    EXPECT_FALSE(MayLeaveTo6({group, rest}));
    EXPECT_TRUE(MayLeaveTo6({group, rest}, 58));
    EXPECT_TRUE(MayLeaveTo6({group, rest}, 17, 547));
    EXPECT_FALSE(MayLeaveTo6({group, rest}, 17, 5353));
  }
}

TEST(MayLeaveTest, ShortAndForeignFramesStayHere) {
  EXPECT_FALSE(MayLeave({}));
  EXPECT_FALSE(MayLeaveAs(Bytes({0x45}), 8, 0));
  EXPECT_FALSE(MayLeaveAs(std::vector<std::byte>(39), 0x86, 0xdd));
  EXPECT_FALSE(MayLeaveAs(std::vector<std::byte>(60), 0x81, 0));
}

TEST(CompleteChecksumTest, IsTheComplementOfTheSum) {
  // RFC 1071 s. 3: 00 01 f2 03 f4 f5 f6 f7 add up to ddf2. Two bytes are left for the checksum.
  auto frame = Bytes({9, 9, 9, 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0, 0});
  const FrameHeader header = {.flags = kNeedsChecksum, .checksum_start = 3, .checksum_offset = 8};
  ASSERT_TRUE(CompleteChecksum(header, frame));
  EXPECT_EQ(frame[11], std::byte{0x22});
  EXPECT_EQ(frame[12], std::byte{0x0d});
}

TEST(CompleteChecksumTest, ZeroMeansNoneAndIsWrittenAsItsTwin) {
  auto frame = Bytes({0xff, 0xff, 0, 0});
  ASSERT_TRUE(CompleteChecksum({.flags = kNeedsChecksum, .checksum_start = 0, .checksum_offset = 2},
                               frame));
  EXPECT_EQ(frame[2], std::byte{0xff});
}

TEST(CompleteChecksumTest, PlacesOutsideTheFrameAreRefused) {
  auto frame = Bytes({0, 0, 0, 0});
  for (const auto& [start, offset] : {std::pair(0, 3), std::pair(3, 0), std::pair(65535, 65535)}) {
    FrameHeader header = {.flags = kNeedsChecksum};
    header.checksum_start = static_cast<uint16_t>(start);
    header.checksum_offset = static_cast<uint16_t>(offset);
    EXPECT_FALSE(CompleteChecksum(header, frame));
    header.flags = 0;
    EXPECT_TRUE(CompleteChecksum(header, frame));
  }
}

}  // namespace
}  // namespace emu::net
