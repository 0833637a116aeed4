#include "daemon/watch/watch_hub.h"

#include <chrono>
#include <thread>

namespace emu::daemon {
namespace {

// How late a watch is with what the disk took later than memory.
constexpr std::chrono::milliseconds kPatience(500);

}  // namespace

WatchHub::WatchHub(const VmRecords& records) : records_(records) {
  std::thread([this] { ThreadMain(); }).detach();
}

void WatchHub::Join(Listener& listener) {
  const std::lock_guard lock(mutex_);
  listeners_.insert(&listener);
}

void WatchHub::Leave(Listener& listener) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(&listener);
}

void WatchHub::ThreadMain() {
  while (true) {
    // Before they look, so that what comes while they do wakes them again.
    const uint64_t revision = records_.newest_revision();
    {
      const std::lock_guard lock(mutex_);
      for (Listener* listener : listeners_) listener->Wake();
    }
    records_.WaitForRevisionAbove(revision, kPatience);
  }
}

}  // namespace emu::daemon
