// The listening socket and the gRPC server behind it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "daemon/vm_table.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// Binds `path`, in place of the socket of a daemon that is gone; FAILED_PRECONDITION if one listens
// there. Mode 0660.
absl::StatusOr<UniqueFd> ListenAt(const std::string& path);

// Serves until `stop_fd` is readable. The caller's thread accepts.
absl::Status Serve(VmTable& vms, const UniqueFd& listener, int stop_fd);

}  // namespace emu::daemon
