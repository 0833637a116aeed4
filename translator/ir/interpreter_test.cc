#include "translator/ir/interpreter.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "translator/ir/builder.h"

namespace emu::ir {
namespace {

constexpr Slot kFirst = {0, Type::kI64};
constexpr Slot kSecond = {8, Type::kI64};
constexpr Slot kVector = {16, Type::kV128};

// A flat memory of 64 bytes at address 0; anything else faults.
class SmallMemory final : public Environment {
 public:
  bool Load(uint64_t address, uint32_t bytes, uint8_t, uint64_t* value) override {
    if (address + bytes > bytes_.size()) return false;
    *value = 0;
    std::memcpy(value, &bytes_[address], bytes);
    return true;
  }
  bool Store(uint64_t address, uint32_t bytes, uint8_t, uint64_t value) override {
    if (address + bytes > bytes_.size()) return false;
    std::memcpy(&bytes_[address], &value, bytes);
    return true;
  }
  bool Probe(uint64_t address, uint32_t bytes, uint8_t) override {
    return address + bytes <= bytes_.size();
  }
  bool AtomicRmw(RmwKind, uint64_t, uint32_t, uint64_t, uint64_t*) override { return false; }
  bool CompareSwap(uint64_t, uint32_t, uint64_t, uint64_t, uint64_t*) override { return false; }
  bool LoadReserved(uint64_t, uint32_t, uint64_t*) override { return false; }
  bool StoreConditional(uint64_t, uint32_t, uint64_t, bool*) override { return false; }
  bool Call(uint64_t, uint64_t a, uint64_t b, uint64_t, uint64_t* result) override {
    *result = a * 100 + b;
    return true;
  }
  Rounding CurrentRounding() override { return Rounding::kUp; }
  void RaiseFloatFlags(uint32_t flags) override { flags_ |= flags; }

  std::array<std::byte, 64> bytes_ = {};
  uint32_t flags_ = 0;
};

class InterpreterTest : public testing::TestWithParam<Builder::Folding> {
 protected:
  InterpreterTest() : builder_(function_, GetParam()) { builder_.StartBlock(builder_.NewBlock()); }

  Outcome Run() { return interpreter_.Run(function_, state_.data(), 0x5000, memory_, &pc_); }
  uint64_t Read(Slot slot) const {
    uint64_t value = 0;
    std::memcpy(&value, &state_[slot.offset], 8);
    return value;
  }
  // Runs a binary operation on constants and returns the result, zero-extended.
  uint64_t Compute(Op op, Type type, uint64_t a, uint64_t b) {
    Value value = builder_.Binary(op, builder_.Const(type, a), builder_.Const(type, b));
    if (value.type != Type::kI64) value = builder_.Convert(Op::kZeroExtend, Type::kI64, value);
    builder_.Set(kFirst, value);
    builder_.GotoGuest(0);
    Run();
    return Read(kFirst);
  }

  Function function_;
  Builder builder_;
  Interpreter interpreter_;
  SmallMemory memory_;
  std::array<std::byte, 64> state_ = {};
  uint64_t pc_ = 0;
};

TEST_P(InterpreterTest, DividingByZeroGivesAllOnes) {
  EXPECT_EQ(Compute(Op::kDivS, Type::kI64, 7, 0), ~uint64_t{0});
}

TEST_P(InterpreterTest, DividingTheMinimumByMinusOneOverflowsToItself) {
  EXPECT_EQ(Compute(Op::kDivS, Type::kI32, 0x8000'0000, 0xffff'ffff), 0x8000'0000u);
}

TEST_P(InterpreterTest, RemainderByZeroIsTheDividend) {
  EXPECT_EQ(Compute(Op::kRemU, Type::kI32, 1234, 0), 1234u);
}

TEST_P(InterpreterTest, ShiftCountsAreTakenModuloTheWidth) {
  EXPECT_EQ(Compute(Op::kShl, Type::kI32, 1, 33), 2u);
}

TEST_P(InterpreterTest, ArithmeticShiftOfANarrowValueKeepsItsSign) {
  EXPECT_EQ(Compute(Op::kShrS, Type::kI32, 0x8000'0000, 4), 0xf800'0000u);
}

TEST_P(InterpreterTest, MixedMultiplicationTakesOnlyTheFirstFactorAsSigned) {
  EXPECT_EQ(Compute(Op::kMulHighSU, Type::kI64, ~uint64_t{0}, ~uint64_t{0}), ~uint64_t{0});
}

TEST_P(InterpreterTest, RotatingANarrowValueWrapsAtItsWidth) {
  EXPECT_EQ(Compute(Op::kRotR, Type::kI32, 1, 1), 0x8000'0000u);
}

TEST_P(InterpreterTest, ABranchGoesWhereItsConditionSays) {
  const BlockId taken = builder_.NewBlock();
  const BlockId not_taken = builder_.NewBlock();
  builder_.BrCond(builder_.Binary(Op::kLtS, builder_.Get(kFirst), builder_.I64(0)), taken,
                  not_taken);
  builder_.StartBlock(taken);
  builder_.GotoGuest(0x10);
  builder_.StartBlock(not_taken);
  builder_.GotoGuest(0x20);
  EXPECT_EQ(Run().pc, 0x5020u);
  state_[7] = std::byte{0x80};
  EXPECT_EQ(Run().pc, 0x5010u);
}

TEST_P(InterpreterTest, AFaultLeavesTheStateOfTheInstructionBefore) {
  builder_.Insn(0x10, 4);
  builder_.Set(kFirst, builder_.I64(1));
  builder_.Insn(0x14, 4);
  builder_.Set(kFirst, builder_.Load(Type::kI64, builder_.I64(1000), 0));
  builder_.GotoGuest(0x18);
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kFault);
  EXPECT_EQ(outcome.pc, 0x5014u);
  EXPECT_EQ(Read(kFirst), 1u);
}

TEST_P(InterpreterTest, AStoredValueIsLoadedBack) {
  builder_.Store(builder_.I64(8), 4, builder_.Const(Type::kI16, 0xbeef));
  const Value loaded = builder_.Load(Type::kI16, builder_.I64(12), 0);
  builder_.Set(kFirst, builder_.Convert(Op::kSignExtend, Type::kI64, loaded));
  builder_.GotoGuest(0);
  Run();
  EXPECT_EQ(Read(kFirst), 0xffff'ffff'ffff'beefu);
}

TEST_P(InterpreterTest, ACallPassesItsOperands) {
  builder_.Set(kFirst, builder_.Call(0, Type::kI64, builder_.I64(3), builder_.I64(4)));
  builder_.GotoGuest(0);
  Run();
  EXPECT_EQ(Read(kFirst), 304u);
}

TEST_P(InterpreterTest, DynamicRoundingIsTheEnvironments) {
  const Value one = builder_.Const(Type::kF64, 0x3ff0'0000'0000'0000);
  const Value tiny = builder_.Const(Type::kF64, 0x3c00'0000'0000'0000);
  const Value sum = builder_.Binary(Op::kFAdd, one, tiny, static_cast<uint8_t>(Rounding::kDynamic));
  builder_.Set(kFirst, builder_.Convert(Op::kBitCast, Type::kI64, sum));
  builder_.GotoGuest(0);
  Run();
  EXPECT_EQ(Read(kFirst), 0x3ff0'0000'0000'0001u);
  EXPECT_EQ(memory_.flags_, 1u);
}

TEST_P(InterpreterTest, UnboxingAnUnboxedValueGivesTheCanonicalNan) {
  const Value unboxed =
      builder_.Convert(Op::kUnbox, Type::kF32, builder_.Const(Type::kF64, 0x3f80'0000));
  const Value bits = builder_.Convert(Op::kBitCast, Type::kI32, unboxed);
  builder_.Set(kFirst, builder_.Convert(Op::kZeroExtend, Type::kI64, bits));
  builder_.GotoGuest(0);
  Run();
  EXPECT_EQ(Read(kFirst), 0x7fc0'0000u);
}

TEST_P(InterpreterTest, VectorLanesDoNotCarryIntoEachOther) {
  const auto lanes = static_cast<uint8_t>(Type::kI8);
  const Value ones =
      builder_.Convert(Op::kVSplat, Type::kV128, builder_.Const(Type::kI8, 0xff), lanes);
  const Value twos =
      builder_.Convert(Op::kVSplat, Type::kV128, builder_.Const(Type::kI8, 2), lanes);
  builder_.Set(kVector, builder_.Binary(Op::kVAdd, ones, twos, lanes));
  builder_.GotoGuest(0);
  Run();
  EXPECT_EQ(Read({16, Type::kI64}), 0x0101'0101'0101'0101u);
  EXPECT_EQ(Read({24, Type::kI64}), 0x0101'0101'0101'0101u);
}

TEST_P(InterpreterTest, PcIsRelativeToThePageItRunsAt) {
  builder_.Set(kSecond, builder_.Pc(0x1004));
  builder_.GotoGuest(-4);
  EXPECT_EQ(Run().pc, 0x4ffcu);
  EXPECT_EQ(Read(kSecond), 0x6004u);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutFolding, InterpreterTest,
                         testing::Values(Builder::Folding::kOff, Builder::Folding::kOn));

}  // namespace
}  // namespace emu::ir
