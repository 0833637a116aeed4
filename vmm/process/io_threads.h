// A few threads that wait for the host's disks at the same time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "devices/backend/file_transfer.h"
#include "vmm/process/work_counter.h"

namespace emu {

// Work begins in the order of the calls, but for writes that the host would have wait for another
// of the same file: the thread that has that one carries them out later. Any thread calls it.
class IoThreads {
 public:
  // Each piece of work that is done is told to `counter`, which outlives this.
  IoThreads(uint32_t count, WorkCounter& counter);
  // Runs what was posted, then ends.
  ~IoThreads();

  void Post(std::function<void()> work) { Add(std::move(work)); }
  void Start(FileTransfer transfer) { Add(std::move(transfer)); }

  // Before other work: runs `work` once on every thread.
  void RunOnEach(const std::function<void()>& work);

 private:
  using Item = std::variant<std::function<void()>, FileTransfer>;

  void Add(Item item);
  void ThreadMain();
  static void Run(Item& item);
  // The file that `item` writes to, if another such write would have to wait for it.
  static const HostFile* FileHeldBy(const Item& item);
  bool MayRun(const Item& item) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  WorkCounter& counter_;
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);
  std::unordered_set<const HostFile*> held_ ABSL_GUARDED_BY(mutex_);
  uint32_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool quit_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace emu
