#include "translator/runtime/jump_tables.h"

#include <gtest/gtest.h>

namespace emu::translator {
namespace {

constexpr uint64_t kPage = 0x40'3000;
constexpr uint64_t kPc = kPage + 0x124;

class JumpTablesTest : public testing::Test {
 protected:
  JumpTablesTest() { tables_.Select(1, 0); }
  static const void* Code(uint64_t number) { return &kCode[number]; }

  JumpTables tables_;

 private:
  static constexpr char kCode[16] = {};
};

// Translated code compares the address alone, and would jump to nullptr.
TEST_F(JumpTablesTest, NoAddressHitsAnEmptySlot) {
  const auto hits = [](const JumpEntry* entries) {
    for (uint64_t pc = 0; pc < 1 << 16; ++pc) {
      if (entries[JumpIndex(pc)].pc == pc || entries[JumpIndex(~pc)].pc == ~pc) return true;
    }
    return false;
  };
  EXPECT_FALSE(hits(tables_.current()));
  EXPECT_FALSE(hits(JumpTables::Empty()));
  tables_.Enter(kPc, Code(1));
  tables_.FlushPage(kPc & ~uint64_t{4095});
  EXPECT_FALSE(hits(tables_.current()));
  EXPECT_NE(tables_.current()[JumpIndex(kPc)].pc, kPc);
}

TEST_F(JumpTablesTest, WhatIsEnteredIsFound) {
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Enter(kPc, Code(1));
  EXPECT_EQ(tables_.Find(kPc), Code(1));
  EXPECT_EQ(tables_.Find(kPc + 2), nullptr);
}

TEST_F(JumpTablesTest, TranslatedCodeReadsTheTableThatSelectReturns) {
  tables_.Enter(kPc, Code(1));
  const JumpEntry* const table = tables_.Select(1, 0);
  EXPECT_EQ(table, tables_.current());
  EXPECT_EQ(table[JumpIndex(kPc)].pc, kPc);
  EXPECT_EQ(table[JumpIndex(kPc)].code, Code(1));
}

TEST_F(JumpTablesTest, ACollisionForgetsTheOlder) {
  uint64_t other = kPc + 2;
  while (JumpIndex(other) != JumpIndex(kPc)) other += 2;
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

TEST_F(JumpTablesTest, PagesThatShareAFilterBitAreStillApart) {
  constexpr uint64_t kOther = kPc + 2 + (uint64_t{1024} << 12);
  ASSERT_NE(JumpIndex(kOther), JumpIndex(kPc));
  tables_.Enter(kPc, Code(1));
  tables_.Enter(kOther, Code(2));
  tables_.FlushPage(kPage);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  EXPECT_EQ(tables_.Find(kOther), Code(2));
}

TEST_F(JumpTablesTest, FlushingAllForgetsEverySpaceButGoesOnInTheCurrentOne) {
  tables_.Enter(kPc, Code(1));
  const JumpEntry* const table = tables_.Select(2, 0);
  tables_.Enter(kPc, Code(2));
  tables_.FlushAll();
  EXPECT_EQ(tables_.current(), table);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
  tables_.Enter(kPc, Code(3));
  EXPECT_EQ(tables_.Find(kPc), Code(3));
  tables_.Select(1, 0);
  EXPECT_EQ(tables_.Find(kPc), nullptr);
}

TEST_F(JumpTablesTest, NothingIsEverFoundInTheEmptyTable) {
  for (uint64_t pc = 0; pc < 2 * kJumpEntries; ++pc) {
    EXPECT_NE(JumpTables::Empty()[JumpIndex(2 * pc)].pc, 2 * pc);
  }
}

}  // namespace
}  // namespace emu::translator
