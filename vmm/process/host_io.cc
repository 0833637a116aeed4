#include "vmm/process/host_io.h"

#include <mutex>
#include <utility>

#include "vmm/base/log.h"

namespace emu {
namespace {

constexpr uint32_t kThreads = 4;

}  // namespace

HostIo::~HostIo() { Drain(); }

absl::Status HostIo::Open(AioMode aio) {
  if (files_.empty()) return absl::OkStatus();
  threads_ = std::make_unique<IoThreads>(kThreads, counter_);
  if (aio == AioMode::kThreads) return absl::OkStatus();
  auto ring = IoRing::Create(files_, *threads_, counter_);
  if (ring.ok()) {
    ring_ = *std::move(ring);
  } else if (aio == AioMode::kIoUring) {
    return ring.status();
  }
  return absl::OkStatus();
}

void HostIo::Post(std::function<void()> work) {
  counter_.Add();
  worker_.Post([this, work = std::move(work)] {
    work();
    counter_.Done();
  });
}

void HostIo::PostUnordered(std::function<void()> work) {
  if (threads_ == nullptr) return Post(std::move(work));
  counter_.Add();
  threads_->Post(std::move(work));
}

void HostIo::Start(FileTransfer transfer) {
  counter_.Add();
  if (ring_ != nullptr && ring_->Suits(transfer)) return ring_->Start(std::move(transfer));
  threads_->Start(std::move(transfer));
}

void HostIo::RunOnEachThread(const std::function<void(ThreadRole)>& work) {
  std::mutex one_at_a_time;
  const auto as_disk = [&] {
    std::lock_guard lock(one_at_a_time);
    work(ThreadRole::kDisk);
  };
  Post(as_disk);
  Drain();
  if (threads_ != nullptr) threads_->RunOnEach(as_disk);
  if (ring_ != nullptr) ring_->RunOnThread([&work] { work(ThreadRole::kRing); });
}

}  // namespace emu
