// A VM's counters as text, for people and scripts.
#pragma once

#include <string>

#include "vm/v1/inspection.pb.h"

namespace emu {

// One line for the code, each processor and each disk: "stats code blocks=7 ...". Names are those
// of the message's fields.
std::string StatsText(const vm::v1::VmStats& stats);

}  // namespace emu
