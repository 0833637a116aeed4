// The meaning of the operations of AES.
#pragma once

#include <cstdint>

#include "translator/ir/function.h"

namespace emu::ir {

// `op` is one of kAes...; b is ignored where it has one operand.
uint64_t EvaluateAes(Op op, uint64_t a, uint64_t b);

}  // namespace emu::ir
