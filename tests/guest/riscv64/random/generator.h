// Random blocks out of the encoding table.
#pragma once

#include <cstdint>

#include "tests/guest/riscv64/random/engine.h"

namespace emu::testing {

// The block of `seed`: always the same. 1-30 instructions that end in a trap, whatever they do.
RandomBlock GenerateBlock(uint64_t seed, Setting setting);

// `block` without the instructions from `piece` on that `count` says, replaced by nops.
RandomBlock WithoutPieces(const RandomBlock& block, size_t piece, size_t count);

// For a report: the instructions, and the registers they start from.
std::string Describe(const RandomBlock& block);

}  // namespace emu::testing
