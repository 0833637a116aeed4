// The description of a processor's registers that gdb reads (Debugging with GDB, appendix G).
#pragma once

#include <string>

#include "translator/debug.h"

namespace emu::gdb {

// target.xml.
std::string TargetDescription(const translator::DebugArchitecture& architecture);

}  // namespace emu::gdb
