// Identifiers that the daemon draws.
#pragma once

#include <string>

namespace emu::daemon {

// UUID version 7: it sorts by creation.
std::string NewUid();

}  // namespace emu::daemon
