#include "vmm/process/io_worker.h"

#include <utility>

#include "vmm/process/named_thread.h"

namespace emu {

IoWorker::IoWorker(const char* name) : thread_(StartNamedThread(name, [this] { ThreadMain(); })) {}

IoWorker::~IoWorker() {
  {
    std::lock_guard lock(mutex_);
    quit_ = true;
  }
  posted_.notify_one();
  thread_.join();
}

void IoWorker::Post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  posted_.notify_one();
}

void IoWorker::Drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return queue_.empty() && !busy_; });
}

void IoWorker::ThreadMain() {
  std::unique_lock lock(mutex_);
  for (;;) {
    posted_.wait(lock, [this] { return !queue_.empty() || quit_; });
    if (queue_.empty()) return;
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    work();
    lock.lock();
    busy_ = false;
    if (queue_.empty()) idle_.notify_all();
  }
}

}  // namespace emu
