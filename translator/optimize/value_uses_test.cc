#include "translator/optimize/value_uses.h"

#include <gtest/gtest.h>

#include <string>

#include "translator/ir/parser.h"
#include "translator/ir/verifier.h"

namespace emu::translator {
namespace {

using ir::ValueId;

// Instructions count from 0, the marker first: `insn` is written by the fixture.
class ValueUsesTest : public testing::Test {
 protected:
  void Analyze(const std::string& body) {
    std::string error;
    const auto function = ir::Parse("function 1\nb0:\n  insn 0x0, 4\n" + body, &error);
    ASSERT_TRUE(function.has_value()) << error;
    ASSERT_EQ(ir::Verify(*function), "");
    function_ = *function;
    uses_.Analyze(function_);
  }
  const ValueUse& Use(uint32_t index) const { return uses_[index]; }

  ir::Function function_;
  ValueUses uses_;
};

TEST_F(ValueUsesTest, UsesAreCountedUpToTheLast) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = add.i64 v0, v0
  set v1, #16
  set v0, #24
  goto #4)");
  EXPECT_EQ(Use(1).count, 3u);
  EXPECT_EQ(Use(1).last_use, 4u);
  EXPECT_EQ(Use(2).count, 1u);
  EXPECT_EQ(Use(2).last_use, 3u);
}

TEST_F(ValueUsesTest, WhatOnlyDeadValuesUseIsDead) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = not.i64 v0
  v2 = not.i64 v1
  goto #4)");
  EXPECT_EQ(Use(1).count, 0u);
  EXPECT_EQ(Use(2).count, 0u);
  EXPECT_EQ(Use(3).count, 0u);
}

TEST_F(ValueUsesTest, ALoadKeepsItsAddressAliveThoughNobodyWantsItsValue) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = load.i64 v0
  goto #4)");
  EXPECT_EQ(Use(1).count, 1u);
  EXPECT_EQ(Use(2).count, 0u);
}

TEST_F(ValueUsesTest, ATruncationCountsForWhatItTruncates) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = trunc.i32 v0
  v2 = trunc.i8 v1
  v3 = zext.i64 v2
  set v3, #16
  goto #4)");
  EXPECT_EQ(ValueUses::Source(function_, ValueId{3}), ValueId{1});
  EXPECT_EQ(Use(1).count, 1u);
  EXPECT_EQ(Use(1).last_use, 4u);
}

TEST_F(ValueUsesTest, AComparisonIsFoldedIntoItsOnlyBranchWithItsOperands) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = slt.i1 v0, v0
  v2 = get.i64 #16
  brcond v1, b1, b2
b1:
  goto #8
b2:
  goto #4)");
  EXPECT_TRUE(Use(2).is_folded);
  EXPECT_EQ(Use(1).last_use, 4u);
}

TEST_F(ValueUsesTest, AComparisonIsFoldedIntoASelectAndAnExtension) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = eq.i1 v0, v0
  v2 = select.i64 v1, v0, v0
  v3 = ult.i1 v0, v2
  v4 = zext.i64 v3
  set v4, #16
  goto #4)");
  EXPECT_TRUE(Use(2).is_folded);
  EXPECT_TRUE(Use(4).is_folded);
}

TEST_F(ValueUsesTest, AComparisonThatIsWantedTwiceIsComputed) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = eq.i1 v0, v0
  v2 = zext.i64 v1
  set v2, #16
  brcond v1, b1, b2
b1:
  goto #8
b2:
  goto #4)");
  EXPECT_FALSE(Use(2).is_folded);
  EXPECT_EQ(Use(2).count, 2u);
}

// The outer comparison is made at the branch, and so its operands are wanted there, by it.
TEST_F(ValueUsesTest, AComparisonOfComparisonsFoldsOnlyItself) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = slt.i1 v0, v0
  v2 = ult.i1 v0, v0
  v3 = eq.i1 v1, v2
  brcond v3, b1, b2
b1:
  goto #8
b2:
  goto #4)");
  EXPECT_FALSE(Use(2).is_folded);
  EXPECT_FALSE(Use(3).is_folded);
  EXPECT_TRUE(Use(4).is_folded);
}

TEST_F(ValueUsesTest, WhatASelectChoosesFromIsAValue) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = slt.i1 v0, v0
  v2 = ult.i1 v0, v0
  v3 = eq.i1 v0, v0
  v4 = select.i1 v1, v2, v3
  v5 = zext.i64 v4
  set v5, #16
  goto #4)");
  EXPECT_TRUE(Use(2).is_folded);
  EXPECT_FALSE(Use(3).is_folded);
  EXPECT_FALSE(Use(4).is_folded);
}

TEST_F(ValueUsesTest, ASignExtensionWantsTheComparisonAsAValue) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = eq.i1 v0, v0
  v2 = sext.i64 v1
  set v2, #16
  goto #4)");
  EXPECT_FALSE(Use(2).is_folded);
}

TEST_F(ValueUsesTest, ANanIsMadeCanonicalWhereTheSlotIsStored) {
  Analyze(R"(
  v0 = get.f64 #8
  v1 = fadd.f64 v0, v0 !0x5
  v2 = canon.f64 v1
  set v2, #8
  v3 = fmul.f64 v2, v0 !0x5
  v4 = canon.f64 v3
  set v4, #16
  goto #4)");
  EXPECT_TRUE(Use(3).is_folded);
  EXPECT_EQ(Use(2).last_use, 5u);
  EXPECT_GE(Use(2).count, 2u);
  EXPECT_TRUE(Use(6).is_folded);
  EXPECT_EQ(Use(5).last_use, 7u);
}

TEST_F(ValueUsesTest, ABoxOfACanonicalFloatIsLazyInBoth) {
  Analyze(R"(
  v0 = get.f64 #8
  v1 = unbox.f32 v0
  v2 = fadd.f32 v1, v1 !0x5
  v3 = canon.f32 v2
  v4 = box.f64 v3
  set v4, #8
  goto #4)");
  EXPECT_TRUE(Use(4).is_folded);
  EXPECT_TRUE(Use(5).is_folded);
  EXPECT_EQ(Use(3).last_use, 6u);
}

TEST_F(ValueUsesTest, WhoseBitsAreLookedAtIsCanonicalAtOnce) {
  Analyze(R"(
  v0 = get.f64 #8
  v1 = fadd.f64 v0, v0 !0x5
  v2 = canon.f64 v1
  v3 = bitcast.i64 v2
  set v3, #16
  v4 = fadd.f64 v0, v1 !0x5
  v5 = canon.f64 v4
  v6 = fneg.f64 v5
  set v6, #24
  goto #4)");
  EXPECT_FALSE(Use(3).is_folded);
  EXPECT_FALSE(Use(7).is_folded);
}

TEST_F(ValueUsesTest, WhoPropagatesNansWantsCanonicalOnes) {
  Analyze(R"(
  v0 = get.f64 #8
  v1 = fadd.f64 v0, v0 !0x5
  v2 = canon.f64 v1
  set v2, #8
  v3 = fmul.f64 v2, v0 !0x15
  set v3, #16
  goto #4)");
  EXPECT_FALSE(Use(3).is_folded);
}

TEST_F(ValueUsesTest, TheZerosAboveAFloatAreMadeWhereTheVectorIsStored) {
  Analyze(R"(
  v0 = get.v128 #16
  v1 = vextract.f64 v0 !0x7
  v2 = fadd.f64 v1, v1 !0x5
  v3 = vscalar.v128 v2 !0x7
  set v3, #16
  v4 = vscalar.v128 v1 !0x7
  v5 = vadd.v128 v4, v0 !0x5
  set v5, #32
  goto #4)");
  EXPECT_TRUE(Use(4).is_folded);
  EXPECT_EQ(Use(3).last_use, 5u);
  EXPECT_FALSE(Use(6).is_folded);
  // The lowest lane is the vector itself.
  EXPECT_EQ(Use(1).last_use, 7u);
  EXPECT_EQ(Use(2).count, 0u);
}

TEST_F(ValueUsesTest, WhatIsSetAgainBeforeAnybodySeesItIsNotNeeded) {
  Analyze(R"(
  v0 = get.i64 #8
  v1 = not.i64 v0
  set v1, #16
  set v0, #16
  v2 = get.i64 #16
  v3 = add.i64 v2, v2
  set v3, #16
  v4 = eq.i1 v2, v0
  brcond v4, b1, b2
b1:
  goto #8
b2:
  set v0, #16
  goto #4)");
  EXPECT_TRUE(Use(3).is_folded);
  EXPECT_EQ(Use(2).count, 0u);
  EXPECT_FALSE(Use(4).is_folded);  // is read
  EXPECT_FALSE(Use(7).is_folded);  // the other way sees it
}

TEST_F(ValueUsesTest, AnotherFunctionStartsFromNothing) {
  Analyze("  v0 = get.i64 #8\n  set v0, #16\n  goto #4");
  Analyze("  v0 = get.i64 #8\n  goto #4");
  EXPECT_EQ(Use(1).count, 0u);
}

}  // namespace
}  // namespace emu::translator
