// Manual pages in man(7): emuctl.1, and one for each command below it, with all below that.
#pragma once

#include <string>
#include <vector>

#include "client/reference/command_table.h"

namespace emu::client {

struct ManPage {
  std::string name;  // "emuctl-vm"; its file is name.1
  std::string text;  // roff
};

// The first is emuctl's own. `version` is that of the program.
std::vector<ManPage> ManPages(const CommandEntry& root, const std::string& version);

}  // namespace emu::client
