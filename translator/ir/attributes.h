// What Inst::attr and the operands beyond the table of operations mean, by operation.
#pragma once

#include <cstdint>
#include <string_view>

#include "translator/ir/function.h"

namespace emu::ir {

// kNan: kPropagateNan alone.
enum class AttrKind : uint8_t { kNone, kMemory, kTranslate, kRounding, kNan, kLane, kHint };
AttrKind AttrKindOf(Op op);

// How many value operands an operation has, terminals included, and whether each may be absent.
struct OperandRule {
  uint8_t count;
  bool is_optional;
};
OperandRule OperandRuleOf(Op op);

// How many blocks a terminal goes on to.
uint32_t SuccessorCount(Op op);

std::string_view NameOf(Type type);

}  // namespace emu::ir
