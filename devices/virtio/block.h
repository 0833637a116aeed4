// A disk.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "devices/backend/disk.h"
#include "devices/core/disk_error.h"
#include "devices/virtio/block_spec.h"
#include "devices/virtio/disk_queues.h"
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
  uint32_t queue_count() const override { return queues_.count(); }
  std::span<const std::byte> config() const override;
  void Notify(uint32_t index) override { queues_.Notify(host(), index); }
  void StopQueue(uint32_t index) override;
  std::optional<DiskCounters> disk_counters() const override { return counters_; }
  void FlushDisk(const std::function<void(bool ok)>& done) override;
  void Start() override { queues_.Start(host()); }
  void VisitState(StateVisitor& visitor) override { queues_.VisitState(visitor); }
  absl::Status AfterRestore() override { return queues_.AfterRestore(host()); }

 private:
  using Request = DiskQueues::Request;

  // Serving ends with one Finish for each request, now or when the disk answers.
  void Serve(Request request);
  void Transfer(Request request, uint64_t sector, DmaPort::Access access);
  void GetId(const Request& request);
  void DiscardOrZero(Request request, block::RequestType type);
  void Ask(DiskRequest asked, Request request);
  void Count(DiskRequest::Kind kind, const DescriptorChain& chain);
  void Answer(DiskRequest::Kind kind, const Request& request, int error);
  void Finish(const Request& request, block::RequestStatus status, uint64_t written = 0);
  bool IsOnDisk(uint64_t sector, uint64_t sector_count) const;
  bool WritesThrough();

  std::unique_ptr<Disk> disk_;
  Options options_;
  block::Config config_ = {};
  DiskCounters counters_;
  DiskQueues queues_;
};

}  // namespace emu::virtio
