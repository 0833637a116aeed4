// The listening socket and the gRPC server behind it.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "daemon/vm_table.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// Binds `path`, in place of the socket of a daemon that is gone; FAILED_PRECONDITION if one listens
// there. Mode 0660; `group` is its group, unless empty.
absl::StatusOr<UniqueFd> ListenAt(const std::string& path, const std::string& group = "");

// Serves as long as `goes_on` says so. The caller's thread accepts, and asks whenever `wake_fd` is
// readable, and after each `period`, which is none if negative.
absl::Status Serve(VmTable& vms, const UniqueFd& listener, int wake_fd,
                   std::chrono::milliseconds period, const std::function<bool()>& goes_on);

}  // namespace emu::daemon
