// The one thread that waits: descriptors, posted work and the timers of the virtual clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "vmm/base/unique_fd.h"
#include "vmm/base/virtual_clock.h"

namespace emu {

// Run is called by one thread, the loop's; everything else by any thread. Handlers and posted work
// run on the loop's thread with no lock held.
class IoLoop {
 public:
  using Handler = std::function<void(uint32_t events)>;

  IoLoop();
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // Serves until Stop is called. A Stop that came first makes it return at once.
  void Run();
  void Stop();

  // Watches `fd` (not owned) for EPOLL* `events`, level-triggered. One handler for each fd.
  void AddFd(int fd, uint32_t events, Handler handler);
  // Watches a descriptor that was added for other events.
  void ChangeEvents(int fd, uint32_t events);
  // On the loop's thread: the handler is not called any more. Elsewhere it may be running still.
  void RemoveFd(int fd);
  // Runs `work` on the loop's thread, in the order of the calls.
  void Post(std::function<void()> work);

  // Drives `clock`'s timers from now on; nullptr before the clock dies. The loop must be idle or
  // this its thread, for a timer that is running is not waited for.
  void DriveClock(VirtualClock* clock);

 private:
  void Wake();
  // Any thread: who sets a timer sets it at the host, rather than wake this one for that.
  void ArmClockTimer();
  void RunPosted();
  void Dispatch(int fd, uint32_t events);

  UniqueFd epoll_;
  UniqueFd wake_event_;
  UniqueFd clock_timer_;
  std::atomic<bool> stopping_ = false;

  std::mutex mutex_;
  VirtualClock* clock_ ABSL_GUARDED_BY(mutex_) = nullptr;
  uint64_t programmed_deadline_ns_ ABSL_GUARDED_BY(mutex_) = UINT64_MAX;  // of clock_timer_
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<int, std::shared_ptr<Handler>> handlers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu
