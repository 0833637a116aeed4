#include "vmm/gdb/packet.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace emu::gdb {
namespace {

using Kind = Received::Kind;

TEST(PacketTest, APacketComesOutAsItWentIn) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  PacketReader reader;
  const std::vector<Received> received = reader.Feed(Frame(all));
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].kind, Kind::kPacket);
  EXPECT_EQ(received[0].data, all);
}

TEST(PacketTest, APacketMayComeByteByByte) {
  PacketReader reader;
  std::vector<Received> received;
  for (const char byte : std::string("+$OK#9a")) {
    EXPECT_TRUE(received.empty());
    received = reader.Feed(std::string(1, byte));
  }
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].data, "OK");
}

TEST(PacketTest, AWrongChecksumIsTold) {
  for (const char* packet : {"$OK#9b", "$OK#zz", "$OK#9", "$OK##9a"}) {
    PacketReader reader;
    const std::vector<Received> received = reader.Feed(std::string(packet) + "x");
    ASSERT_EQ(received.size(), 1u) << packet;
    EXPECT_EQ(received[0].kind, Kind::kBroken) << packet;
    EXPECT_EQ(reader.Feed("$OK#9a").size(), 1u) << packet;  // it goes on
  }
}

TEST(PacketTest, ThreeIsAnInterruptOutsideOfPacketsOnly) {
  PacketReader reader;
  std::vector<Received> received = reader.Feed("\x03");
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].kind, Kind::kInterrupt);
  received = reader.Feed(Frame("X\x03"));
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].kind, Kind::kPacket);
}

TEST(PacketTest, APacketWithoutEndTakesNoMemory) {
  PacketReader reader;
  EXPECT_TRUE(reader.Feed("$").empty());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(reader.Feed(std::string(kMaxPacketBytes, 'a')).empty());
  const std::vector<Received> received = reader.Feed("#00");
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].kind, Kind::kBroken);
}

TEST(PacketTest, NoiseHarmsNothing) {
  std::mt19937 random(1);
  PacketReader reader;
  for (int i = 0; i < 20000; ++i) {
    std::string noise;
    for (uint32_t length = random() % 64; length > 0; --length) {
      constexpr char kLikely[] =
          "$#}*+-\x03"
          "0a";
      noise += random() % 2 ? kLikely[random() % 9] : static_cast<char>(random());
    }
    for (const Received& received : reader.Feed(noise)) {
      EXPECT_LE(received.data.size(), kMaxPacketBytes);
    }
  }
  // Whatever state that left it in.
  reader.Feed("#00#00");
  const std::vector<Received> received = reader.Feed("$OK#9a");
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].data, "OK");
}

TEST(PacketTest, NumbersEndWhereTheirDigitsDo) {
  std::string_view text = "8000abcd,4";
  EXPECT_EQ(TakeHexNumber(text), 0x8000'abcdu);
  EXPECT_EQ(text, ",4");
  EXPECT_FALSE(TakeHexNumber(text).has_value());
  text = "10000000000000000";
  EXPECT_FALSE(TakeHexNumber(text).has_value());
  text = "ffffffffffffffff";
  EXPECT_EQ(TakeHexNumber(text), UINT64_MAX);
}

TEST(PacketTest, RegistersAreLittleEndian) {
  EXPECT_EQ(RegisterToHex(0x1122'3344'5566'7788, 64), "8877665544332211");
  EXPECT_EQ(RegisterFromHex("8877665544332211", 64), 0x1122'3344'5566'7788u);
  EXPECT_EQ(RegisterToHex(3, 8), "03");
  EXPECT_FALSE(RegisterFromHex("0300", 8).has_value());
  EXPECT_FALSE(RegisterFromHex("xx", 8).has_value());
}

}  // namespace
}  // namespace emu::gdb
