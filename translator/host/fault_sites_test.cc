#include "translator/host/fault_sites.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>

namespace emu::translator {
namespace {

using Place = PendingSlot::Place;

constexpr size_t kStateBytes = 512;
constexpr uint64_t kCanonicalF64 = 0x7ff8'0000'0000'0000;
constexpr uint64_t kCanonicalF32 = 0x7fc0'0000;
constexpr uint64_t kBoxed = 0xffff'ffff'0000'0000;

PendingSlot Slot(uint16_t offset, Place place, uint64_t value, uint8_t transform = 0) {
  return {.offset = offset, .bytes = 8, .place = place, .transform = transform, .value = value};
}

class FaultSitesTest : public testing::Test {
 protected:
  FaultSitesTest() : frame_(std::make_unique<VcpuFrame>()) {
    for (uint32_t number = 0; number < 16; ++number) {
      frame_->saved_integer[number] = 0x100 + number;
      frame_->saved_float[number] = {0x200 + number, 0x280 + number};
    }
    for (uint32_t number = 0; number < VcpuFrame::kSpillCount; ++number) {
      frame_->spills[number] = 0x300 + number;
    }
    for (uint32_t offset = 0; offset < kStateBytes; offset += 8) Put(offset, 0x1000 + offset);
  }

  void Put(uint32_t offset, uint64_t value) { std::memcpy(&state_[offset], &value, 8); }
  uint64_t Get(uint32_t offset) const {
    uint64_t value = 0;
    std::memcpy(&value, &state_[offset], 8);
    return value;
  }
  std::optional<uint32_t> Recover(uint32_t code_offset) {
    return RecoverState(writer_.bytes(), code_offset, *frame_, state_.data());
  }

  FaultSiteWriter writer_;
  std::unique_ptr<VcpuFrame> frame_;
  std::array<std::byte, kStateBytes> state_;
};

TEST_F(FaultSitesTest, EveryPlaceIsReadFromWhereItIs) {
  const PendingSlot pending[] = {
      Slot(8, Place::kInteger, 11), Slot(16, Place::kFloat, 13), Slot(24, Place::kSpill, 95),
      Slot(32, Place::kConstant, ~uint64_t{0}), Slot(40, Place::kSlot, 48)};
  writer_.Add(100, 0x24, pending);
  EXPECT_EQ(Recover(100), 0x24u);
  EXPECT_EQ(Get(8), 0x10bu);
  EXPECT_EQ(Get(16), 0x20du);
  EXPECT_EQ(Get(24), 0x35fu);
  EXPECT_EQ(Get(32), ~uint64_t{0});
  EXPECT_EQ(Get(40), 0x1030u);
  EXPECT_EQ(Get(48), 0x1030u);
}

TEST_F(FaultSitesTest, AnUnknownPlaceInTheCodeRecoversNothing) {
  const PendingSlot pending[] = {Slot(8, Place::kConstant, 1)};
  writer_.Add(100, 0, pending);
  EXPECT_EQ(Recover(99), std::nullopt);
  EXPECT_EQ(Recover(101), std::nullopt);
  EXPECT_EQ(Get(8), 0x1008u);
}

TEST_F(FaultSitesTest, WhatHasBeenStoredSinceIsLeftAlone) {
  const PendingSlot both[] = {Slot(8, Place::kConstant, 1), Slot(16, Place::kConstant, 2)};
  writer_.Add(10, 0, both);
  writer_.Add(20, 4, std::span(both).subspan(1));
  writer_.Add(30, 8, {});
  EXPECT_EQ(Recover(30), 8u);
  EXPECT_EQ(Get(16), 0x1010u);
  EXPECT_EQ(Recover(20), 4u);
  EXPECT_EQ(Get(8), 0x1008u);
  EXPECT_EQ(Get(16), 2u);
}

TEST_F(FaultSitesTest, InstructionsMayGoBackwards) {
  writer_.Add(10, 0xffe, {});
  writer_.Add(20, 2, {});
  EXPECT_EQ(Recover(10), 0xffeu);
  EXPECT_EQ(Recover(20), 2u);
}

TEST_F(FaultSitesTest, SlotsThatAreEachOthersPlaceAreSwapped) {
  const PendingSlot pending[] = {Slot(8, Place::kSlot, 16), Slot(16, Place::kSlot, 8)};
  writer_.Add(10, 0, pending);
  Recover(10);
  EXPECT_EQ(Get(8), 0x1010u);
  EXPECT_EQ(Get(16), 0x1008u);
}

TEST_F(FaultSitesTest, NarrowSlotsKeepWhatLiesBehindThem) {
  const PendingSlot pending[] = {
      {.offset = 8, .bytes = 4, .place = Place::kConstant, .transform = 0, .value = 7}};
  Put(8, ~uint64_t{0});
  writer_.Add(10, 0, pending);
  Recover(10);
  EXPECT_EQ(Get(8), 0xffff'ffff'0000'0007u);
}

TEST_F(FaultSitesTest, ANanIsStoredInItsCanonicalForm) {
  frame_->saved_float[0][0] = 0xfff4'0000'0000'0001;
  frame_->saved_float[1][0] = 0x5555'5555'ffc0'0001;
  frame_->saved_float[2][0] = 0x5555'5555'3f80'0000;
  const PendingSlot pending[] = {
      Slot(8, Place::kFloat, 0, PendingSlot::kCanonF64),
      Slot(16, Place::kFloat, 1, PendingSlot::kCanonF32 | PendingSlot::kBox),
      Slot(24, Place::kFloat, 2, PendingSlot::kCanonF32 | PendingSlot::kBox),
      Slot(32, Place::kFloat, 1, PendingSlot::kBox)};
  writer_.Add(10, 0, pending);
  Recover(10);
  EXPECT_EQ(Get(8), kCanonicalF64);
  EXPECT_EQ(Get(16), kBoxed | kCanonicalF32);
  EXPECT_EQ(Get(24), kBoxed | 0x3f80'0000);
  EXPECT_EQ(Get(32), kBoxed | 0xffc0'0001);
}

TEST_F(FaultSitesTest, VectorsAreRecoveredWhole) {
  const auto vector = [](uint16_t offset, Place place, uint64_t value, uint8_t transform = 0) {
    PendingSlot slot = Slot(offset, place, value, transform);
    slot.bytes = 16;
    return slot;
  };
  frame_->saved_float[2] = {0xaaaa'bbbb'3f80'0000, 0xcccc};
  const PendingSlot pending[] = {vector(16, Place::kFloat, 13),
                                 vector(32, Place::kSpill, 94),
                                 vector(48, Place::kConstant, 7),
                                 vector(64, Place::kSlot, 128),
                                 vector(80, Place::kFloat, 2, PendingSlot::kScalarF64),
                                 vector(96, Place::kFloat, 2, PendingSlot::kScalarF32)};
  writer_.Add(10, 0, pending);
  Recover(10);
  const uint64_t expected[] = {
      0x20d, 0x28d, 0x35e, 0x35f, 7, 7, 0x1080, 0x1088, 0xaaaa'bbbb'3f80'0000, 0, 0x3f80'0000, 0};
  for (uint32_t word = 0; word < std::size(expected); ++word) {
    EXPECT_EQ(Get(16 + 8 * word), expected[word]) << word;
  }
}

TEST_F(FaultSitesTest, AClearedWriterStartsAnew) {
  const PendingSlot pending[] = {Slot(8, Place::kConstant, 1)};
  writer_.Add(100, 0x10, pending);
  writer_.Clear();
  writer_.Add(5, 4, {});
  EXPECT_EQ(Recover(100), std::nullopt);
  EXPECT_EQ(Recover(5), 4u);
  EXPECT_EQ(Get(8), 0x1008u);
}

// Random lists, each like the one before it but for a few slots, as code makes them.
TEST_F(FaultSitesTest, EverySiteOfARandomBlockIsRecovered) {
  struct Site {
    uint32_t code_offset;
    uint32_t instruction;
    std::vector<PendingSlot> pending;
  };
  std::mt19937_64 random(1);
  const auto below = [&random](uint64_t bound) { return random() % bound; };
  const auto random_slot = [&](uint16_t offset) {
    const auto place = static_cast<Place>(below(5));
    const uint64_t shift = below(64);
    const uint64_t bounds[] = {16, 16, VcpuFrame::kSpillCount, 0, kStateBytes / 8};
    const uint64_t bound = bounds[static_cast<size_t>(place)];
    uint64_t value = bound == 0 ? random() >> shift : below(bound);
    if (place == Place::kSlot) value *= 8;
    PendingSlot slot = Slot(offset, place, value);
    if (below(2) == 0) slot.bytes = 4;
    return slot;
  };
  for (uint32_t block = 0; block < 200; ++block) {
    writer_.Clear();
    std::vector<Site> sites;
    Site site = {};
    for (uint32_t number = 0; number < 30; ++number) {
      site.code_offset += static_cast<uint32_t>(1 + below(300));
      site.instruction = static_cast<uint32_t>(below(4096));
      for (uint64_t changes = below(4); changes > 0; --changes) {
        const auto offset = static_cast<uint16_t>(8 * below(kStateBytes / 8));
        const auto at =
            std::find_if(site.pending.begin(), site.pending.end(),
                         [&](const PendingSlot& slot) { return slot.offset >= offset; });
        const bool is_there = at != site.pending.end() && at->offset == offset;
        if (is_there && below(2) == 0) {
          site.pending.erase(at);
        } else if (is_there) {
          *at = random_slot(offset);
        } else {
          site.pending.insert(at, random_slot(offset));
        }
      }
      writer_.Add(site.code_offset, site.instruction, site.pending);
      sites.push_back(site);
    }
    for (const Site& expected : sites) {
      const std::array<std::byte, kStateBytes> before = state_;
      std::array<std::byte, kStateBytes> after = before;
      for (const PendingSlot& slot : expected.pending) {
        const uint64_t registers[] = {
            frame_->saved_integer[slot.value % 16], frame_->saved_float[slot.value % 16][0],
            frame_->spills[slot.value % VcpuFrame::kSpillCount], slot.value};
        const void* from = slot.place == Place::kSlot
                               ? static_cast<const void*>(&before[slot.value])
                               : &registers[static_cast<size_t>(slot.place)];
        std::memcpy(&after[slot.offset], from, slot.bytes);
      }
      ASSERT_EQ(Recover(expected.code_offset), expected.instruction);
      ASSERT_EQ(state_, after) << "block " << block << " offset " << expected.code_offset;
    }
  }
}

}  // namespace
}  // namespace emu::translator
