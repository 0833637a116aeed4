// What a process has taken of its host, as /proc tells.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace emu::daemon {

struct ProcessUsage {
  std::chrono::milliseconds cpu_time;  // user and system, of all threads
  uint64_t resident_bytes;
};

// Nothing if there is no such process.
std::optional<ProcessUsage> ReadProcessUsage(uint32_t pid);

}  // namespace emu::daemon
