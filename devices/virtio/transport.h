// What every transport of a virtio device does.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "devices/core/device.h"
#include "devices/virtio/virtio_device.h"
#include "vmm/base/address_space.h"

namespace emu::virtio {

// Owns a device and its queues, and negotiates with the driver (VIRTIO 1.2, s. 2.1, 2.2, 3.1): what
// the registers mean. A kind of transport says where they are, and how the driver is interrupted.
class Transport : public Device, private DeviceHost {
 public:
  VirtioDevice* device() { return device_.get(); }

  // Of the machine: what the kind keeps is its own to reset.
  void Reset() override { ResetVirtio(); }
  void Start() override {
    if (device_ != nullptr) device_->Start();
  }
  void Pause() override {
    if (device_ != nullptr) device_->Pause();
  }
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  std::optional<DiskCounters> disk_counters() const override {
    return device_ == nullptr ? std::nullopt : device_->disk_counters();
  }
  void FlushDisk(const std::function<void(bool ok)>& done) override {
    device_ == nullptr ? done(true) : device_->FlushDisk(done);
  }

 protected:
  // `device` nullptr: nothing is there, and nothing below may be called but `has_queue`.
  Transport(GuestMemory& memory, std::unique_ptr<VirtioDevice> device);

  // The driver wants to know that buffers of queue `index` were used; that the device has failed.
  virtual void InterruptForQueue(uint32_t index) = 0;
  virtual void InterruptForConfig() = 0;
  virtual void ClearInterrupts() = 0;
  // False: the driver has forbidden the device to touch memory.
  virtual bool MayUseMemory() const { return true; }

  const VirtioDevice& attached() const { return *device_; }

  uint32_t status() const { return status_; }
  // 0 resets the device, its queues and what of the transport is about them.
  void WriteStatus(uint32_t value);

  // 32 of the features, those that were selected; 0 and nothing beyond the first 64.
  uint32_t DeviceFeatures() const;
  void WriteDriverFeatures(uint32_t value);
  uint32_t DriverFeatures() const;

  bool has_queue() const { return queue_select_ < queues_.size(); }
  uint32_t queue_count() const { return static_cast<uint32_t>(queues_.size()); }
  const Queue& selected_queue() const { return queues_[queue_select_]; }  // only if has_queue
  // The selected queue, if it exists and is off: it may be set up now.
  Queue* QueueToSetUp();
  // A size that does not fit becomes 0, which keeps the queue off.
  void WriteQueueSize(uint32_t value);
  void EnableQueue();
  void DisableQueue();
  void NotifyQueue(uint32_t index);

  // `width_bytes` from `offset` of the device's configuration; 0 beyond its end.
  uint64_t ReadConfig(uint64_t offset, uint32_t width_bytes) const;
  void WriteConfig(uint64_t offset, uint32_t width_bytes, uint64_t value);

  uint32_t device_features_select_ = 0;
  uint32_t driver_features_select_ = 0;
  uint32_t queue_select_ = 0;

 private:
  Queue& queue(uint32_t index) override { return queues_[index]; }
  DmaPort& dma() override { return dma_; }
  bool IsLive() const override;
  uint64_t driver_features() const override { return driver_features_; }
  void Flush(uint32_t index) override;
  void NoteConfigChange() override;

  void ResetVirtio();
  uint64_t OfferedFeatures() const;
  void StopQueue(uint32_t index);
  void Fail();

  DmaPort dma_;
  std::unique_ptr<VirtioDevice> device_;
  std::vector<Queue> queues_;
  uint32_t status_ = 0;
  uint64_t driver_features_ = 0;
};

}  // namespace emu::virtio
