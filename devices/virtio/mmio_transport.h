// One virtio-mmio slot, with a device in it or empty.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "devices/core/device.h"
#include "devices/virtio/mmio_spec.h"
#include "devices/virtio/virtio_device.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu::virtio {

// The modern interface only (s. 4.2.2), no legacy one.
class MmioTransport final : public Device, public MmioHandler, private DeviceHost {
 public:
  // `device` nullptr: an empty slot, which reads as device id 0.
  MmioTransport(GuestMemory& memory, InterruptLine irq, std::unique_ptr<VirtioDevice> device);

  VirtioDevice* device() { return device_.get(); }

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  std::optional<DiskCounters> disk_counters() const override {
    return device_ == nullptr ? std::nullopt : device_->disk_counters();
  }
  void FlushDisk(const std::function<void(bool ok)>& done) override {
    device_ == nullptr ? done(true) : device_->FlushDisk(done);
  }
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  Queue& queue(uint32_t index) override { return queues_[index]; }
  DmaPort& dma() override { return dma_; }
  bool IsLive() const override;
  void Flush(uint32_t index) override;

  uint64_t OfferedFeatures() const;
  uint32_t ReadRegister(Reg reg) const;
  void WriteRegister(Reg reg, uint32_t word, uint32_t value);
  void WriteStatus(uint32_t value);
  void WriteQueueAddress(GuestPhysAddr Queue::Setup::*which, uint32_t word, uint32_t value);
  Queue* SelectedQueue();
  void StopQueue(uint32_t index);
  void Fail();
  void UpdateInterrupt() { irq_.Set(interrupt_status_ != 0); }

  DmaPort dma_;
  InterruptLine irq_;
  std::unique_ptr<VirtioDevice> device_;
  std::vector<Queue> queues_;
  uint32_t status_ = 0;
  uint32_t interrupt_status_ = 0;
  uint32_t device_features_select_ = 0;
  uint32_t driver_features_select_ = 0;
  uint32_t queue_select_ = 0;
  uint64_t driver_features_ = 0;
};

}  // namespace emu::virtio
