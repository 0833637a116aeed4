// Manual pages in man(7): of a program with commands, and of one without.
#pragma once

#include <string>
#include <vector>

#include "client/reference/command_table.h"

namespace emu::client {

struct ManPage {
  std::string name;  // "emuctl-vm"; its file is name.1
  std::string text;  // roff
};

// emuctl.1, and one for each command below it, with all below that. The first is emuctl's own.
// `version` is that of the program.
std::vector<ManPage> ManPages(const CommandEntry& root, const std::string& version);

// The page, of section 8, of a daemon. `summary` is what its first line says of it.
std::string ManPageOfProgram(const CommandEntry& program, const std::string& summary,
                             const std::string& version);

}  // namespace emu::client
