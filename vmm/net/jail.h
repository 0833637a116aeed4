// What a network process gives up before it sees a frame.
#pragma once

#include "absl/status/status.h"

namespace emu::net {

// Single-threaded. Namespaces, an empty root but for the resolver's configuration, another user, no
// capability, no new privileges: those that the host grants. FAILED_PRECONDITION if one is refused
// and `require_all` is set. The network is the host's: sockets to the world are what it is for.
absl::Status LeaveHost(bool require_all);

// Limits, and the filter of system calls: sockets of IP, what goes with them, and reading the one
// file. What is not on its list ends the process.
absl::Status FilterSystemCalls();

}  // namespace emu::net
