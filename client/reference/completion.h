// Completion scripts, one for each shell. Each completes verbs, options, words that a value may be,
// paths, and the names of VMs, for which it asks `emuctl vm list`.
#pragma once

#include <string>

#include "client/reference/command_table.h"

namespace emu::client {

std::string BashCompletion(const CommandEntry& root);
std::string ZshCompletion(const CommandEntry& root);
std::string FishCompletion(const CommandEntry& root);

}  // namespace emu::client
