// The monitor: the VM process's parent, which waits for it and writes down how it ended, so that
// the end is known even when the daemon was not there.
#pragma once

#include <sys/types.h>

namespace emu {

// Splits this process in two before anything else is set up. Returns in the VM process; the parent
// stays inside, keeps nothing open but `record_fd`, and exits when the VM process has ended. The VM
// process is killed when the monitor dies first.
// Single-threaded callers only.
void SplitOffMonitor(int record_fd);

}  // namespace emu
