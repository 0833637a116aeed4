// The thread that waits for the host's disks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "devices/backend/work_queue.h"

namespace emu {

// One thread, so that requests keep their order. Any thread calls it.
class IoWorker final : public WorkQueue {
 public:
  explicit IoWorker(const char* name = "io-worker");
  // Runs what was posted, then ends.
  ~IoWorker() override;

  void Post(std::function<void()> work) override;
  void Drain() override;

 private:
  void ThreadMain();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool quit_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace emu
