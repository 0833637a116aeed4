#include "vmm/process/io_loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <array>

#include "vmm/base/log.h"

namespace emu {
namespace {

constexpr int kMaxEvents = 32;

void Drain(int counter_fd) {
  uint64_t count;
  while (read(counter_fd, &count, sizeof(count)) < 0 && errno == EINTR) {
  }
}

}  // namespace

IoLoop::IoLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      clock_timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!epoll_ || !wake_event_ || !clock_timer_) {
    // Three descriptors at the process's start: without them there is no one to report to.
    LogError("io-loop-without-descriptors", {{"errno", errno}});
    abort();
  }
  AddFd(wake_event_.get(), EPOLLIN, [this](uint32_t) { Drain(wake_event_.get()); });
  AddFd(clock_timer_.get(), EPOLLIN, [this](uint32_t) {
    Drain(clock_timer_.get());
    std::lock_guard lock(mutex_);
    programmed_deadline_ns_ = UINT64_MAX;
  });
}

IoLoop::~IoLoop() { DriveClock(nullptr); }

void IoLoop::Run() {
  std::array<epoll_event, kMaxEvents> events;
  while (!stopping_.load(std::memory_order_acquire)) {
    RunPosted();
    ArmClockTimer();
    const int count = epoll_wait(epoll_.get(), events.data(), kMaxEvents, -1);
    for (int i = 0; i < count; ++i) Dispatch(events[i].data.fd, events[i].events);
    VirtualClock* clock;
    {
      std::lock_guard lock(mutex_);
      clock = clock_;
    }
    if (clock != nullptr) clock->RunExpired();
  }
}

void IoLoop::Stop() {
  stopping_.store(true, std::memory_order_release);
  Wake();
}

void IoLoop::AddFd(int fd, uint32_t events, Handler handler) {
  {
    std::lock_guard lock(mutex_);
    handlers_[fd] = std::make_shared<Handler>(std::move(handler));
  }
  epoll_event event = {.events = events, .data = {.fd = fd}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    LogError("io-loop-add-failed", {{"fd", fd}, {"errno", errno}});
  }
}

void IoLoop::ChangeEvents(int fd, uint32_t events) {
  epoll_event event = {.events = events, .data = {.fd = fd}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void IoLoop::RemoveFd(int fd) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  std::lock_guard lock(mutex_);
  handlers_.erase(fd);
}

void IoLoop::Post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  Wake();
}

void IoLoop::DriveClock(VirtualClock* clock) {
  VirtualClock* old;
  {
    std::lock_guard lock(mutex_);
    old = std::exchange(clock_, clock);
  }
  if (old != nullptr) old->SetWake({});
  if (clock != nullptr) clock->SetWake([this] { ArmClockTimer(); });
  ArmClockTimer();
}

void IoLoop::Wake() {
  const uint64_t one = 1;
  // A full counter means that a wake-up is pending already.
  [[maybe_unused]] const ssize_t written = write(wake_event_.get(), &one, sizeof(one));
}

void IoLoop::ArmClockTimer() {
  std::lock_guard lock(mutex_);
  const uint64_t deadline_ns = clock_ != nullptr ? clock_->NextDeadlineHostNs() : UINT64_MAX;
  if (deadline_ns == programmed_deadline_ns_) return;
  programmed_deadline_ns_ = deadline_ns;
  itimerspec when = {};  // zero disarms
  if (deadline_ns != UINT64_MAX) {
    when.it_value.tv_sec = static_cast<time_t>(deadline_ns / 1'000'000'000);
    when.it_value.tv_nsec = static_cast<long>(deadline_ns % 1'000'000'000);
  }
  timerfd_settime(clock_timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void IoLoop::RunPosted() {
  std::vector<std::function<void()>> work;
  {
    std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const auto& item : work) item();
}

void IoLoop::Dispatch(int fd, uint32_t events) {
  std::shared_ptr<Handler> handler;  // kept alive through a RemoveFd of its own
  {
    std::lock_guard lock(mutex_);
    const auto found = handlers_.find(fd);
    if (found == handlers_.end()) return;
    handler = found->second;
  }
  (*handler)(events);
}

}  // namespace emu
