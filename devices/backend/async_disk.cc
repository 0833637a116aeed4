#include "devices/backend/async_disk.h"

namespace emu {

// The image is closed where it is used: it may write then, which other threads may not.
AsyncDisk::~AsyncDisk() {
  ++generation_;
  work_.Post([this] { image_.reset(); });
  work_.Drain();
}

void AsyncDisk::Submit(DiskRequest request, Done done) {
  work_.Post([this, generation = generation_.load(), request = std::move(request),
              done = std::move(done)]() mutable { Carry(generation, request, done); });
}

void AsyncDisk::Carry(uint64_t generation, DiskRequest& request, const Done& done) {
  bool ok = false;
  {
    std::lock_guard at_host(host_mutex_);
    if (generation != generation_) return;
    ok = image_->Perform(request);
  }
  std::lock_guard lock(device_mutex_);
  if (generation == generation_) done(ok);
}

// Who comes to Carry's first lock later sees the new generation; who has it is waited for.
void AsyncDisk::Cancel() {
  ++generation_;
  std::lock_guard at_host(host_mutex_);
}

}  // namespace emu
