#include "vmm/process/vcpu_thread.h"

#include "vmm/process/named_thread.h"

namespace emu {

VcpuThread::VcpuThread(translator::Vcpu& vcpu, const std::string& name,
                       std::function<void()> on_debug_stop)
    : vcpu_(vcpu),
      on_debug_stop_(std::move(on_debug_stop)),
      thread_(StartNamedThread(name.c_str(), [this] { ThreadMain(); })) {}

VcpuThread::~VcpuThread() {
  {
    std::lock_guard lock(mutex_);
    quit_ = true;
    may_run_ = false;
  }
  changed_.notify_all();
  vcpu_.Kick();
  thread_.join();
}

void VcpuThread::Go() {
  {
    std::lock_guard lock(mutex_);
    may_run_ = true;
    parked_ = false;
  }
  changed_.notify_all();
}

void VcpuThread::RequestPark() {
  {
    std::lock_guard lock(mutex_);
    may_run_ = false;
  }
  vcpu_.Kick();
}

void VcpuThread::WaitUntilParked() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return parked_; });
}

void VcpuThread::RunParked(std::function<void()> errand) {
  std::unique_lock lock(mutex_);
  errand_ = std::move(errand);
  changed_.notify_all();
  changed_.wait(lock, [this] { return errand_ == nullptr; });
}

// A Kick that comes between two calls of Run makes the next one return at once: no park is missed.
// One that is left over when the thread parks costs one empty Run later.
void VcpuThread::ThreadMain() {
  std::unique_lock lock(mutex_);
  while (!quit_) {
    if (!may_run_) {
      if (errand_ != nullptr) {
        errand_();
        errand_ = nullptr;
      }
      parked_ = true;
      changed_.notify_all();
      // Also when a Go was taken back before we saw it: whoever waits wants to hear of the park.
      changed_.wait(lock, [this] { return may_run_ || quit_ || !parked_ || errand_ != nullptr; });
      continue;
    }
    lock.unlock();
    switch (vcpu_.Run()) {
      case translator::VcpuExit::kStopRequested:
        break;
      case translator::VcpuExit::kWaitForInterrupt:
        vcpu_.Sleep();
        break;
      case translator::VcpuExit::kDebugStop:
        // First, so that who waits for the park finds the stop in its queue.
        on_debug_stop_();
        lock.lock();
        may_run_ = false;
        continue;
    }
    lock.lock();
  }
}

}  // namespace emu
