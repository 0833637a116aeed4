#include "translator/optimize/access_groups.h"

#include <gtest/gtest.h>

#include <string>

#include "translator/ir/parser.h"
#include "translator/ir/verifier.h"

namespace emu::translator {
namespace {

constexpr uint32_t kNone = AccessGroups::kNone;

// Instructions count from 0: the marker, then v0 and v1 from slots, then the body.
class AccessGroupsTest : public testing::Test {
 protected:
  void Analyze(const std::string& body) {
    std::string error;
    const auto function = ir::Parse(
        "function 1\nb0:\n  insn 0x0, 4\n  v0 = get.i64 #8\n  v1 = get.i64 #16\n" + body, &error);
    ASSERT_TRUE(function.has_value()) << error;
    groups_.Analyze(*function);
  }
  // Of the instruction `number` of the body.
  uint32_t GroupOf(uint32_t number) const { return groups_.GroupOf(3 + number); }
  int32_t OffsetOf(uint32_t number) const { return groups_.OffsetOf(3 + number); }

  AccessGroups groups_;
};

TEST_F(AccessGroupsTest, ALoneAccessHasNoGroup) {
  Analyze("  v2 = load.i64 v0, #8\n  v3 = load.i64 v1, #16\n  goto #4");
  EXPECT_EQ(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(1), kNone);
}

TEST_F(AccessGroupsTest, NeighboursShareATranslation) {
  Analyze("  v2 = load.i64 v0, #16\n  v3 = load.i8 v0, #-3\n  v4 = load.i32 v0, #24\n  goto #4");
  ASSERT_NE(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(1), GroupOf(0));
  EXPECT_EQ(GroupOf(2), GroupOf(0));
  const AccessGroup& group = groups_.group(GroupOf(0));
  EXPECT_EQ(group.first, -3);
  EXPECT_EQ(group.end, 28);
  EXPECT_EQ(group.leader, 3u);
  EXPECT_EQ(group.last, 5u);
  EXPECT_EQ(group.members, 3u);
  EXPECT_EQ(OffsetOf(0), 19);
  EXPECT_EQ(OffsetOf(1), 0);
  EXPECT_EQ(OffsetOf(2), 27);
}

TEST_F(AccessGroupsTest, SumsWithConstantsAreSeenThrough) {
  Analyze(R"(
  v2 = const.i64 0x20
  v3 = add.i64 v0, v2
  v4 = const.i64 0xffffffffffffffe0
  v5 = add.i64 v3, v4
  v6 = load.i64 v3, #8
  v7 = load.i64 v5, #8
  goto #4)");
  ASSERT_NE(GroupOf(4), kNone);
  EXPECT_EQ(GroupOf(5), GroupOf(4));
  EXPECT_EQ(OffsetOf(4), 32);
  EXPECT_EQ(OffsetOf(5), 0);
}

TEST_F(AccessGroupsTest, ReadsAndWritesAreApart) {
  Analyze(R"(
  v2 = load.i64 v0
  store v0, v1, #8
  v3 = load.i64 v0, #16
  store v0, v1, #24
  goto #4)");
  ASSERT_NE(GroupOf(0), kNone);
  ASSERT_NE(GroupOf(1), kNone);
  EXPECT_NE(GroupOf(0), GroupOf(1));
  EXPECT_EQ(GroupOf(2), GroupOf(0));
  EXPECT_EQ(GroupOf(3), GroupOf(1));
  EXPECT_FALSE(groups_.group(GroupOf(0)).for_write);
  EXPECT_TRUE(groups_.group(GroupOf(1)).for_write);
}

TEST_F(AccessGroupsTest, TheTwoSpacesAreApart) {
  Analyze(R"(
  v2 = load.i64 v0
  v3 = load.i64 v0 !0x40
  v4 = load.i64 v0, #8
  v5 = load.i64 v0, #8 !0x40
  goto #4)");
  ASSERT_NE(GroupOf(0), kNone);
  ASSERT_NE(GroupOf(1), kNone);
  EXPECT_NE(GroupOf(0), GroupOf(1));
  EXPECT_EQ(GroupOf(2), GroupOf(0));
  EXPECT_EQ(GroupOf(3), GroupOf(1));
  EXPECT_FALSE(groups_.group(GroupOf(0)).in_other_space);
  EXPECT_TRUE(groups_.group(GroupOf(1)).in_other_space);
}

TEST_F(AccessGroupsTest, AStoredValuesTypeSaysHowFarAStoreGoes) {
  Analyze("  v2 = trunc.i16 v1\n  store v0, v2\n  store v0, v2, #8\n  goto #4");
  EXPECT_EQ(groups_.group(GroupOf(1)).end, 10);
}

TEST_F(AccessGroupsTest, ACallEndsAllGroups) {
  Analyze("  v2 = load.i64 v0\n  call _, _, _, #1\n  v3 = load.i64 v0, #8\n  goto #4");
  EXPECT_EQ(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(2), kNone);
}

TEST_F(AccessGroupsTest, WhatWouldBeTooWideStartsAGroupOfItsOwn) {
  Analyze(R"(
  v2 = load.i64 v0
  v3 = load.i64 v0, #504
  v4 = load.i64 v0, #505
  v5 = load.i64 v0, #1000
  goto #4)");
  ASSERT_NE(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(1), GroupOf(0));
  EXPECT_NE(GroupOf(2), GroupOf(0));
  EXPECT_EQ(GroupOf(3), GroupOf(2));
}

TEST_F(AccessGroupsTest, AnAccessThatMustBeAlignedGoesAlone) {
  Analyze("  v2 = load.i64 v0 !0x10\n  v3 = load.i64 v0, #8\n  goto #4");
  EXPECT_EQ(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(1), kNone);
}

TEST_F(AccessGroupsTest, AGroupGoesOnOverABranchThatIsNotTaken) {
  Analyze(R"(
  v2 = load.i64 v0
  v3 = eq.i1 v0, v1
  brcond v3, b1, b2
b1:
  goto #8
b2:
  v4 = load.i64 v0, #8
  goto #4)");
  ASSERT_NE(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(4), GroupOf(0));
}

// Their distance, 0x80000000c0000000, is a small number in fewer bits, and negative in 64.
TEST_F(AccessGroupsTest, AccessesHalfTheAddressSpaceApartShareNothing) {
  Analyze(R"(
  v2 = const.i64 0xc000000000000000
  v3 = add.i64 v0, v2
  v4 = const.i64 0x40000000c0000000
  v5 = add.i64 v0, v4
  v6 = load.i64 v3
  v7 = load.i64 v5
  goto #4)");
  EXPECT_EQ(GroupOf(4), kNone);
  EXPECT_EQ(GroupOf(5), kNone);
}

TEST_F(AccessGroupsTest, AFarDisplacementGoesAlone) {
  Analyze("  v2 = load.i64 v0, #-9223372036854775808\n  v3 = load.i64 v0, #8\n  goto #4");
  EXPECT_EQ(GroupOf(0), kNone);
  EXPECT_EQ(GroupOf(1), kNone);
}

TEST_F(AccessGroupsTest, ASumThatWouldBeFarAwayIsARootOfItsOwn) {
  Analyze(R"(
  v2 = const.i64 0x7fffffffffffffff
  v3 = add.i64 v0, v2
  v4 = load.i64 v3
  v5 = load.i64 v3, #8
  v6 = load.i64 v0
  goto #4)");
  ASSERT_NE(GroupOf(2), kNone);
  EXPECT_EQ(GroupOf(3), GroupOf(2));
  EXPECT_EQ(GroupOf(4), kNone);
}

}  // namespace
}  // namespace emu::translator
