// A disk.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "devices/backend/disk.h"
#include "devices/virtio/block_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Requests go to the disk as they come and are handed back as it answers. None is under way while
// the machine is paused, so that the state has none; the disk's contents are no part of it either.
class Block final : public VirtioDevice {
 public:
  // `id` is cut to 20 bytes.
  Block(std::unique_ptr<Disk> disk, std::string id);

  uint32_t device_id() const override { return block::kDeviceId; }
  uint64_t features() const override;
  uint32_t queue_count() const override { return 1; }
  std::span<const std::byte> config() const override;
  void Notify(uint32_t index) override;
  void StopQueue(uint32_t index) override;
  std::optional<DiskCounters> disk_counters() const override { return counters_; }
  void FlushDisk(const std::function<void(bool ok)>& done) override;

 private:
  // Serving ends with one Finish for each request, now or when the disk answers.
  void Serve(DescriptorChain chain);
  void Transfer(DescriptorChain chain, uint64_t sector, DmaPort::Access access);
  void GetId(const DescriptorChain& chain);
  void DiscardOrZero(DescriptorChain chain, block::RequestType type);
  void Ask(DiskRequest request, DescriptorChain chain);
  void Count(DiskRequest::Kind kind, const DescriptorChain& chain);
  void Answer(DiskRequest::Kind kind, const DescriptorChain& chain, bool ok);
  void Finish(const DescriptorChain& chain, block::RequestStatus status, uint64_t written = 0);
  bool IsOnDisk(uint64_t sector, uint64_t sector_count) const;

  std::unique_ptr<Disk> disk_;
  std::string id_;
  block::Config config_ = {};
  DiskCounters counters_;
  // Popped and not finished: never more than the queue holds, whatever the driver makes available.
  uint32_t in_flight_ = 0;
  bool in_notify_ = false;
};

}  // namespace emu::virtio
