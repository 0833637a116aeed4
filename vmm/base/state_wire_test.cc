#include "vmm/base/state_wire.h"

#include <gtest/gtest.h>

#include <array>

#include "vmm/base/state_text.h"

namespace emu {
namespace {

struct Sample {
  uint64_t big = 0;
  uint8_t small = 0;
  bool flag = false;
  std::array<std::byte, 4> fixed = {};
  std::vector<std::byte> bytes;

  void Visit(StateVisitor& visitor) {
    visitor.Field(1, "big", big);
    visitor.BeginGroup(2, "inner");
    visitor.Small(1, "small", small);
    visitor.Small(3, "flag", flag);
    visitor.Field(4, "fixed", std::span<std::byte>(fixed));
    visitor.EndGroup();
    visitor.Field(3, "bytes", bytes);
  }
};

TEST(StateWireTest, WhatIsWrittenIsRead) {
  Sample written{UINT64_MAX, 0x80, true, {std::byte{1}, std::byte{2}}, {std::byte{9}}};
  StateWriter writer;
  written.Visit(writer);
  const auto bytes = writer.Take();

  Sample read;
  StateReader reader(bytes);
  read.Visit(reader);

  EXPECT_TRUE(reader.status().ok()) << reader.status();
  StateText before;
  StateText after;
  written.Visit(before);
  read.Visit(after);
  EXPECT_EQ(before.text(), after.text());
  EXPECT_NE(before.text().find("  flag = 0x1\n"), std::string::npos);
}

TEST(StateWireTest, AFieldThatIsMissingKeepsItsValue) {
  Sample read;
  read.big = 7;
  StateReader reader({});
  read.Visit(reader);
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(read.big, 7u);
}

TEST(StateWireTest, EveryTruncationAndBitFlipIsSurvived) {
  Sample written{1234567, 5, true, {}, std::vector<std::byte>(100)};
  StateWriter writer;
  written.Visit(writer);
  const auto bytes = writer.Take();
  for (size_t i = 0; i < bytes.size(); ++i) {
    Sample read;
    StateReader truncated{std::span(bytes).first(i)};
    read.Visit(truncated);
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = bytes;
      flipped[i] ^= std::byte{1} << bit;
      StateReader reader(flipped);
      read.Visit(reader);
    }
  }
}

TEST(StateWireTest, AWrongLengthIsNamed) {
  StateWriter writer;
  std::vector<std::byte> three(3);
  writer.Field(1, "x", three);
  const auto bytes = writer.Take();
  StateReader reader(bytes);
  std::array<std::byte, 4> four;
  reader.Field(1, "enabled", std::span<std::byte>(four));
  EXPECT_NE(reader.status().message().find("enabled"), absl::string_view::npos);
}

}  // namespace
}  // namespace emu
