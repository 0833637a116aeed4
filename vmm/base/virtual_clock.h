// Time as the guest sees it: nanoseconds since the machine's first start, standing still while
// the VM is paused.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace emu {

class VirtualClock;

// A one-shot timer. The callback runs on the I/O loop's thread, without any lock of the clock.
class ClockTimer {
 public:
  ~ClockTimer();
  ClockTimer(const ClockTimer&) = delete;
  ClockTimer& operator=(const ClockTimer&) = delete;
  // Any thread. Replaces the earlier deadline; a deadline in the past fires at once.
  void Arm(uint64_t deadline_ns);
  void Disarm();

 private:
  friend class VirtualClock;
  ClockTimer(VirtualClock& clock, std::function<void()> callback);

  VirtualClock& clock_;
  std::function<void()> callback_;
  uint64_t deadline_ns_ = UINT64_MAX;
};

// Thread-safe. The I/O loop drives it: it sleeps until NextDeadlineHostNs and calls RunExpired.
class VirtualClock {
 public:
  VirtualClock();
  ~VirtualClock();

  uint64_t NowNs() const;
  void Start();  // starts stopped, at 0
  void Stop();

  std::unique_ptr<ClockTimer> NewTimer(std::function<void()> callback);

  // For the I/O loop: CLOCK_MONOTONIC nanoseconds of the next deadline, UINT64_MAX if none or
  // stopped; and `wake`, called from any thread whenever that moment moves nearer.
  uint64_t NextDeadlineHostNs() const;
  void RunExpired();
  void SetWake(std::function<void()> wake);

 private:
  friend class ClockTimer;

  mutable std::mutex mutex_;
  bool running_ = false;
  uint64_t base_ns_ = 0;       // virtual time at the last start or stop
  uint64_t started_host_ns_ = 0;
  std::vector<ClockTimer*> armed_;
  std::function<void()> wake_;
};

}  // namespace emu
