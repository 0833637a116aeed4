// What emud may do when it is root.
#pragma once

#include "absl/status/status.h"

namespace emu::daemon {

// Keeps what sandboxes and other people's disk images need, for this process and all that come from
// it, and gives up the rest for good. Does nothing for who is not root. Before any thread is made.
absl::Status KeepNeededCapabilities();

}  // namespace emu::daemon
