#include "vmm/process/io_threads.h"

#include <algorithm>
#include <latch>
#include <utility>

#include "vmm/process/named_thread.h"

namespace emu {

IoThreads::IoThreads(uint32_t count, WorkCounter& counter) : counter_(counter) {
  for (uint32_t i = 0; i < count; ++i) {
    threads_.push_back(StartNamedThread("io-thread", [this] { ThreadMain(); }));
  }
}

IoThreads::~IoThreads() {
  {
    std::lock_guard lock(mutex_);
    quit_ = true;
  }
  added_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

const HostFile* IoThreads::FileHeldBy(const Item& item) {
  const auto* const transfer = std::get_if<FileTransfer>(&item);
  const bool holds = transfer != nullptr && transfer->kind == FileTransfer::Kind::kWrite &&
                     !transfer->file->has_independent_writes();
  return holds ? transfer->file : nullptr;
}

bool IoThreads::MayRun(const Item& item) const {
  const HostFile* const file = FileHeldBy(item);
  return file == nullptr || !held_.contains(file);
}

void IoThreads::Add(Item item) {
  bool is_for_idle = false;
  {
    std::lock_guard lock(mutex_);
    is_for_idle = idle_ > 0 && MayRun(item);
    items_.push_back(std::move(item));
  }
  if (is_for_idle) added_.notify_one();
}

void IoThreads::RunOnEach(const std::function<void()>& work) {
  std::latch all_here(static_cast<ptrdiff_t>(threads_.size() + 1));
  for (size_t i = 0; i < threads_.size(); ++i) {
    counter_.Add();
    Post([&] {
      work();
      all_here.arrive_and_wait();
    });
  }
  all_here.arrive_and_wait();
  counter_.WaitForNone();  // of those that use `all_here`
}

void IoThreads::Run(Item& item) {
  if (auto* const work = std::get_if<std::function<void()>>(&item)) return (*work)();
  auto& transfer = std::get<FileTransfer>(item);
  transfer.Carry();
  transfer.client->BatchFinished();
}

void IoThreads::ThreadMain() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto next = std::ranges::find_if(
        items_, [this](const Item& item) ABSL_NO_THREAD_SAFETY_ANALYSIS { return MayRun(item); });
    if (next == items_.end()) {
      if (quit_ && items_.empty()) return;
      ++idle_;
      added_.wait(lock);
      --idle_;
      continue;
    }
    Item item = std::move(*next);
    items_.erase(next);
    const HostFile* const file = FileHeldBy(item);
    if (file != nullptr) held_.insert(file);
    lock.unlock();
    Run(item);
    item = {};
    counter_.Done();
    lock.lock();
    if (file != nullptr) held_.erase(file);
  }
}

}  // namespace emu
