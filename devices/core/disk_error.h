// What a disk could not do for its guest, and what becomes of that.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace emu {

// As in QEMU's werror and rerror.
enum class OnDiskError : uint8_t {
  kReport,  // the guest sees it
  kStop,    // the machine is paused, and what failed is tried again when it goes on
};

struct DiskError {
  std::string disk;  // its id
  int error = 0;     // the host's errno
};

// With the device lock held, on any thread: the machine is to be paused soon.
using DiskErrorSink = std::function<void(const DiskError&)>;

}  // namespace emu
