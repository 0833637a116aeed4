// The meaning of the 128-bit vector operations.
#pragma once

#include <cstdint>

#include "translator/ir/function.h"

namespace emu::ir {

struct Vector128 {
  uint64_t low = 0;
  uint64_t high = 0;
  constexpr bool operator==(const Vector128&) const = default;
};

// `inst` is one of the V operations; scalar operands and results travel in `low`.
Vector128 EvaluateVector(const Inst& inst, Vector128 a, Vector128 b);

}  // namespace emu::ir
