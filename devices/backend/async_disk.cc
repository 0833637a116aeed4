#include "devices/backend/async_disk.h"

#include <errno.h>

#include <algorithm>
#include <utility>

namespace emu {

AsyncDisk::AsyncDisk(std::unique_ptr<DiskImage> image, WorkQueue& work, std::mutex& device_mutex)
    : image_(std::move(image)), work_(work), device_mutex_(device_mutex) {
  image_->ForEachFile([&work](HostFile& file) { work.Announce(file); });
}

// The image is closed where it is used: it may write then, which other threads may not.
AsyncDisk::~AsyncDisk() {
  {
    std::lock_guard lock(mutex_);
    for (Pending& pending : pending_) pending.is_cancelled = true;
  }
  work_.Drain();
  work_.Post([this] { image_.reset(); });
  work_.Drain();
}

void AsyncDisk::ExchangeImage(std::unique_ptr<DiskImage>& image) {
  image_->ForEachFile([this](HostFile& file) { work_.Forget(file); });
  std::swap(image_, image);
}

void AsyncDisk::Submit(DiskRequest request, Done done) {
  Pending* pending = nullptr;
  {
    std::lock_guard lock(mutex_);
    pending = &pending_.emplace_back(Pending{std::move(request), std::move(done)});
    pending->self = std::prev(pending_.end());
  }
  std::vector<FileTransfer> transfers;
  const DiskImage::Planned planned =
      image_->Plan(pending->request, DiskImage::Effort::kNothing, transfers);
  switch (planned.way) {
    case DiskImage::Way::kTransfers:
      AddTransfers(*pending, planned.epoch, transfers.size());
      if (!transfers.empty()) return StartTransfers(*pending, std::move(transfers));
      // A read of zeroes is over, but is not answered from within Submit.
      AddPart(*pending);
      return work_.PostUnordered(
          [this, pending] { End(*pending, Begin(pending) ? 0 : ECANCELED); });
    case DiskImage::Way::kBeside:
      AddPart(*pending);
      return work_.PostUnordered([this, pending] {
        End(*pending, Begin(pending) ? image_->Perform(pending->request) : ECANCELED);
      });
    case DiskImage::Way::kAlone:
      AddPart(*pending);
      return work_.Post(
          [this, pending] { End(*pending, Begin(pending) ? CarryAlone(*pending) : ECANCELED); });
  }
}

// Its transfers, if it has any now, are parts of their own.
int AsyncDisk::CarryAlone(Pending& pending) {
  std::vector<FileTransfer> transfers;
  const DiskImage::Planned planned =
      image_->Plan(pending.request, DiskImage::Effort::kReadTables, transfers);
  if (planned.way != DiskImage::Way::kTransfers) return image_->Perform(pending.request);
  AddTransfers(pending, planned.epoch, transfers.size());
  StartTransfers(pending, std::move(transfers));
  return 0;
}

void AsyncDisk::AddPart(Pending& pending) {
  std::lock_guard lock(mutex_);
  ++pending.parts;
}

void AsyncDisk::AddTransfers(Pending& pending, uint64_t epoch, size_t count) {
  std::lock_guard lock(mutex_);
  pending.epoch = epoch;
  pending.parts += static_cast<uint32_t>(count);
}

void AsyncDisk::StartTransfers(Pending& pending, std::vector<FileTransfer> transfers) {
  for (FileTransfer& transfer : transfers) {
    transfer.client = this;
    transfer.cookie = &pending;
    work_.Start(std::move(transfer));
  }
}

void AsyncDisk::End(Pending& pending, int error) {
  Finished(&pending, error);
  BatchFinished();
}

bool AsyncDisk::Begin(void* cookie) {
  auto* const pending = static_cast<Pending*>(cookie);
  std::lock_guard lock(mutex_);
  ++pending->parts_at_host;
  return !pending->is_cancelled;
}

void AsyncDisk::Finished(void* cookie, int error) {
  auto* const pending = static_cast<Pending*>(cookie);
  std::lock_guard lock(mutex_);
  if (pending->error == 0) pending->error = error;
  if (--pending->parts_at_host == 0) left_host_.notify_all();
  if (--pending->parts > 0) return;
  if (pending->epoch.has_value()) image_->EndTransfers(*pending->epoch);
  finished_.push_back(pending);
}

void AsyncDisk::BatchFinished() {
  std::lock_guard device_lock(device_mutex_);
  std::vector<Pending*> finished;
  {
    std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  bool is_any_answered = false;
  for (Pending* const pending : finished) {
    // Changes under the device lock only.
    if (!pending->is_cancelled) {
      pending->done(pending->error);
      is_any_answered = true;
    }
    std::lock_guard lock(mutex_);
    pending_.erase(pending->self);
  }
  if (is_any_answered) NoteAnswered();
}

void AsyncDisk::Cancel(uint32_t queue) {
  std::unique_lock lock(mutex_);
  const auto is_of_queue = [queue](const Pending& pending) {
    return pending.request.queue == queue;
  };
  for (Pending& pending : pending_) pending.is_cancelled |= is_of_queue(pending);
  left_host_.wait(lock, [&] {
    return std::ranges::none_of(pending_, [&](const Pending& pending) {
      return is_of_queue(pending) && pending.parts_at_host > 0;
    });
  });
}

}  // namespace emu
