// The door of a VM process: a config and open descriptors go in, the guest's exit comes out.
#pragma once

#include "absl/status/status.h"
#include "proto/vm/v1/process_record_layout.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/process/sandbox_steps.h"

namespace emu {

// What is around a VM under a daemon.
struct VmSurroundings {
  int record_fd = -1;               // takes the outcome
  ProcessStatus* status = nullptr;  // where processors say where they are
  SandboxSteps reached = {};        // before the door
};

// Builds the machine from `config`, enters the sandbox, runs the guest until it ends. Returns the
// process's exit code: 0 after a power-off, else the guest's code, 125 if the VM could not start.
// `why` takes what was wrong with a VM that could not start. Opens no path. Call once.
int RunVm(const vm::v1::VmConfig& config, const VmSurroundings& surroundings, absl::Status& why);

inline constexpr int kStartFailedExitCode = 125;

}  // namespace emu
