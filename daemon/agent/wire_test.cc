#include "daemon/agent/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "vmm/base/test_seed.h"

namespace emu::agent {
namespace {

std::vector<Frame> Read(FrameReader& reader, std::span<const std::byte> bytes) {
  std::vector<Frame> frames;
  reader.Read(bytes, [&](const Frame& frame) { frames.push_back(frame); });
  return frames;
}

// Runs of zeroes and of others, around the length of a block.
std::vector<std::byte> RandomData(std::mt19937_64& random) {
  std::vector<std::byte> data;
  for (int run = 0; run < 8; ++run) {
    const size_t length = random() % 2 == 0 ? random() % 4 : 250 + random() % 10;
    const bool is_zero = random() % 3 == 0;
    for (size_t i = 0; i < length; ++i) {
      data.push_back(is_zero ? std::byte{0} : static_cast<std::byte>(1 + random() % 255));
    }
  }
  return data;
}

TEST(WireTest, WhatIsReadIsWhatWasWritten) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 2000; ++round) {
    const std::vector<std::byte> data = RandomData(random);
    std::vector<std::byte> bytes;
    AppendFrame({.kind = Kind::kOutput, .id = random(), .offset = random() % 3}, data, bytes);
    ASSERT_EQ(std::count(bytes.begin(), bytes.end(), std::byte{0}), 1);
    FrameReader reader;
    // In two pieces.
    const size_t cut = random() % bytes.size();
    EXPECT_TRUE(Read(reader, std::span(bytes).first(cut)).empty());
    const std::vector<Frame> frames = Read(reader, std::span(bytes).subspan(cut));
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].header.kind, Kind::kOutput);
    EXPECT_EQ(frames[0].data, data);
  }
}

TEST(WireTest, WhatWasLeftUnfinishedSpoilsNothingBehindIt) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> bytes;
    AppendFrame({.id = 1}, RandomData(random), bytes);
    bytes.resize(random() % (bytes.size() - 1));
    bytes.push_back({});
    AppendFrame({.id = 2}, RandomData(random), bytes);
    FrameReader reader;
    const std::vector<Frame> frames = Read(reader, bytes);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].header.id, 2u);
  }
}

TEST(WireTest, AFrameThatIsTooLongIsLeftOut) {
  std::vector<std::byte> bytes;
  AppendFrame({.id = 1}, std::vector<std::byte>(kMostDataBytes * 2, std::byte{1}), bytes);
  AppendFrame({.id = 2}, std::vector<std::byte>(kMostDataBytes, std::byte{1}), bytes);
  FrameReader reader;
  const std::vector<Frame> frames = Read(reader, bytes);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].header.id, 2u);
}

}  // namespace
}  // namespace emu::agent
