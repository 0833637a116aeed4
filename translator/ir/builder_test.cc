#include "translator/ir/builder.h"

#include <gtest/gtest.h>

namespace emu::ir {
namespace {

constexpr Slot kState = {16, Type::kV128};
constexpr Slot kKey = {32, Type::kV128};

class BuilderTest : public testing::Test {
 protected:
  BuilderTest() {
    builder_.StartBlock(builder_.NewBlock());
    builder_.Insn(0, 4);
  }
  Value Round(Op op, Value state) {
    return builder_.Vector(op, Type::kI8, state, builder_.Const(Type::kV128, 0));
  }
  const Inst& InstOf(Value value) const { return function_.inst(value.id); }

  Function function_;
  Builder builder_{function_};
};

TEST_F(BuilderTest, ARoundOfAesInPiecesIsOne) {
  const Value state = builder_.Get(kState);
  const Value key = builder_.Get(kKey);
  const Value substituted = Round(Op::kVAesEncryptLast, state);
  const Value mixed = builder_.Vector(Op::kVAesMixColumns, Type::kI8, substituted);
  const Value next = builder_.Vector(Op::kVXor, Type::kI64, key, mixed);
  EXPECT_EQ(InstOf(next).op, Op::kVAesEncrypt);
  EXPECT_EQ(InstOf(next).a, state.id);
  EXPECT_EQ(InstOf(next).b, key.id);
  const Value back =
      builder_.Vector(Op::kVAesInvMixColumns, Type::kI8, Round(Op::kVAesDecryptLast, state));
  EXPECT_EQ(InstOf(back).op, Op::kVAesDecrypt);
}

TEST_F(BuilderTest, ARoundOfAesWithItsKeyTakesNoOther) {
  const Value key = builder_.Get(kKey);
  const Value round = builder_.Vector(Op::kVAesEncryptLast, Type::kI8, builder_.Get(kState), key);
  EXPECT_EQ(InstOf(builder_.Vector(Op::kVXor, Type::kI8, round, key)).op, Op::kVXor);
  EXPECT_EQ(InstOf(builder_.Vector(Op::kVAesMixColumns, Type::kI8, round)).op, Op::kVAesMixColumns);
}

TEST_F(BuilderTest, WhatWasMadeAVectorIsTakenOutAgain) {
  const Value scalar = builder_.Get({64, Type::kF64});
  const Value vector = builder_.Vector(Op::kVScalar, Type::kF64, scalar);
  EXPECT_EQ(builder_.Extract(Type::kF64, vector, 0).id, scalar.id);
  EXPECT_EQ(InstOf(builder_.Extract(Type::kF64, vector, 1)).op, Op::kVExtract);
  EXPECT_EQ(InstOf(builder_.Extract(Type::kI64, vector, 0)).op, Op::kVExtract);
  const Value constant = builder_.Const(Type::kV128, 0x1122'3344'5566'7788);
  EXPECT_EQ(InstOf(builder_.Extract(Type::kI16, constant, 5)).imm, 0x5566u);
}

}  // namespace
}  // namespace emu::ir
