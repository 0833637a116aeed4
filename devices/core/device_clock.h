// Time as devices use it: callbacks come with the device lock held, as every other call does.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "vmm/base/virtual_clock.h"

namespace emu {

class DeviceClock {
 public:
  DeviceClock(VirtualClock& clock, std::mutex& device_mutex)
      : clock_(clock), device_mutex_(device_mutex) {}

  uint64_t NowNs() const { return clock_.NowNs(); }

  // The timer must be destroyed without the device lock: its destructor waits for the callback.
  std::unique_ptr<ClockTimer> NewTimer(std::function<void()> callback) {
    return clock_.NewTimer([&mutex = device_mutex_, callback = std::move(callback)] {
      std::lock_guard lock(mutex);
      callback();
    });
  }

 private:
  VirtualClock& clock_;
  std::mutex& device_mutex_;
};

}  // namespace emu
