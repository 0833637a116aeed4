// Random functions of IR, for tests that hold a back end against the interpreter.
#pragma once

#include <cstdint>

#include "translator/host/odd_bits.h"
#include "translator/ir/function.h"

namespace emu::translator {

// The guest state that these functions work on.
inline constexpr uint32_t kTestStateBytes = 640;
// The first slots point into the test machine's memory, or near it, until a function sets them.
inline constexpr uint32_t kPointerSlots = 4;
inline constexpr uint32_t kTestHelpers = 4;
// A word that only functions use which jump back to their own start: how often they may.
inline constexpr uint32_t kCountdown = 416;

// One that keeps the rules of ir/verifier.h: operations of every kind that back ends take, side
// exits, accesses through the pointers. What lifters leave to the interpreter is not in it: narrow
// arithmetic and atomics, accesses that must be aligned, and i1 as more than a truth value. Canon
// stands behind arithmetic only, whose NaNs are quiet; without it, no NaN's bits are seen.
ir::Function WriteRandomFunction(Random& random);
// Whether the last of these holds; the others follow from how functions are made smaller.
bool SeesNoNan(const ir::Function& function);
// Whether one that jumps to its own start counts down before it does.
bool CountsItsRounds(const ir::Function& function);

}  // namespace emu::translator
