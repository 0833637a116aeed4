// A disk whose requests wait for the host on another thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "devices/backend/disk.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/work_queue.h"

namespace emu {

// `work` runs one piece at a time and in order, which makes flushes right without more ado: all
// that was submitted before one has been carried out.
class AsyncDisk final : public Disk {
 public:
  // `work` and `device_mutex` outlive this.
  AsyncDisk(std::unique_ptr<DiskImage> image, WorkQueue& work, std::mutex& device_mutex)
      : image_(std::move(image)), work_(work), device_mutex_(device_mutex) {}
  // Waits for what is under way. Without the device lock.
  ~AsyncDisk() override;

  uint64_t size_bytes() const override { return image_->size_bytes(); }
  bool is_readonly() const override { return image_->is_readonly(); }
  void Submit(DiskRequest request, Done done) override;
  // Waits for the host's answer to at most one request.
  void Cancel() override;

 private:
  void Carry(uint64_t generation, DiskRequest& request, const Done& done);

  std::unique_ptr<DiskImage> image_;
  WorkQueue& work_;
  std::mutex& device_mutex_;
  // Held around each request at the host. Lock order: the device lock comes first.
  std::mutex host_mutex_;
  // Counts calls of Cancel: a request of an older generation is neither carried out nor answered.
  // Written with the device lock held.
  std::atomic<uint64_t> generation_ = 0;
};

}  // namespace emu
