// Which lanes and immediates the operations on vectors alone take, as ops.inc says.
#pragma once

#include <cstdint>

#include "translator/ir/function.h"

namespace emu::ir {

// Sets of lane types, a bit for each Type.
enum LaneSet : uint16_t {
  kLanes8 = 1 << static_cast<int>(Type::kI8),
  kLanes16 = 1 << static_cast<int>(Type::kI16),
  kLanes32 = 1 << static_cast<int>(Type::kI32),
  kLanes64 = 1 << static_cast<int>(Type::kI64),
  kLanesF32 = 1 << static_cast<int>(Type::kF32),
  kLanesF64 = 1 << static_cast<int>(Type::kF64),
  kLanesFloat = kLanesF32 | kLanesF64,
  kLanes8To32 = kLanes8 | kLanes16 | kLanes32,
  kLanes16To64 = kLanes16 | kLanes32 | kLanes64,
  kLanesInteger = kLanes8To32 | kLanes64,
  kLanesAny = kLanesInteger | kLanesFloat,
};

enum class VectorImm : uint8_t {
  kNone,       // 0
  kLane,       // the number of a lane
  kShift,      // less than the lanes' bits
  kWider,      // bits of an element of several lanes: 16, 32 or 64
  kHalves,     // bit 0: which half of a; bit 1: which half of b
  kPart,       // 0 or 1
  kFunction,   // 0 to 2
  kFloat,      // Rounding | kPropagateNan | kTinyBeforeRounding
  kToInteger,  // Rounding | kNanIsZero
  kNan,        // kPropagateNan or 0
};

struct VectorRule {
  uint16_t lanes;
  VectorImm imm;
};
// nullptr for other operations.
const VectorRule* VectorRuleOf(Op op);

inline bool TakesLane(const VectorRule& rule, Type lane) {
  return (rule.lanes >> static_cast<int>(lane) & 1) != 0;
}
bool TakesImmediate(const VectorRule& rule, Type lane, uint64_t imm);

}  // namespace emu::ir
