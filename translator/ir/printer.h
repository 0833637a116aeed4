// A function as text: one line for each instruction, the same for equal functions.
#pragma once

#include <string>

#include "translator/ir/function.h"

namespace emu::ir {

// Blocks in order of their numbers, values numbered as they appear:
//   function 2
//   b0:
//     insn 0x10, 4
//     v0 = get.i64 #8
//     v1 = load.i32 v0, #16
//     v2 = slt.i1 v1, v1
//     brcond v2, b1, b2
// An attribute stands last, as `!` and a number. `_` is an operand that is absent. For functions
// that keep the rules of verifier.h.
std::string Print(const Function& function);

}  // namespace emu::ir
