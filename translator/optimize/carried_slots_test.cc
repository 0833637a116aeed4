#include "translator/optimize/carried_slots.h"

#include <gtest/gtest.h>

#include <string>

#include "translator/ir/parser.h"
#include "translator/ir/verifier.h"

namespace emu::translator {
namespace {

// Instructions count from 0, the marker first: `insn` is written by the fixture.
class CarriedSlotsTest : public testing::Test {
 protected:
  // Indexes of the reads.
  std::vector<uint32_t> Analyze(const std::string& body) {
    std::string error;
    const auto function = ir::Parse("function 1\nb0:\n  insn 0x40, 4\n" + body, &error);
    EXPECT_TRUE(function.has_value()) << error;
    EXPECT_EQ(ir::Verify(*function), "");
    carried_.Analyze(*function);
    std::vector<uint32_t> reads;
    for (const ir::ValueId id : carried_.first_reads()) reads.push_back(static_cast<uint32_t>(id));
    return reads;
  }

  CarriedSlots carried_;
};

TEST_F(CarriedSlotsTest, WhatIsReadAndThenSetGoesRound) {
  EXPECT_EQ(Analyze(R"(
  v0 = get.i64 #8
  v1 = get.i64 #16
  v2 = get.v128 #32
  v3 = add.i64 v0, v1
  set v3, #8
  set v2, #32
  set v3, #24
  goto #64)"),
            (std::vector<uint32_t>{1, 3}));
  EXPECT_TRUE(carried_.IsBackEdge(0x40));
  EXPECT_FALSE(carried_.IsBackEdge(0x44));
}

TEST_F(CarriedSlotsTest, OfASlotThatIsSetFirstTheOldValueDoesNotMatter) {
  EXPECT_EQ(Analyze(R"(
  v0 = get.i64 #16
  set v0, #8
  v1 = get.i64 #8
  set v1, #16
  goto #64)"),
            (std::vector<uint32_t>{1}));
}

TEST_F(CarriedSlotsTest, SmallSlotsAreLeftInMemory) {
  EXPECT_EQ(Analyze(R"(
  v0 = get.i32 #8
  v1 = get.f64 #16
  set v0, #8
  set v1, #16
  goto #64)"),
            (std::vector<uint32_t>{2}));
}

TEST_F(CarriedSlotsTest, BoxedFloatsAreLeftInMemory) {
  EXPECT_TRUE(Analyze(R"(
  v0 = get.f64 #8
  v1 = unbox.f32 v0
  v2 = fadd.f32 v1, v1
  v3 = box.f64 v2
  set v3, #8
  goto #64)")
                  .empty());
}

TEST_F(CarriedSlotsTest, ASideExitMayBeTheWayBack) {
  EXPECT_EQ(Analyze(R"(
  v0 = get.i64 #8
  v1 = const.i64 0x1
  v2 = sub.i64 v0, v1
  set v2, #8
  v3 = eq.i1 v2, v1
  brcond v3, b1, b2
b1:
  goto #64
b2:
  goto #128)"),
            (std::vector<uint32_t>{1}));
}

TEST_F(CarriedSlotsTest, NothingGoesRoundWhereNothingLeadsBack) {
  EXPECT_TRUE(Analyze("  v0 = get.i64 #8\n  set v0, #8\n  goto #68").empty());
  EXPECT_FALSE(carried_.IsBackEdge(0x40));
}

TEST_F(CarriedSlotsTest, CodeThatMayHaveToForgetItselfIsLeft) {
  EXPECT_TRUE(Analyze("  v0 = get.i64 #8\n  call _, _, _, #1\n  set v0, #8\n  goto #64").empty());
  EXPECT_FALSE(carried_.IsBackEdge(0x40));
}

}  // namespace
}  // namespace emu::translator
