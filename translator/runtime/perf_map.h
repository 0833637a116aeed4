// Tells perf where translated code is: a line for each block in a file that it finds by the
// process's number, /tmp/perf-PID.map (Linux, tools/perf/Documentation/jit-interface.txt).
#pragma once

#include <cstdint>

#include "vmm/base/address.h"

namespace emu::translator {

// For the holder of the translation lock. Blocks are named by their guest-physical address and by
// the virtual one that they were wanted at first.
class PerfMap {
 public:
  // `file` is open for appending and not owned; negative: nothing is written.
  explicit PerfMap(int file) : file_(file) {}

  void Add(const void* code, uint64_t bytes, GuestPhysAddr start, uint64_t pc);
  void AddStubs(const void* code, uint64_t bytes);

 private:
  const int file_;
};

}  // namespace emu::translator
