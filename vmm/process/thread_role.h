// What a thread of a VM process is there for; what it may call depends on it.
#pragma once

#include <cstdint>

namespace emu {

enum class ThreadRole : uint8_t {
  kVcpu,         // runs the guest's code and, for it, the devices' registers
  kStateDriver,  // starts, stops, resets, inspects
  kIoLoop,       // the main thread: control socket, gdb, terminal, timers
  kDisk,         // waits for disks
  kRing,         // gives transfers to io_uring
};

}  // namespace emu
