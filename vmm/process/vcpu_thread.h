// The thread that runs one virtual processor.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "translator/vcpu.h"

namespace emu {

// Starts parked. The state driver's thread calls everything here.
class VcpuThread {
 public:
  // `name` shows in the process's thread list (15 characters). `vcpu` outlives the thread, which
  // calls `on_debug_stop` when the processor has stopped for a debugger, and parks.
  VcpuThread(
      translator::Vcpu& vcpu, const std::string& name, std::function<void()> on_debug_stop = [] {});
  ~VcpuThread();
  VcpuThread(const VcpuThread&) = delete;
  VcpuThread& operator=(const VcpuThread&) = delete;

  void Go();
  // Two steps, so that all processors of a VM stop side by side: ask, then wait until the guest's
  // code does not run any more.
  void RequestPark();
  void WaitUntilParked();
  // Has the thread, while it is parked, do `errand`; returns when that is done.
  void RunParked(std::function<void()> errand);

 private:
  void ThreadMain();

  translator::Vcpu& vcpu_;
  const std::function<void()> on_debug_stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool may_run_ ABSL_GUARDED_BY(mutex_) = false;
  bool quit_ ABSL_GUARDED_BY(mutex_) = false;
  bool parked_ ABSL_GUARDED_BY(mutex_) = true;
  std::function<void()> errand_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace emu
