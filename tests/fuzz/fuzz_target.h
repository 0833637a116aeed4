// What a fuzz target is, and what runs it. A target is linked with driver.cc, which makes inputs
// out of the seeds and gives them to the target one after another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace emu::fuzz {

// Of the target: inputs that are valid, to begin with, and what to do with one. A bug is a crash or
// a hang; what is wrong without either, the target says by Fail.
std::vector<std::string> Seeds();
void TryInput(std::string_view input);

// Ends the run.
[[noreturn]] void Fail(std::string_view why);

}  // namespace emu::fuzz
