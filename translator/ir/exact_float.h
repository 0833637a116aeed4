// Floating-point arithmetic in integers: rounds in ways that no host's unit has.
#pragma once

#include <cstdint>

#include "translator/ir/float_evaluate.h"

namespace emu::ir {

// As EvaluateFloat, for the operations that round (arithmetic, root, fused, conversions from
// integers and between formats), where the operands are finite and the exact result is not zero.
// Every Rounding but kDynamic.
FloatResult RoundFinite(Op op, Type result, Type operand, Rounding rounding, uint64_t a, uint64_t b,
                        uint64_t c);

}  // namespace emu::ir
