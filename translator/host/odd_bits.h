// Operands for tests.
#pragma once

#include <cstdint>
#include <random>

namespace emu::translator {

using Random = std::mt19937_64;

// Values at which operations behave oddly: limits, NaNs, boxed floats; and any others.
uint64_t OddBits(Random& random);

}  // namespace emu::translator
