#include "translator/runtime/world.h"

namespace emu::translator {

void World::Enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !stopping_; });
  ++inside_;
}

void World::Leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  changed_.notify_all();
}

void World::Stop(const std::function<void()>& action) {
  const std::lock_guard turn(stoppers_);
  bool is_inhabited = false;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    is_inhabited = inside_ != 0;
  }
  if (is_inhabited) {
    kick_();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return inside_ == 0; });
  }
  action();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = false;
  }
  changed_.notify_all();
}

}  // namespace emu::translator
