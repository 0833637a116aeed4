#include "translator/runtime/jump_tables.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace emu::translator {
namespace {

constexpr uint64_t kPage = 0x40'3000;
constexpr uint64_t kPc = kPage + 0x124;

class JumpTablesTest : public testing::Test {
 protected:
  JumpTablesTest() { tables_.Select(1, 0); }
  static const void* Code(uint64_t number) { return &kCode[number]; }
  // As translated code reads it.
  static const JumpEntry& Entry(const JumpTableHeader* table, uint64_t pc) {
    const auto* entries = reinterpret_cast<const std::byte*>(table) + sizeof(JumpTableHeader);
    return *reinterpret_cast<const JumpEntry*>(entries + JumpIndex(pc, table->index_mask));
  }
  bool Collide(uint64_t one, uint64_t other) const {
    const uint64_t mask = tables_.current()->index_mask;
    return JumpIndex(one, mask) == JumpIndex(other, mask);
  }

  JumpTables tables_;

 private:
  static constexpr char kCode[16] = {};
};

// Translated code compares the address alone, and would jump to nullptr.
TEST_F(JumpTablesTest, NoAddressHitsAnEmptySlot) {
  const auto hits = [](const JumpTableHeader* table) {
    for (uint64_t pc = 0; pc < 1 << 18; ++pc) {
      if (Entry(table, pc).pc == pc || Entry(table, ~pc).pc == ~pc) return true;
    }
    return false;
  };
  EXPECT_FALSE(hits(tables_.current()));
  EXPECT_FALSE(hits(&kEmptyJumpTable.header));
  tables_.Enter(kPc, Code(1));
  tables_.FlushPage(kPage);
  EXPECT_FALSE(hits(tables_.current()));
}

TEST_F(JumpTablesTest, ATableWithCollisionsGrowsAndKeepsWhatItHolds) {
  ASSERT_EQ(tables_.current_entries(), JumpTables::kMinEntries);
  constexpr uint64_t kCount = 40'000;
  const auto pc = [](uint64_t number) { return kPage + 6 * number; };
  bool moved = false;
  for (int round = 0; round < 8; ++round) {
    for (uint64_t number = 0; number < kCount; ++number) {
      const JumpTableHeader* const before = tables_.current();
      const bool moves = tables_.Enter(pc(number), Code(number % 16));
      EXPECT_EQ(moves, tables_.current() != before);
      moved = moved || moves;
    }
  }
  EXPECT_TRUE(moved);
  EXPECT_EQ(tables_.current_entries(), JumpTables::kMaxEntries);
  uint64_t found = 0;
  for (uint64_t number = 0; number < kCount; ++number) {
    if (tables_.Find(pc(number)) == Code(number % 16)) ++found;
  }
  EXPECT_GT(found, kCount / 2);
}

TEST_F(JumpTablesTest, GrowingLosesNothing) {
  const uint64_t first = kPage + 2 * JumpTables::kMinEntries * 64;
  tables_.Enter(kPc, Code(1));
  // Two addresses that always want one place.
  uint64_t other = first + 2;
  while (!Collide(first, other) || Collide(first, kPc)) other += 2;
  for (uint32_t turn = 0; tables_.current_entries() == JumpTables::kMinEntries; ++turn) {
    ASSERT_LT(turn, JumpTables::kMinEntries);
    tables_.Enter(turn % 2 == 0 ? first : other, Code(2));
  }
  EXPECT_EQ(tables_.Find(kPc), Code(1));
}

TEST_F(JumpTablesTest, AGrownTableThatStaysEmptyShrinksWhenFlushed) {
  for (uint64_t pc = 0; tables_.current_entries() < 4 * JumpTables::kMinEntries; pc += 2) {
    tables_.Enter(pc % 65536, Code(1));
    tables_.Enter(pc % 65536 + (uint64_t{1} << 32), Code(2));
  }
  const JumpTableHeader* const table = tables_.current();
  for (uint64_t number = 0; number < JumpTables::kMinEntries; ++number) {
    tables_.Enter(kPage + 2 * number, Code(1));
  }
  tables_.FlushAll();
  EXPECT_EQ(tables_.current_entries(), 4 * JumpTables::kMinEntries);
  tables_.Enter(kPc, Code(1));
  tables_.FlushAll();
  EXPECT_EQ(tables_.current_entries(), 2 * JumpTables::kMinEntries);
  EXPECT_EQ(tables_.current(), table);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
}

TEST_F(JumpTablesTest, WhatIsEnteredIsFound) {
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Enter(kPc, Code(1));
  EXPECT_EQ(tables_.Find(kPc), Code(1));
  EXPECT_EQ(tables_.Find(kPc + 2), nullptr);
}

TEST_F(JumpTablesTest, TranslatedCodeReadsTheTableThatSelectReturns) {
  tables_.Enter(kPc, Code(1));
  const JumpTableHeader* const table = tables_.Select(1, 0);
  EXPECT_EQ(table, tables_.current());
  EXPECT_EQ(Entry(table, kPc).pc, kPc);
  EXPECT_EQ(Entry(table, kPc).code, Code(1));
}

TEST_F(JumpTablesTest, ACollisionForgetsTheOlder) {
  uint64_t other = kPc + 2;
  while (!Collide(other, kPc)) other += 2;
  tables_.Enter(kPc, Code(1));
  tables_.Enter(other, Code(2));
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  EXPECT_EQ(tables_.Find(other), Code(2));
}

TEST_F(JumpTablesTest, SpacesAndModesAreApart) {
  tables_.Enter(kPc, Code(1));
  tables_.Select(2, 0);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Enter(kPc, Code(2));
  tables_.Select(1, 7);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Enter(kPc, Code(3));
  tables_.Select(1, 0);
  EXPECT_EQ(tables_.Find(kPc), Code(1));
  tables_.Select(2, 0);
  EXPECT_EQ(tables_.Find(kPc), Code(2));
  tables_.Select(1, 7);
  EXPECT_EQ(tables_.Find(kPc), Code(3));
}

TEST_F(JumpTablesTest, TheLeastRecentlyUsedSpaceIsForgottenForANewOne) {
  for (uint64_t space = 1; space <= 8; ++space) {
    tables_.Select(space, 0);
    tables_.Enter(kPc, Code(space));
  }
  tables_.Select(1, 0);
  tables_.Select(9, 0);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Select(1, 0);
  EXPECT_EQ(tables_.Find(kPc), Code(1));
  tables_.Select(2, 0);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
}

TEST_F(JumpTablesTest, FlushingAPageForgetsItInEverySpaceAndNothingElse) {
  tables_.Enter(kPage, Code(1));
  tables_.Enter(kPage + 4094, Code(2));
  tables_.Enter(kPage + 4096, Code(3));
  tables_.Enter(kPage - 16, Code(4));
  tables_.Select(2, 0);
  tables_.Enter(kPc, Code(5));
  tables_.FlushPage(kPage);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Select(1, 0);
  EXPECT_EQ(tables_.Find(kPage), nullptr);
  EXPECT_EQ(tables_.Find(kPage + 4094), nullptr);
  EXPECT_EQ(tables_.Find(kPage + 4096), Code(3));
  EXPECT_EQ(tables_.Find(kPage - 16), Code(4));
}

TEST_F(JumpTablesTest, FlushingAPageForgetsInstructionsThatEndOnIt) {
  tables_.Enter(kPage - 2, Code(1));
  tables_.Select(2, 0);
  tables_.Enter(kPage - 14, Code(2));
  tables_.FlushPage(kPage);
  EXPECT_EQ(tables_.Find(kPage - 14), nullptr);
  tables_.Select(1, 0);
  EXPECT_EQ(tables_.Find(kPage - 2), nullptr);
}

TEST_F(JumpTablesTest, TheFirstPageHasNeighboursAtTheEndOfMemory) {
  tables_.Enter(~uint64_t{1}, Code(1));
  tables_.Enter(0, Code(2));
  tables_.FlushPage(0);
  EXPECT_EQ(tables_.Find(~uint64_t{1}), nullptr);
  EXPECT_EQ(tables_.Find(0), nullptr);
}

// What an empty place holds may be an address of the page.
TEST_F(JumpTablesTest, FlushingAPageFindsWhatCameAfterOthersWereFlushed) {
  for (uint64_t page = 0; page < 64 * 4096; page += 4096) {
    tables_.FlushPage(page);
    for (int turn = 0; turn < 2; ++turn) {
      tables_.Enter(page + 2, Code(1));
      tables_.Enter(page + 4092, Code(2));
      tables_.Forget(page + 2);
      tables_.FlushPage(page);
      ASSERT_EQ(tables_.Find(page + 2), nullptr) << page;
      ASSERT_EQ(tables_.Find(page + 4092), nullptr) << page;
    }
  }
}

TEST_F(JumpTablesTest, FlushingAPageFindsWhatTookAnothersPlace) {
  uint64_t other = kPc + (uint64_t{1} << 32);
  while (!Collide(other, kPc)) other += 4096;
  for (int turn = 0; turn < 5; ++turn) {
    tables_.Enter(other, Code(1));
    tables_.Enter(kPc, Code(2));
    tables_.Enter(kPc, Code(3));
    tables_.FlushPage(other & ~uint64_t{4095});
    EXPECT_EQ(tables_.Find(kPc), Code(3));
    tables_.FlushPage(kPage);
    EXPECT_EQ(tables_.Find(kPc), nullptr);
  }
}

TEST_F(JumpTablesTest, PagesThatAreCountedTogetherAreStillApart) {
  constexpr uint64_t kOther = kPc + 2 + (uint64_t{4096} << 12);
  ASSERT_FALSE(Collide(kOther, kPc));
  tables_.Enter(kPc, Code(1));
  tables_.Enter(kOther, Code(2));
  tables_.FlushPage(kPage);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  EXPECT_EQ(tables_.Find(kOther), Code(2));
}

TEST_F(JumpTablesTest, FlushingAllForgetsEverySpaceButGoesOnInTheCurrentOne) {
  tables_.Enter(kPc, Code(1));
  const JumpTableHeader* const table = tables_.Select(2, 0);
  tables_.Enter(kPc, Code(2));
  tables_.FlushAll();
  EXPECT_EQ(tables_.current(), table);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Enter(kPc, Code(3));
  EXPECT_EQ(tables_.Find(kPc), Code(3));
  tables_.Select(1, 0);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
}

TEST_F(JumpTablesTest, CodeIsForgottenInEveryTable) {
  for (const uint64_t space : {1, 2, 3}) {
    tables_.Select(space, 0);
    for (uint64_t number = 0; number < 4; ++number) tables_.Enter(kPc + 8 * number, Code(number));
  }
  const std::array<const void*, 2> gone = {Code(1), Code(3)};
  tables_.ForgetCode(gone);
  for (const uint64_t space : {1, 2, 3}) {
    tables_.Select(space, 0);
    EXPECT_EQ(tables_.Find(kPc), Code(0));
    EXPECT_EQ(tables_.Find(kPc + 8), nullptr);
    EXPECT_EQ(tables_.Find(kPc + 16), Code(2));
    EXPECT_EQ(tables_.Find(kPc + 24), nullptr);
  }
}

}  // namespace
}  // namespace emu::translator
