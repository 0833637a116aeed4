#include "vmm/base/virtual_clock.h"

#include <time.h>

#include <algorithm>

namespace emu {
namespace {

uint64_t HostNowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

ClockTimer::ClockTimer(VirtualClock& clock, std::function<void()> callback)
    : clock_(clock), callback_(std::move(callback)) {}

ClockTimer::~ClockTimer() {
  std::unique_lock lock(clock_.mutex_);
  clock_.Remove(*this);
  if (clock_.firing_thread_ == std::this_thread::get_id()) return;
  clock_.fired_.wait(lock, [this] { return clock_.firing_ != this; });
}

void ClockTimer::Arm(uint64_t deadline_ns) {
  {
    std::lock_guard lock(clock_.mutex_);
    if (deadline_ns_ == UINT64_MAX && deadline_ns != UINT64_MAX) clock_.armed_.push_back(this);
    if (deadline_ns == UINT64_MAX) clock_.Remove(*this);
    deadline_ns_ = deadline_ns;
  }
  clock_.WakeIfNearer(deadline_ns);
}

void ClockTimer::Disarm() {
  std::lock_guard lock(clock_.mutex_);
  clock_.Remove(*this);
}

uint64_t ClockTimer::Take() {
  uint64_t deadline_ns = UINT64_MAX;
  {
    std::lock_guard lock(clock_.mutex_);
    deadline_ns = deadline_ns_;
    clock_.Remove(*this);
  }
  // Else the loop would wait for nothing, and wake up with whoever took it.
  if (deadline_ns != UINT64_MAX) clock_.Wake();
  return deadline_ns;
}

VirtualClock::VirtualClock() = default;
VirtualClock::~VirtualClock() = default;

uint64_t VirtualClock::NowNs() const {
  const uint64_t word = time_word_.load(std::memory_order_acquire);
  if ((word & kRunningBit) == 0) return word;
  return (HostNowNs() - word) & ~kRunningBit;
}

void VirtualClock::SetNowNs(uint64_t now_ns) {
  std::lock_guard lock(mutex_);
  time_word_.store(now_ns & ~kRunningBit, std::memory_order_release);
}

void VirtualClock::Start() {
  {
    std::lock_guard lock(mutex_);
    const uint64_t word = time_word_.load(std::memory_order_relaxed);
    if ((word & kRunningBit) != 0) return;
    time_word_.store((HostNowNs() - word) | kRunningBit, std::memory_order_release);
  }
  WakeIfNearer(0);
}

void VirtualClock::Stop() {
  std::lock_guard lock(mutex_);
  time_word_.store(NowNs(), std::memory_order_release);
}

std::unique_ptr<ClockTimer> VirtualClock::NewTimer(std::function<void()> callback) {
  return std::unique_ptr<ClockTimer>(new ClockTimer(*this, std::move(callback)));
}

uint64_t VirtualClock::NextDeadlineLocked() const {
  uint64_t next = UINT64_MAX;
  for (const ClockTimer* timer : armed_) next = std::min(next, timer->deadline_ns_);
  return next;
}

uint64_t VirtualClock::HostTimeOf(uint64_t time_ns) const {
  const uint64_t word = time_word_.load(std::memory_order_acquire);
  if (time_ns == UINT64_MAX || (word & kRunningBit) == 0) return UINT64_MAX;
  const uint64_t host_now = HostNowNs();
  const uint64_t now = (host_now - word) & ~kRunningBit;
  if (time_ns <= now) return host_now;
  const uint64_t wait = time_ns - now;
  return wait > UINT64_MAX - host_now ? UINT64_MAX : host_now + wait;
}

uint64_t VirtualClock::NextDeadlineHostNs() const {
  std::lock_guard lock(mutex_);
  return HostTimeOf(NextDeadlineLocked());
}

void VirtualClock::RunExpired() {
  std::unique_lock lock(mutex_);
  // Only those that are due now, each once: a callback that arms itself in the past must not keep
  // the loop's thread here.
  const uint64_t now = NowNs();
  if ((time_word_.load(std::memory_order_relaxed) & kRunningBit) == 0) return;
  std::vector<ClockTimer*> due;
  for (ClockTimer* timer : armed_) {
    if (timer->deadline_ns_ <= now) due.push_back(timer);
  }
  std::ranges::sort(due, {}, [](const ClockTimer* timer) { return timer->deadline_ns_; });
  for (ClockTimer* timer : due) {
    // It may have been disarmed, moved or destroyed while another one ran.
    if (std::ranges::find(armed_, timer) == armed_.end() || timer->deadline_ns_ > now) continue;
    Remove(*timer);
    firing_ = timer;
    firing_thread_ = std::this_thread::get_id();
    lock.unlock();
    timer->callback_();
    lock.lock();
    firing_ = nullptr;
    firing_thread_ = {};
    fired_.notify_all();
  }
}

void VirtualClock::SetWake(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = wake ? std::make_shared<std::function<void()>>(std::move(wake)) : nullptr;
}

void VirtualClock::WakeIfNearer(uint64_t deadline_ns) {
  bool is_nearer = false;
  {
    std::lock_guard lock(mutex_);
    is_nearer = deadline_ns <= NextDeadlineLocked();
  }
  if (is_nearer) Wake();
}

void VirtualClock::Wake() {
  std::shared_ptr<std::function<void()>> wake;  // shared with a SetWake that comes in between
  {
    std::lock_guard lock(mutex_);
    wake = wake_;
  }
  if (wake) (*wake)();
}

void VirtualClock::Remove(ClockTimer& timer) {
  timer.deadline_ns_ = UINT64_MAX;
  std::erase(armed_, &timer);
}

}  // namespace emu
