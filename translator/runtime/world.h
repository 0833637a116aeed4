// Stopping the world: the one way to change what running vCPUs rely on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace emu::translator {

// vCPU threads bracket guest execution by Enter and Leave and leave soon after `kick` asked them
// to.
class World {
 public:
  // `kick` makes every vCPU that is inside leave at its next safepoint; called with no lock held,
  // and where nobody is inside not at all.
  explicit World(std::function<void()> kick) : kick_(std::move(kick)) {}

  // Blocks while the world is stopped.
  void Enter();
  void Leave();

  // Runs `action` while nobody is inside. The caller is not inside itself; concurrent callers take
  // turns.
  void Stop(const std::function<void()>& action);

 private:
  const std::function<void()> kick_;
  std::mutex mutex_;
  std::mutex stoppers_;  // held by the one that stops
  std::condition_variable changed_;
  uint32_t inside_ = 0;
  bool stopping_ = false;
};

}  // namespace emu::translator
