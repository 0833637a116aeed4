// A disk that answers at once, on the asking thread.
#pragma once

#include <memory>
#include <utility>

#include "devices/backend/disk.h"
#include "devices/backend/disk_image.h"

namespace emu {

// For tests of devices, and machines that nobody gave a WorkQueue.
class InlineDisk final : public Disk {
 public:
  explicit InlineDisk(std::unique_ptr<DiskImage> image) : image_(std::move(image)) {}

  uint64_t size_bytes() const override { return image_->size_bytes(); }
  bool is_readonly() const override { return image_->is_readonly(); }
  void Submit(DiskRequest request, Done done) override { done(image_->Perform(request)); }
  void Cancel(uint32_t /*queue*/) override {}

 private:
  std::unique_ptr<DiskImage> image_;
};

}  // namespace emu
