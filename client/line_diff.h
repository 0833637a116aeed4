// What differs between two texts, line by line.
#pragma once

#include <string>

namespace emu::client {

// Every line of both, with "-" before those of `before` only, "+" before those of `after` only and
// a blank before the others; empty if they are equal. For texts of some hundred lines.
std::string LineDiff(const std::string& before, const std::string& after);

}  // namespace emu::client
