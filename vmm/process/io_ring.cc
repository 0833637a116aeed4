#include "vmm/process/io_ring.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <utility>

#include "vmm/base/status_macros.h"
#include "vmm/process/named_thread.h"

namespace emu {
namespace {

constexpr uint32_t kEntries = 256;
constexpr uint32_t kMostUnderWay = kEntries - 1;  // one is the wake-up
constexpr int kWakeIndex = 0;

}  // namespace

absl::StatusOr<std::unique_ptr<IoRing>> IoRing::Create(std::span<HostFile* const> files,
                                                       IoThreads& others, WorkCounter& counter) {
  UniqueFd wake(eventfd(0, EFD_CLOEXEC));
  std::vector<int> descriptors = {wake.get()};
  for (const HostFile* file : files) descriptors.push_back(file->descriptor());
  ASSIGN_OR_RETURN(std::unique_ptr<RestrictedRing> ring,
                   RestrictedRing::Create(kEntries, descriptors));
  return std::unique_ptr<IoRing>(
      new IoRing(std::move(ring), std::move(wake), files, others, counter));
}

IoRing::IoRing(std::unique_ptr<RestrictedRing> ring, UniqueFd wake,
               std::span<HostFile* const> files, IoThreads& others, WorkCounter& counter)
    : ring_(std::move(ring)), wake_(std::move(wake)), others_(others), counter_(counter) {
  int index = kWakeIndex;
  for (const HostFile* file : files) files_[file].index = ++index;
  thread_ = StartNamedThread("io-ring", [this] { ThreadMain(); });
}

IoRing::~IoRing() {
  {
    std::lock_guard lock(mutex_);
    quit_ = true;
  }
  Wake();
  thread_.join();
}

bool IoRing::Suits(const FileTransfer& transfer) const {
  const auto found = files_.find(transfer.file);
  return found != files_.end() && !found->second.is_refused.load(std::memory_order_relaxed) &&
         transfer.spans.size() <= IOV_MAX &&
         transfer.file->IsAligned(transfer.spans, transfer.offset) &&
         (transfer.kind == FileTransfer::Kind::kRead || transfer.file->has_independent_writes());
}

void IoRing::Start(FileTransfer transfer) {
  {
    std::lock_guard lock(mutex_);
    started_.push_back(std::move(transfer));
    if (!std::exchange(is_asleep_, false)) return;
  }
  Wake();
}

void IoRing::RunOnThread(const std::function<void()>& work) {
  std::promise<void> done;
  {
    std::lock_guard lock(mutex_);
    work_ = [&] {
      work();
      done.set_value();
    };
  }
  Wake();
  done.get_future().wait();
}

void IoRing::Wake() {
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
}

void IoRing::ThreadMain() {
  PrepareWakeUp();
  for (;;) {
    const bool may_sleep = TakeStarted();
    FillRing();
    if (may_sleep && under_way_ == 0) {
      std::lock_guard lock(mutex_);
      if (quit_) return;
    }
    // What the host has at hand is over when this returns, and answered before anything is waited
    // for.
    io_uring_submit_and_wait(ring_->get(), may_sleep && clients_.empty() ? 1 : 0);
    Reap();
    EndBatch();
  }
}

// True if nothing has come, and whoever brings something will wake this thread.
bool IoRing::TakeStarted() {
  std::function<void()> work;
  {
    std::lock_guard lock(mutex_);
    std::ranges::move(started_, std::back_inserter(waiting_));
    const bool is_idle = started_.empty() && work_ == nullptr;
    started_.clear();
    work = std::exchange(work_, nullptr);
    is_asleep_ = is_idle;
    if (is_idle) return true;
  }
  if (work) work();
  return false;
}

void IoRing::FillRing() {
  while (!waiting_.empty() && under_way_ < kMostUnderWay) {
    auto transfer = std::make_unique<FileTransfer>(std::move(waiting_.front()));
    waiting_.pop_front();
    transfer->has_begun = true;
    if (transfer->client->Begin(transfer->cookie)) {
      Prepare(std::move(transfer));
    } else {
      transfer->client->Finished(transfer->cookie, ECANCELED);
      NoteFinished(*transfer);
    }
  }
}

void IoRing::Prepare(std::unique_ptr<FileTransfer> transfer) {
  io_uring_sqe* const entry = io_uring_get_sqe(ring_->get());
  const int index = files_.find(transfer->file)->second.index;
  const auto count = static_cast<unsigned>(transfer->spans.size());
  if (transfer->kind == FileTransfer::Kind::kRead) {
    io_uring_prep_readv2(entry, index, transfer->spans.data(), count, transfer->offset, RWF_NOWAIT);
  } else {
    io_uring_prep_writev2(entry, index, transfer->spans.data(), count, transfer->offset,
                          RWF_NOWAIT);
  }
  entry->flags |= IOSQE_FIXED_FILE;
  io_uring_sqe_set_data(entry, transfer.release());
  ++under_way_;
}

void IoRing::PrepareWakeUp() {
  io_uring_sqe* const entry = io_uring_get_sqe(ring_->get());
  io_uring_prep_read(entry, kWakeIndex, &wake_count_, sizeof(wake_count_), 0);
  entry->flags |= IOSQE_FIXED_FILE;
  io_uring_sqe_set_data(entry, nullptr);
}

void IoRing::Reap() {
  io_uring_cqe* completion = nullptr;
  while (io_uring_peek_cqe(ring_->get(), &completion) == 0 && completion != nullptr) {
    const std::unique_ptr<FileTransfer> transfer(
        static_cast<FileTransfer*>(io_uring_cqe_get_data(completion)));
    const int result = completion->res;
    io_uring_cqe_seen(ring_->get(), completion);
    if (transfer == nullptr) {
      PrepareWakeUp();
      continue;
    }
    --under_way_;
    End(*transfer, result);
  }
}

void IoRing::End(FileTransfer& transfer, int result) {
  if (result >= 0 && static_cast<uint64_t>(result) == TotalBytes(transfer.spans)) {
    transfer.client->Finished(transfer.cookie, 0);
    return NoteFinished(transfer);
  }
  if (result == -EOPNOTSUPP) files_.find(transfer.file)->second.is_refused = true;
  others_.Start(std::move(transfer));
}

void IoRing::NoteFinished(const FileTransfer& transfer) {
  ++finished_;
  if (std::ranges::find(clients_, transfer.client) == clients_.end()) {
    clients_.push_back(transfer.client);
  }
}

void IoRing::EndBatch() {
  for (TransferClient* const client : clients_) client->BatchFinished();
  clients_.clear();
  if (finished_ > 0) counter_.Done(std::exchange(finished_, 0));
}

}  // namespace emu
