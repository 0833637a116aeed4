// The C extension: each 16-bit instruction stands for one of 32 bits.
#pragma once

#include <cstdint>

namespace emu::translator::riscv64 {

// The 32-bit instruction that a valid RV64C one abbreviates (RISC-V Unprivileged 20240411 s. 26),
// or 0 if the encoding is reserved.
uint32_t ExpandCompressed(uint32_t code);

}  // namespace emu::translator::riscv64
