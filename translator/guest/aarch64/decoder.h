// From instruction bits to the row that describes them.
#pragma once

#include <cstdint>

#include "translator/guest/aarch64/encodings.h"

namespace emu::translator::aarch64 {

inline constexpr uint32_t kInstructionBytes = 4;

// The row of `code`, or nullptr if it is undefined. Thread-safe.
const Encoding* Decode(uint32_t code);

}  // namespace emu::translator::aarch64
