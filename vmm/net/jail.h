// What a network process gives up before it sees a frame.
#pragma once

#include "absl/status/status.h"
#include "net/v1/net_control.pb.h"

namespace emu::net {

// Single-threaded. Namespaces, an empty root but for the resolver's configuration and the boot
// server's folder, which then is kKeptFolder, another user, no capability, no new privileges: those
// that the host grants. FAILED_PRECONDITION if one is refused that is required; NOT_FOUND if there
// is no such folder. The network is the host's: sockets to the world are what it is for.
absl::Status LeaveHost(const ::net::v1::NetConfig& config);

// Limits, and the filter of system calls: sockets of IP, what goes with them, and reading
// files. What is not on its list ends the process.
absl::Status FilterSystemCalls();

}  // namespace emu::net
