// Makes the function that shows a bug small enough to read.
#pragma once

#include <functional>

#include "translator/ir/function.h"

namespace emu::translator {

// The smallest function found that still `fails`, by leaving out instructions of `function` and
// putting constants in the place of values. Every candidate keeps the rules of ir/verifier.h. For
// functions whose blocks are one main line with side exits, as lifters write them.
ir::Function Shrink(const ir::Function& function,
                    const std::function<bool(const ir::Function&)>& fails);

}  // namespace emu::translator
