// A disk.
#pragma once

#include <string>

#include "devices/backend/raw_disk.h"
#include "devices/virtio/block_spec.h"
#include "devices/virtio/virtio_device.h"

namespace emu::virtio {

// Requests are served one after another on the notifying vCPU's thread: simplest, and what a guest
// under test reads is mostly in the host's page cache. The disk's contents are not part of the
// state.
class Block final : public VirtioDevice {
 public:
  // `id` is cut to 20 bytes.
  Block(RawDisk disk, std::string id);

  uint32_t device_id() const override { return block::kDeviceId; }
  uint64_t features() const override;
  uint32_t queue_count() const override { return 1; }
  std::span<const std::byte> config() const override;
  void Notify(uint32_t index) override;

 private:
  uint32_t Serve(const DescriptorChain& chain);
  block::RequestStatus Transfer(const DescriptorChain& chain, uint64_t sector,
                                DmaPort::Access access);
  block::RequestStatus GetId(const DescriptorChain& chain);
  block::RequestStatus DiscardOrZero(const DescriptorChain& chain, block::RequestType type);
  bool IsOnDisk(uint64_t sector, uint64_t sector_count) const;

  RawDisk disk_;
  std::string id_;
  block::Config config_ = {};
};

}  // namespace emu::virtio
