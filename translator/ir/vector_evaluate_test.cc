#include "translator/ir/vector_evaluate.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "translator/ir/vector_rules.h"

namespace emu::ir {
namespace {

struct Case {
  Op op;
  Type lane;
  uint64_t imm;
  Vector128 a, b, c, result;
};
constexpr Case kCases[] = {
#include "translator/ir/vector_cases.inc"
};

TEST(VectorEvaluateTest, EveryOperationGivesWhatItsRowSays) {
  for (const Case& row : kCases) {
    const Inst inst = {
        .op = row.op, .type = Type::kV128, .attr = static_cast<uint8_t>(row.lane), .imm = row.imm};
    const Vector128 result =
        EvaluateVector(inst, Rounding::kNearestEven, row.a, row.b, row.c).value;
    EXPECT_EQ(result, row.result) << InfoOf(row.op).text << " of lanes of " << BitsOf(row.lane)
                                  << " bits: " << std::hex << result.high << ' ' << result.low;
  }
}

TEST(VectorEvaluateTest, EveryOperationOnIntegersHasARowForEachWidth) {
  std::set<std::pair<Op, Type>> rows;
  for (const Case& row : kCases) rows.emplace(row.op, row.lane);
  for (uint32_t number = 0; number <= static_cast<uint32_t>(Op::kWait); ++number) {
    const VectorRule* const rule = VectorRuleOf(Op(number));
    if (rule == nullptr) continue;
    for (const Type lane : {Type::kI8, Type::kI16, Type::kI32, Type::kI64}) {
      if (!TakesLane(*rule, lane)) continue;
      EXPECT_TRUE(rows.contains({Op(number), lane})) << InfoOf(Op(number)).text;
    }
  }
}

TEST(VectorEvaluateTest, ScalarsGoInAndOut) {
  const auto evaluate = [](Op op, Type lane, uint64_t imm, Vector128 a, Vector128 b = {}) {
    const Inst inst = {
        .op = op, .type = Type::kV128, .attr = static_cast<uint8_t>(lane), .imm = imm};
    return EvaluateVector(inst, Rounding::kNearestEven, a, b, {}).value;
  };
  const Vector128 vector = {0x1111'2222'3333'4444, 0x5555'6666'7777'8888};
  EXPECT_EQ(evaluate(Op::kVSplat, Type::kI16, 0, {0xabcd, 0}),
            (Vector128{0xabcd'abcd'abcd'abcd, 0xabcd'abcd'abcd'abcd}));
  EXPECT_EQ(evaluate(Op::kVScalar, Type::kI32, 0, {0x89ab'cdef, 0}), (Vector128{0x89ab'cdef, 0}));
  EXPECT_EQ(evaluate(Op::kVExtract, Type::kF32, 3, vector).low, 0x5555'6666u);
  EXPECT_EQ(evaluate(Op::kVInsert, Type::kI8, 9, vector, {0xee, 0}),
            (Vector128{0x1111'2222'3333'4444, 0x5555'6666'7777'ee88}));
}

}  // namespace
}  // namespace emu::ir
