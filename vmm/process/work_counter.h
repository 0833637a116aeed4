// How much work is under way, for whoever waits until there is none.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/base/thread_annotations.h"

namespace emu {

// Any thread. Work that makes more work adds it before it is done itself.
class WorkCounter {
 public:
  void Add() {
    std::lock_guard lock(mutex_);
    ++under_way_;
  }
  void Done(uint64_t count = 1) {
    std::lock_guard lock(mutex_);
    under_way_ -= count;
    if (under_way_ == 0) none_.notify_all();
  }
  void WaitForNone() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return under_way_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  uint64_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace emu
