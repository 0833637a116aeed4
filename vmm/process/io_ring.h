// The thread that gives transfers to io_uring.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "devices/backend/file_transfer.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/io_threads.h"
#include "vmm/process/restricted_ring.h"
#include "vmm/process/work_counter.h"

namespace emu {

// For what the host does without waiting: reads out of its page cache, and direct transfers. It is
// told to refuse the rest (RWF_NOWAIT), which goes to threads; so does all that does not end as it
// should, which there is to be tried again and logged. The kernel so never makes a thread of its
// own for the ring: the sandbox allows no more. Any thread calls it.
class IoRing {
 public:
  // For these files. `others` and `counter`, which is told of each transfer that is done, outlive
  // this. RestrictedRing::Create's errors.
  static absl::StatusOr<std::unique_ptr<IoRing>> Create(std::span<HostFile* const> files,
                                                        IoThreads& others, WorkCounter& counter);
  // Ends when all that was started is over.
  ~IoRing();

  // Whether it may end here.
  bool Suits(const FileTransfer& transfer) const;
  void Start(FileTransfer transfer);

  // None of this file is under way, and nobody starts anything.
  void Forget(const HostFile& file) { files_.erase(&file); }

  // Runs `work` on the ring's thread and returns when it is done.
  void RunOnThread(const std::function<void()>& work);

 private:
  struct File {
    int index = 0;
    std::atomic<bool> is_refused = false;  // the host can't say that it would wait
  };

  IoRing(std::unique_ptr<RestrictedRing> ring, UniqueFd wake, std::span<HostFile* const> files,
         IoThreads& others, WorkCounter& counter);

  void ThreadMain();
  void Wake();
  bool TakeStarted();
  void FillRing();
  void Prepare(std::unique_ptr<FileTransfer> transfer);
  void PrepareWakeUp();
  void Reap();
  void End(FileTransfer& transfer, int result);
  void NoteFinished(const FileTransfer& transfer);
  void EndBatch();

  std::unique_ptr<RestrictedRing> ring_;
  UniqueFd wake_;
  std::unordered_map<const HostFile*, File> files_;
  IoThreads& others_;
  WorkCounter& counter_;

  std::mutex mutex_;
  std::deque<FileTransfer> started_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> work_ ABSL_GUARDED_BY(mutex_);
  bool is_asleep_ ABSL_GUARDED_BY(mutex_) = false;
  bool quit_ ABSL_GUARDED_BY(mutex_) = false;

  // The thread's own:
  std::deque<FileTransfer> waiting_;  // for room in the ring
  uint32_t under_way_ = 0;
  uint64_t wake_count_ = 0;               // what a wake-up reads
  std::vector<TransferClient*> clients_;  // with something finished in this batch
  uint64_t finished_ = 0;

  std::thread thread_;
};

}  // namespace emu
