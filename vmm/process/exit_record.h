// Writing a VM's process record: who runs it, and how that ended. Layout and reader's view:
// proto/vm/v1/process_record_layout.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "proto/vm/v1/process_record_layout.h"

namespace emu {

// The monitor's three: plain system calls, no allocation, no library state. `proc_fd` is the host's
// /proc, as are the numbers of processes.
void WriteProcessIdentity(int record_fd, int proc_fd, pid_t monitor_pid, pid_t vm_pid);
void WriteProcessExit(int record_fd, int wait_status, bool oom, const ProcessStatus& status);
// Field 22 of /proc/PID/stat, in clock ticks since boot; 0 if there is no such process.
uint64_t ProcessStartTime(int proc_fd, pid_t pid);

// The VM process's, before it leaves by itself. Does nothing if `record_fd` is negative.
void WriteProcessOutcome(int record_fd, ProcessOutcome::Kind kind, uint32_t guest_code,
                         const absl::Status& status);

}  // namespace emu
