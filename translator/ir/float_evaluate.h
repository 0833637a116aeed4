// The meaning of the floating-point operations, computed by the host's IEEE 754 unit through the
// C++ floating-point environment.
#pragma once

#include <cstdint>

#include "translator/ir/function.h"

namespace emu::ir {

// IEEE 754 exception flags, as FloatResult reports them.
inline constexpr uint32_t kFloatInexact = 1;
inline constexpr uint32_t kFloatUnderflow = 2;  // tininess is detected after rounding
inline constexpr uint32_t kFloatOverflow = 4;
inline constexpr uint32_t kFloatDivideByZero = 8;
inline constexpr uint32_t kFloatInvalid = 16;

struct FloatResult {
  uint64_t bits;   // of the result's type, zero-extended
  uint32_t flags;  // kFloat... bits
};

// `rounding` is never kDynamic. `operand` is the type of a (b and c have the same), `result` of the
// outcome. kNearestMaxMagnitude, which the host has not, is computed in integers.
FloatResult EvaluateFloat(Op op, Type result, Type operand, Rounding rounding, uint64_t a,
                          uint64_t b, uint64_t c);

// The same by all that the instruction's attribute says; `current` is what kDynamic stands for.
struct FloatOperation {
  Op op;
  Type result;
  Type operand;
  uint8_t attr;
};
FloatResult EvaluateFloat(const FloatOperation& operation, Rounding current, uint64_t a, uint64_t b,
                          uint64_t c);

}  // namespace emu::ir
