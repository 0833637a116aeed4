// How a VM process waits for the host's files.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "devices/backend/work_queue.h"
#include "vmm/machine/machine_config.h"
#include "vmm/process/io_ring.h"
#include "vmm/process/io_threads.h"
#include "vmm/process/io_worker.h"
#include "vmm/process/thread_role.h"
#include "vmm/process/work_counter.h"

namespace emu {

// One thread for what keeps its order. With files that were announced also a few for what does not,
// and io_uring where the host allows it.
class HostIo final : public WorkQueue {
 public:
  // Runs what was posted, then ends.
  ~HostIo() override;

  // After the last Announce and before the first Start. UNAVAILABLE if `aio` asks for an io_uring
  // that is not to be had.
  absl::Status Open(AioMode aio);

  void Post(std::function<void()> work) override;
  void PostUnordered(std::function<void()> work) override;
  void Start(FileTransfer transfer) override;
  void Announce(HostFile& file) override { files_.push_back(&file); }
  void Forget(const HostFile& file) override {
    if (ring_ != nullptr) ring_->Forget(file);
  }
  void Drain() override { counter_.WaitForNone(); }
  std::string_view aio() const override { return ring_ != nullptr ? "io_uring" : "threads"; }

  // Before other work: runs `work` on each thread, one after another.
  void RunOnEachThread(const std::function<void(ThreadRole)>& work);

 private:
  WorkCounter counter_;
  std::vector<HostFile*> files_;
  IoWorker worker_;
  std::unique_ptr<IoThreads> threads_;
  std::unique_ptr<IoRing> ring_;
};

}  // namespace emu
