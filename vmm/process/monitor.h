// The monitor: the VM process's parent, which waits for it and writes down how it ended, so that
// the end is known even when the daemon was not there.
#pragma once

#include "proto/vm/v1/process_record_layout.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/sandbox_steps.h"

namespace emu {

// What a VM process has of its monitor.
struct MonitorTies {
  UniqueFd monitor;                 // a pidfd
  ProcessStatus* status = nullptr;  // shared with it, never unmapped
};

// Splits this process in two before anything else is set up. Returns in the VM process; the parent
// stays inside, keeps nothing open but `record_fd` and kMemoryEventsFd, leaves its privileges, and
// exits when the VM process has ended. `proc_fd` is the host's /proc; `reached` are the steps of
// the sandbox that both have taken. Single-threaded callers only.
MonitorTies SplitOffMonitor(int record_fd, int proc_fd, SandboxSteps reached);

// Has this process killed when its monitor dies; at once, if it has. Anew after each change of
// user.
void DieWithMonitor(const UniqueFd& monitor);

}  // namespace emu
