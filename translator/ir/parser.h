// Reads what printer.h writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "translator/ir/function.h"

namespace emu::ir {

// The function that `text` shows, or none, and in `error` the line and what is wrong with it. Looks
// at the form alone; Verify says whether the function keeps its rules.
std::optional<Function> Parse(std::string_view text, std::string* error);

}  // namespace emu::ir
