// Whether a function is one: what every pass relies on and every engine takes for granted.
#pragma once

#include <string>

#include "translator/ir/function.h"

namespace emu::ir {

// Empty if `function` keeps all rules, else the first that is broken and where:
//   blocks are ranges that cover the instructions; each ends in its terminal, which alone is one
//   operands and results have the types that ops.inc says; immediates and attributes have meaning
//   values are defined before use, in the same block or in one that dominates it
//   slots lie within `state_bytes` and overlap only if they are equal
//   guest instructions are precise: what may leave comes before what changes anything
//   host addresses are used in the block that translated them, before the next call
std::string Verify(const Function& function, uint32_t state_bytes = 0x1'0000);

}  // namespace emu::ir
