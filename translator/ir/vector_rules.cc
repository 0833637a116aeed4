#include "translator/ir/vector_rules.h"

namespace emu::ir {

namespace {

bool IsFloatAttribute(uint64_t imm, uint8_t rules) {
  return (imm & ~uint64_t{kRoundingMask} & ~uint64_t{rules}) == 0 &&
         RoundingOf(static_cast<uint8_t>(imm)) <= Rounding::kDynamic;
}

}  // namespace

const VectorRule* VectorRuleOf(Op op) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (op) {
#define EMU_IR_OP(name, text, operands, result, effects)
#define EMU_IR_TERMINAL(name, text)
#define EMU_IR_VECTOR_OP(name, text, operands, lanes, imm, effects) \
  case Op::k##name: {                                               \
    static constexpr VectorRule kRule = {lanes, VectorImm::imm};    \
    return &kRule;                                                  \
  }
#include "translator/ir/ops.inc"
    default:
      return nullptr;
  }
#pragma GCC diagnostic pop
}

bool TakesImmediate(const VectorRule& rule, Type lane, uint64_t imm) {
  const uint32_t bits = BitsOf(lane);
  switch (rule.imm) {
    case VectorImm::kNone:
      return imm == 0;
    case VectorImm::kLane:
      return imm < 128 / bits;
    case VectorImm::kShift:
      return imm < bits;
    case VectorImm::kWider:
      return imm > bits && (imm == 16 || imm == 32 || imm == 64);
    case VectorImm::kHalves:
      return imm < 4;
    case VectorImm::kPart:
      return imm < 2;
    case VectorImm::kFunction:
      return imm < 3;
    case VectorImm::kFloat:
      return IsFloatAttribute(imm, kPropagateNan | kTinyBeforeRounding);
    case VectorImm::kToInteger:
      return IsFloatAttribute(imm, kNanIsZero);
    case VectorImm::kNan:
      return imm == 0 || imm == kPropagateNan;
  }
  return false;
}

}  // namespace emu::ir
