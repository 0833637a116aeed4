// The door of a VM process: a config and open descriptors go in, the guest's exit comes out.
#pragma once

#include "absl/status/status.h"
#include "vm/v1/vm_control.pb.h"

namespace emu {

// Builds the machine from `config`, enters the sandbox, runs the guest until it ends. Returns the
// process's exit code: 0 after a power-off, else the guest's code, 125 if the VM could not start.
// `record_fd` takes the outcome; negative: none. `why` takes what was wrong with a VM that could
// not start. Opens no path. Call once.
int RunVm(const vm::v1::VmConfig& config, int record_fd, absl::Status& why);

inline constexpr int kStartFailedExitCode = 125;

}  // namespace emu
