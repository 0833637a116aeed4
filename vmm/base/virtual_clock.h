// Time as the guest sees it: nanoseconds since the machine's first start, standing still while
// the VM is paused.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace emu {

class VirtualClock;

// A one-shot timer. The callback runs on the I/O loop's thread, without any lock of the clock.
class ClockTimer {
 public:
  // Waits for a callback that is running on another thread: hold no lock that it takes.
  ~ClockTimer();
  ClockTimer(const ClockTimer&) = delete;
  ClockTimer& operator=(const ClockTimer&) = delete;
  // Any thread. Replaces the earlier deadline; a deadline in the past fires at once.
  void Arm(uint64_t deadline_ns);
  void Disarm();
  // Disarms it for a thread that waits for the deadline itself: which is returned, UINT64_MAX if
  // there was none.
  uint64_t Take();

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
  // Moves time to `now_ns`, for a restore; only while stopped. Timers stay at their deadlines.
  void SetNowNs(uint64_t now_ns);
  void Start();  // starts stopped, at 0
  void Stop();

  // CLOCK_MONOTONIC nanoseconds of a moment of this clock, UINT64_MAX while it is stopped; now or
  // earlier for what is past.
  uint64_t HostTimeOf(uint64_t time_ns) const;

  std::unique_ptr<ClockTimer> NewTimer(std::function<void()> callback);

  // For the I/O loop: CLOCK_MONOTONIC nanoseconds of the next deadline, UINT64_MAX if none or
  // stopped; and `wake`, called from any thread whenever that moment moves nearer, or is taken
  // away, with no lock.
  uint64_t NextDeadlineHostNs() const;
  void RunExpired();
  void SetWake(std::function<void()> wake);

 private:
  friend class ClockTimer;

  // The whole state of time in one word, so that NowNs needs no lock and sees no torn pair: bit 63
  // says that time runs; the rest is host time minus virtual time while it does, virtual time while
  // it stands still, both modulo 2^63.
  static constexpr uint64_t kRunningBit = uint64_t{1} << 63;
  std::atomic<uint64_t> time_word_ = 0;

  uint64_t NextDeadlineLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeIfNearer(uint64_t deadline_ns);
  void Wake();
  void Remove(ClockTimer& timer);

  mutable std::mutex mutex_;
  std::condition_variable fired_;
  std::vector<ClockTimer*> armed_ ABSL_GUARDED_BY(mutex_);
  ClockTimer* firing_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread::id firing_thread_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<std::function<void()>> wake_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu
