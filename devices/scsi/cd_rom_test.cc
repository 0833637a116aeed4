#include "devices/scsi/cd_rom.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <random>
#include <string>

#include "vmm/base/endian.h"
#include "vmm/base/state_wire.h"
#include "vmm/base/test_seed.h"

namespace emu::scsi {
namespace {

constexpr uint64_t kBlocks = 1000;

class CdRomTest : public testing::Test {
 protected:
  CdRomTest() { Ask({0x00}); }  // the first command hears of the reset

  Reply Ask(std::initializer_list<uint8_t> command) { return drive_.Execute(ToCommand(command)); }
  CdRom::Command ToCommand(std::initializer_list<uint8_t> command) {
    bytes_ = {};
    std::ranges::transform(command, bytes_.begin(), [](uint8_t b) { return std::byte{b}; });
    return bytes_;
  }
  static std::string TextOf(const Reply& reply, size_t offset, size_t size) {
    std::string text;
    for (size_t i = offset; i < offset + size && i < reply.data.size(); ++i) {
      text += static_cast<char>(reply.data[i]);
    }
    return text;
  }
  static std::vector<uint8_t> Numbers(const Reply& reply) {
    std::vector<uint8_t> numbers;
    for (const std::byte byte : reply.data) numbers.push_back(static_cast<uint8_t>(byte));
    return numbers;
  }
  using Bytes = std::vector<uint8_t>;

  std::array<std::byte, kCommandBytes> bytes_ = {};
  CdRom drive_{kBlocks * kBlockBytes + 100, "cd-1"};
};

TEST_F(CdRomTest, SaysWhatItIs) {
  const Reply reply = Ask({0x12, 0, 0, 0, 96});
  ASSERT_EQ(reply.data.size(), 36u);
  EXPECT_EQ(reply.data[0], std::byte{5});
  EXPECT_EQ(reply.data[1], std::byte{0x80});
  EXPECT_EQ(reply.data[4], std::byte{31});
  EXPECT_EQ(TextOf(reply, 8, 24), "EMU     CD-ROM          ");
  EXPECT_EQ(Ask({0x12, 0, 0, 0, 5}).data.size(), 5u);
  EXPECT_EQ(Ask({0x12, 0, 0, 0, 0}).data.size(), 0u);
  EXPECT_EQ(Ask({0x12, 0, 0x80, 0, 96}).sense, kBadField);
}

TEST_F(CdRomTest, HasPagesOfProductData) {
  EXPECT_EQ(Numbers(Ask({0x12, 1, 0x00, 0, 96})), (Bytes{5, 0, 0, 3, 0x00, 0x80, 0x83}));
  const Reply serial = Ask({0x12, 1, 0x80, 0, 96});
  EXPECT_EQ(serial.data.size(), 8u);
  EXPECT_EQ(TextOf(serial, 4, 4), "cd-1");
  const Reply identification = Ask({0x12, 1, 0x83, 0, 96});
  EXPECT_EQ(LoadBig<uint16_t>(std::span(identification.data).subspan(2)),
            identification.data.size() - 4);
  EXPECT_EQ(TextOf(identification, 8, 12), "EMU     cd-1");
  EXPECT_EQ(Ask({0x12, 1, 0xb0, 0, 96}).sense, kBadField);
}

TEST_F(CdRomTest, ItsCapacityIsThatOfWholeBlocks) {
  EXPECT_EQ(Numbers(Ask({0x25})), (Bytes{0, 0, 3, 0xe7, 0, 0, 8, 0}));
  const Reply large = Ask({0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32});
  ASSERT_EQ(large.data.size(), 32u);
  EXPECT_EQ(LoadBig<uint64_t>(large.data), kBlocks - 1);
  EXPECT_EQ(LoadBig<uint32_t>(std::span(large.data).subspan(8)), kBlockBytes);
  EXPECT_EQ(Ask({0x9e, 0x12}).sense, kBadField);
}

TEST_F(CdRomTest, ReadsAreExtentsOfTheDisc) {
  const auto expect = [this](std::initializer_list<uint8_t> command, uint64_t block,
                             uint64_t count) {
    const Reply reply = Ask(command);
    ASSERT_TRUE(reply.extent.has_value());
    EXPECT_EQ(reply.extent->offset, block * kBlockBytes);
    EXPECT_EQ(reply.extent->size_bytes, count * kBlockBytes);
  };
  expect({0x08, 0xe0, 1, 2, 3}, 0x102, 3);  // the highest bits are no address
  expect({0x08, 0, 0, 0, 0}, 0, 256);
  expect({0x28, 0, 0, 0, 3, 0xe6, 0, 0, 2}, 998, 2);
  expect({0xa8, 0, 0, 0, 0, 1, 0, 0, 3, 0xe7}, 1, 999);
  expect({0x88, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4}, 1, 4);
  const Reply none = Ask({0x28, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(none.sense, kNoSense);
  EXPECT_FALSE(none.extent.has_value());
}

TEST_F(CdRomTest, ReadsBeyondTheDiscAreOutOfRange) {
  EXPECT_EQ(Ask({0x28, 0, 0, 0, 3, 0xe8, 0, 0, 1}).sense, kOutOfRange);
  EXPECT_EQ(Ask({0x28, 0, 0, 0, 3, 0xe7, 0, 0, 2}).sense, kOutOfRange);
  EXPECT_EQ(Ask({0xa8, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}).sense, kOutOfRange);
  EXPECT_EQ(Ask({0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1}).sense,
            kOutOfRange);
}

TEST_F(CdRomTest, WhatItDoesNotKnowItSaysSo) {
  EXPECT_EQ(Ask({0x2a, 0, 0, 0, 0, 0, 0, 0, 1}).sense, kUnknownOperation);  // WRITE(10)
  EXPECT_EQ(Ask({0x04}).sense, kUnknownOperation);                          // FORMAT UNIT
  EXPECT_EQ(Ask({0xff}).sense, kUnknownOperation);
}

TEST_F(CdRomTest, TheFirstCommandAfterAResetHearsOfIt) {
  drive_.Reset();
  EXPECT_EQ(Ask({0x12, 0, 0, 0, 36}).sense, kNoSense);
  EXPECT_EQ(Ask({0x00}).sense, kWasReset);
  EXPECT_EQ(Ask({0x00}).sense, kNoSense);

  drive_.Reset();
  const Reply sense = Ask({0x03, 0, 0, 0, 18});
  EXPECT_EQ(Numbers(sense), (Bytes{0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Ask({0x00}).sense, kNoSense);
}

TEST_F(CdRomTest, TheTrayOpensUnlessItIsLocked) {
  EXPECT_EQ(Ask({0x1e, 0, 0, 0, 1}).sense, kNoSense);
  EXPECT_EQ(Ask({0x1b, 0, 0, 0, 2}).sense, kRemovalPrevented);
  EXPECT_EQ(Ask({0x1e, 0, 0, 0, 0}).sense, kNoSense);
  EXPECT_EQ(Ask({0x1b, 0, 0, 0, 2}).sense, kNoSense);
  for (const uint8_t operation : {0x00, 0x25, 0x28, 0x43, 0x51, 0x08, 0xa8, 0x88}) {
    EXPECT_EQ(Ask({operation}).sense, kTrayIsOpen) << int{operation};
  }
  EXPECT_EQ(Ask({0x12, 0, 0, 0, 36}).sense, kNoSense);
  EXPECT_EQ(Ask({0x1b, 0, 0, 0, 3}).sense, kNoSense);
  EXPECT_EQ(Ask({0x00}).sense, kNoSense);
  EXPECT_EQ(Ask({0x1e, 0, 0, 0, 3}).sense, kBadField);
}

TEST_F(CdRomTest, AnEventIsToldOnce) {
  const auto poll = [this] { return Numbers(Ask({0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8})); };
  EXPECT_EQ(poll(), (Bytes{0, 6, 4, 0x10, 0, 2, 0, 0}));
  Ask({0x1b, 0, 0, 0, 2});
  EXPECT_EQ(poll(), (Bytes{0, 6, 4, 0x10, 3, 1, 0, 0}));
  EXPECT_EQ(poll(), (Bytes{0, 6, 4, 0x10, 0, 1, 0, 0}));
  Ask({0x1b, 0, 0, 0, 3});
  EXPECT_EQ(poll(), (Bytes{0, 6, 4, 0x10, 2, 2, 0, 0}));
  EXPECT_EQ(Numbers(Ask({0x4a, 1, 0, 0, 0x02, 0, 0, 0, 8})), (Bytes{0, 2, 0x80, 0x10}));
  EXPECT_EQ(Ask({0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8}).sense, kBadField);  // events as they come
}

TEST_F(CdRomTest, ADiscWithoutBlocksIsNone) {
  CdRom empty(kBlockBytes - 1, "empty");
  empty.Execute(ToCommand({0x00}));
  EXPECT_EQ(empty.Execute(ToCommand({0x00})).sense, kNoMedium);
  EXPECT_EQ(empty.Execute(ToCommand({0x25})).sense, kNoMedium);
}

TEST_F(CdRomTest, ItsModePages) {
  const Reply capabilities = Ask({0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 128});
  ASSERT_EQ(capabilities.data.size(), 8u + 22);
  EXPECT_EQ(LoadBig<uint16_t>(capabilities.data), capabilities.data.size() - 2);
  EXPECT_EQ(capabilities.data[8], std::byte{0x2a});
  EXPECT_EQ(capabilities.data[8 + 1], std::byte{20});
  EXPECT_EQ(capabilities.data[8 + 6] & std::byte{2}, std::byte{0});
  Ask({0x1e, 0, 0, 0, 1});
  const Reply locked = Ask({0x1a, 0, 0x2a, 0, 128});
  ASSERT_EQ(locked.data.size(), 4u + 22);
  EXPECT_EQ(locked.data[0], std::byte{25});
  EXPECT_EQ(locked.data[4 + 6] & std::byte{2}, std::byte{2});
  EXPECT_EQ(Ask({0x1a, 0, 0x3f, 0, 255}).data.size(), 4u + 12 + 22);
  const Reply changeable = Ask({0x1a, 0, 0x6a, 0, 255});
  EXPECT_TRUE(std::ranges::all_of(std::span(changeable.data).subspan(6),
                                  [](std::byte byte) { return byte == std::byte{0}; }));
  EXPECT_EQ(Ask({0x1a, 0, 0xea, 0, 255}).sense, kNothingSaved);
  EXPECT_EQ(Ask({0x1a, 0, 0x08, 0, 255}).sense, kBadField);
}

TEST_F(CdRomTest, ItsTableOfContentsHasOneTrackOfData) {
  EXPECT_EQ(Numbers(Ask({0x43, 0, 0, 0, 0, 0, 0, 0, 255})),
            (Bytes{0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa, 0, 0, 0, 3, 0xe8}));
  // 1150 frames are 15 seconds and 25 frames.
  EXPECT_EQ(Numbers(Ask({0x43, 2, 0, 0, 0, 0, 0xaa, 0, 255})),
            (Bytes{0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 0, 15, 25}));
  const Bytes sessions = {0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0};
  EXPECT_EQ(Numbers(Ask({0x43, 0, 1, 0, 0, 0, 0, 0, 255})), sessions);
  EXPECT_EQ(Numbers(Ask({0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40})), sessions);
  EXPECT_EQ(Ask({0x43, 2, 2, 0, 0, 0, 1, 0, 255}).data.size(), 4u + 4 * 11);
  EXPECT_EQ(Ask({0x43, 0, 0, 0, 0, 0, 2, 0, 255}).sense, kBadField);
  EXPECT_EQ(Ask({0x43, 0, 5, 0, 0, 0, 0, 0, 255}).sense, kBadField);
}

TEST_F(CdRomTest, ItsFeaturesDependOnTheDisc) {
  const Reply all = Ask({0x46, 0, 0, 0, 0, 0, 0, 0, 255});
  EXPECT_EQ(LoadBig<uint32_t>(all.data), all.data.size() - 4);
  EXPECT_EQ(LoadBig<uint16_t>(std::span(all.data).subspan(6)), kCdRomProfile);
  const Reply current = Ask({0x46, 1, 0, 0, 0, 0, 0, 0, 255});
  EXPECT_LT(current.data.size(), all.data.size());  // no DVD
  const Reply one = Ask({0x46, 2, 0, 3, 0, 0, 0, 0, 255});
  EXPECT_EQ(one.data.size(), 8u + 8);
  EXPECT_EQ(one.data[9], std::byte{3});
  EXPECT_EQ(Ask({0x46, 2, 0x12, 0x34, 0, 0, 0, 0, 255}).data.size(), 8u);
  EXPECT_EQ(Ask({0x46, 3}).sense, kBadField);

  CdRom dvd(4ull << 30, "dvd");
  const Reply profile = dvd.Execute(ToCommand({0x46, 0, 0, 0, 0, 0, 0, 0, 8}));
  EXPECT_EQ(LoadBig<uint16_t>(std::span(profile.data).subspan(6)), kDvdRomProfile);
}

TEST_F(CdRomTest, ItsDiscIsComplete) {
  const Reply reply = Ask({0x51, 0, 0, 0, 0, 0, 0, 0, 255});
  ASSERT_EQ(reply.data.size(), 34u);
  EXPECT_EQ(LoadBig<uint16_t>(reply.data), 32);
  EXPECT_EQ(reply.data[2], std::byte{0x0e});
  EXPECT_EQ(Ask({0x51, 1, 0, 0, 0, 0, 0, 0, 255}).sense, kBadField);
}

TEST_F(CdRomTest, OtherUnitsAreNotThere) {
  EXPECT_EQ(Numbers(Ask({0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 255})),
            (Bytes{0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(CdRom::ExecuteForNobody(ToCommand({0x12, 0, 0, 0, 36})).data[0], std::byte{0x7f});
  EXPECT_EQ(CdRom::ExecuteForNobody(ToCommand({0x00})).sense, kNoSuchUnit);
}

TEST_F(CdRomTest, NoCommandIsAnsweredWithMoreThanItAllocates) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 200'000; ++round) {
    std::array<std::byte, kCommandBytes> command;
    for (std::byte& byte : command) {
      byte = random() % 2 == 0 ? std::byte{0} : static_cast<std::byte>(random());
    }
    const Reply reply = drive_.Execute(command);
    if (reply.extent.has_value()) {
      ASSERT_LE(reply.extent->offset + reply.extent->size_bytes, kBlocks * kBlockBytes);
    }
    ASSERT_LE(reply.data.size(), 255u);
  }
}

}  // namespace
}  // namespace emu::scsi
