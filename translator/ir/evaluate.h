// The meaning of the pure integer operations, in one place for folding and interpretation.
#pragma once

#include <cstdint>
#include <optional>

#include "translator/ir/function.h"

namespace emu::ir {

// Keeps the low BitsOf(type) bits.
constexpr uint64_t MaskTo(Type type, uint64_t bits) {
  const uint32_t width = BitsOf(type);
  return width >= 64 ? bits : bits & ((uint64_t{1} << width) - 1);
}
// The value of a `type` integer as a signed 64-bit one.
constexpr int64_t SignedValue(Type type, uint64_t bits) {
  const uint32_t shift = 64 - BitsOf(type);
  return static_cast<int64_t>(bits << shift) >> shift;
}

// The result of a pure operation of up to 64 bits on zero-extended operands of type `operand`,
// zero-extended to 64 bits. No value for operations that are not pure integer ones (vectors,
// floating-point arithmetic, state).
std::optional<uint64_t> EvaluatePure(Op op, Type result, Type operand, uint64_t a, uint64_t b,
                                     uint64_t c);

}  // namespace emu::ir
