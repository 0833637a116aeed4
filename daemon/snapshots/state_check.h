// Whether a state that comes from elsewhere is whole: a VM's process trusts the memory of a
// snapshot's. Only emu-vm reads states, so a process of its own does it, confined as a VM.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "daemon/images/sparse_file.h"

namespace emu::daemon {

// DATA_LOSS; FAILED_PRECONDITION for one that this build can't read; HOST, CANCELLED.
absl::Status CheckState(const std::string& vm_program, const std::string& state_path,
                        const IsCancelled& is_cancelled);

}  // namespace emu::daemon
