// A disk whose requests wait for the host on other threads.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "devices/backend/disk.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/work_queue.h"

namespace emu {

// Requests become transfers of the image's files at once, where that is known without waiting; else
// one at a time. Answers come on the thread that has the last of them, with all that is ready then.
class AsyncDisk final : public Disk, private TransferClient {
 public:
  // `work` and `device_mutex` outlive this.
  AsyncDisk(std::unique_ptr<DiskImage> image, WorkQueue& work, std::mutex& device_mutex);
  // Waits for what is under way. Without the device lock.
  ~AsyncDisk() override;

  uint64_t size_bytes() const override { return image_->size_bytes(); }
  bool is_readonly() const override { return image_->is_readonly(); }
  void Submit(DiskRequest request, Done done) override;
  // Waits for what is at the host.
  void Cancel(uint32_t queue) override;

  // While nothing is asked of any disk and nothing is under way: what comes is for `image`, of the
  // same size, and the caller has the one of before, to be destroyed on the thread of `work`. With
  // the device lock held.
  void ExchangeImage(std::unique_ptr<DiskImage>& image);

 private:
  // A request without an answer. Its parts are transfers, and work that was posted for it.
  struct Pending {
    DiskRequest request;
    Done done;
    std::list<Pending>::iterator self = {};
    uint32_t parts = 0;
    uint32_t parts_at_host = 0;
    int error = 0;
    bool is_cancelled = false;
    std::optional<uint64_t> epoch = {};  // of its transfers
  };

  bool Begin(void* cookie) override;
  void Finished(void* cookie, int error) override;
  void BatchFinished() override;

  int CarryAlone(Pending& pending);
  void AddPart(Pending& pending);
  void AddTransfers(Pending& pending, uint64_t epoch, size_t count);
  void StartTransfers(Pending& pending, std::vector<FileTransfer> transfers);
  void End(Pending& pending, int error);

  std::unique_ptr<DiskImage> image_;
  WorkQueue& work_;
  // Lock order: this one, the image's own, mutex_.
  std::mutex& device_mutex_;
  std::mutex mutex_;
  std::condition_variable left_host_;
  std::list<Pending> pending_ ABSL_GUARDED_BY(mutex_);
  std::vector<Pending*> finished_ ABSL_GUARDED_BY(mutex_);  // and not answered
};

}  // namespace emu
