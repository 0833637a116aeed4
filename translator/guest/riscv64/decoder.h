// From instruction bits to the row that describes them.
#pragma once

#include <cstdint>

#include "translator/guest/riscv64/encodings.h"

namespace emu::translator::riscv64 {

// RISC-V Unprivileged 20240411 s. 1.5: the two lowest bits tell the length.
constexpr uint32_t LengthOf(uint32_t code) { return (code & 3) == 3 ? 4 : 2; }

// The row of `code` (16-bit instructions: upper half ignored), or nullptr if it is undefined.
// Thread-safe.
const Encoding* Decode(uint32_t code);

}  // namespace emu::translator::riscv64
