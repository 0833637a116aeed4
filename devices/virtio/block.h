// A disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devices/backend/disk.h"
#include "devices/core/disk_error.h"
#include "devices/virtio/block_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Requests go to the disk as they come and are handed back as it answers. None is under way while
// the machine is paused, so that the state has none but those that failed and are to be tried
// again; the disk's contents are no part of it either.
class Block final : public VirtioDevice {
 public:
  struct Options {
    std::string id;  // cut to 20 bytes
    uint32_t queue_count = 1;
    bool writes_through = false;  // the driver is told of no cache, and every write is flushed
    OnDiskError on_read_error = OnDiskError::kReport;
    OnDiskError on_write_error = OnDiskError::kReport;  // of all that may write
    DiskErrorSink stop = {};                            // for kStop
  };
  Block(std::unique_ptr<Disk> disk, Options options);

  uint32_t device_id() const override { return block::kDeviceId; }
  uint64_t features() const override;
  uint32_t queue_count() const override { return static_cast<uint32_t>(queues_.size()); }
  std::span<const std::byte> config() const override;
  void Notify(uint32_t index) override;
  void StopQueue(uint32_t index) override;
  std::optional<DiskCounters> disk_counters() const override { return counters_; }
  void FlushDisk(const std::function<void(bool ok)>& done) override;
  void Start() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;

 private:
  // A request, with the queue that it came out of.
  struct Request {
    uint32_t queue;
    DescriptorChain chain;
  };
  struct QueueState {
    // Popped and not finished: never more than the queue holds, whatever the driver makes
    // available.
    uint32_t in_flight = 0;
    bool is_in_notify = false;
    bool is_answered = false;  // something of it, since it was last looked at
  };

  // Serving ends with one Finish for each request, now or when the disk answers.
  void Serve(Request request);
  void Transfer(Request request, uint64_t sector, DmaPort::Access access);
  void GetId(const Request& request);
  void DiscardOrZero(Request request, block::RequestType type);
  void Ask(DiskRequest asked, Request request);
  void Count(DiskRequest::Kind kind, const DescriptorChain& chain);
  void Answer(DiskRequest::Kind kind, const Request& request, int error);
  void Finish(const Request& request, block::RequestStatus status, uint64_t written = 0);
  void LookAtAnsweredQueues();
  bool IsKept(DiskRequest::Kind kind, int error) const;
  bool IsOnDisk(uint64_t sector, uint64_t sector_count) const;
  bool WritesThrough();

  std::unique_ptr<Disk> disk_;
  Options options_;
  block::Config config_ = {};
  DiskCounters counters_;
  std::vector<QueueState> queues_;
  // What failed and is tried again at the next Start: queue and head, 16 bits each.
  std::vector<std::byte> kept_;
};

}  // namespace emu::virtio
