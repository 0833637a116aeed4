// The system call filter of a VM process.
#pragma once

#include "absl/status/status.h"

namespace emu {

// Confines every thread of this process for good: no new privileges, no core file, and a system
// call filter that kills the process (SIGSYS) for what a VM never needs: exec, socket, ptrace, new
// processes, executable mappings. Opening a file fails with EACCES instead, because the C library
// tries now and then and can do without. Call it when all files, threads and code mappings exist
// and before the first guest instruction.
class Sandbox {
 public:
  [[nodiscard]] static absl::Status Enter();
};

}  // namespace emu
