// Where devices' back ends put what may take long.
#pragma once

#include <functional>

namespace emu {

// Any thread.
class WorkQueue {
 public:
  virtual ~WorkQueue() = default;

  // Runs `work` on another thread, in the order of the calls, with no lock held.
  virtual void Post(std::function<void()> work) = 0;

  // Returns when all that was posted has run, and what that has posted in turn. Not with the device
  // lock held, which work may want.
  virtual void Drain() = 0;
};

}  // namespace emu
