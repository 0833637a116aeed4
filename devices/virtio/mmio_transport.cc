#include "devices/virtio/mmio_transport.h"

#include <algorithm>

#include "devices/core/register_bank.h"
#include "vmm/base/status_macros.h"

namespace emu::virtio {
namespace {

constexpr RegisterBank<Reg> kBank(kRegisters);
constexpr uint64_t kLow32 = 0xffff'ffff;

}  // namespace

MmioTransport::MmioTransport(GuestMemory& memory, InterruptLine irq,
                             std::unique_ptr<VirtioDevice> device)
    : dma_(memory), irq_(std::move(irq)), device_(std::move(device)) {
  if (device_ == nullptr) return;
  for (uint32_t i = 0; i < device_->queue_count(); ++i) queues_.emplace_back(dma_);
  device_->Attach(*this);
}

void MmioTransport::Reset() {
  status_ = interrupt_status_ = 0;
  device_features_select_ = driver_features_select_ = queue_select_ = 0;
  driver_features_ = 0;
  for (uint32_t i = 0; i < queues_.size(); ++i) StopQueue(i);
  if (device_ != nullptr) device_->ResetDevice();
  UpdateInterrupt();
}

void MmioTransport::StopQueue(uint32_t index) {
  device_->StopQueue(index);
  queues_[index].Reset();
}

bool MmioTransport::IsLive() const {
  return (status_ & (kStatusDriverOk | kStatusNeedsReset)) == kStatusDriverOk;
}

void MmioTransport::Flush(uint32_t index) {
  if (queues_[index].is_broken()) return Fail();
  if (!queues_[index].TakeInterruptWanted()) return;
  interrupt_status_ |= kInterruptUsedRing;
  UpdateInterrupt();
}

// s. 2.1.2: tell the driver that only a reset helps.
void MmioTransport::Fail() {
  if ((status_ & kStatusNeedsReset) != 0) return;
  status_ |= kStatusNeedsReset;
  if ((status_ & kStatusDriverOk) != 0) interrupt_status_ |= kInterruptConfig;
  UpdateInterrupt();
}

uint64_t MmioTransport::OfferedFeatures() const {
  return device_->features() | kFeatureVersion1 | kFeatureIndirect | kFeatureEventIdx;
}

AccessResult MmioTransport::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  if (offset >= kConfigOffset) {
    *value = 0;
    if (device_ == nullptr) return AccessResult::kOk;
    const std::span<const std::byte> config = device_->config();
    const uint64_t at = offset - kConfigOffset;
    for (uint32_t i = 0; i < width_bytes && at + i < config.size(); ++i) {
      *value |= static_cast<uint64_t>(config[at + i]) << (8 * i);
    }
    return AccessResult::kOk;
  }
  return kBank.Read(offset, width_bytes, value,
                    [this](Reg reg, uint32_t) -> uint64_t { return ReadRegister(reg); });
}

AccessResult MmioTransport::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  // No device of ours has a configuration that the driver may write.
  if (offset >= kConfigOffset || device_ == nullptr) return AccessResult::kOk;
  return kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t word, uint64_t whole) {
        WriteRegister(reg, word, static_cast<uint32_t>(whole));
      });
}

uint32_t MmioTransport::ReadRegister(Reg reg) const {
  const bool has_queue = queue_select_ < queues_.size();
  switch (reg) {
    case Reg::kMagic:
      return kMagic;
    case Reg::kVersion:
      return kVersion;
    case Reg::kDeviceId:
      return device_ != nullptr ? device_->device_id() : 0;
    case Reg::kVendorId:
      return kVendor;
    case Reg::kDeviceFeatures:
      if (device_ == nullptr || device_features_select_ > 1) return 0;
      return static_cast<uint32_t>(OfferedFeatures() >> (32 * device_features_select_));
    case Reg::kQueueSizeMax:
      return has_queue ? kMaxQueueSize : 0;
    case Reg::kQueueReady:
      return has_queue && queues_[queue_select_].is_enabled() ? 1 : 0;
    case Reg::kInterruptStatus:
      return interrupt_status_;
    case Reg::kStatus:
      return status_;
    case Reg::kSharedMemoryLength:  // s. 4.2.2.1: no such region reads as all ones
    case Reg::kSharedMemoryBase:
      return UINT32_MAX;
    case Reg::kConfigGeneration:      // our configurations never change
    case Reg::kDeviceFeaturesSelect:  // the rest is write-only
    case Reg::kDriverFeatures:
    case Reg::kDriverFeaturesSelect:
    case Reg::kQueueSelect:
    case Reg::kQueueSize:
    case Reg::kQueueNotify:
    case Reg::kInterruptAck:
    case Reg::kQueueDescriptors:
    case Reg::kQueueDriver:
    case Reg::kQueueDevice:
      return 0;
  }
  return 0;
}

void MmioTransport::WriteRegister(Reg reg, uint32_t word, uint32_t value) {
  switch (reg) {
    case Reg::kDeviceFeaturesSelect:
      device_features_select_ = value;
      return;
    case Reg::kDriverFeatures:
      if (driver_features_select_ > 1 || (status_ & kStatusFeaturesOk) != 0) return;
      driver_features_ &= ~(kLow32 << (32 * driver_features_select_));
      driver_features_ |= uint64_t{value} << (32 * driver_features_select_);
      return;
    case Reg::kDriverFeaturesSelect:
      driver_features_select_ = value;
      return;
    case Reg::kQueueSelect:
      queue_select_ = value;
      return;
    case Reg::kQueueSize:
      // A size that does not fit becomes 0, which Enable refuses.
      if (Queue* queue = SelectedQueue()) {
        queue->setup().size = value <= kMaxQueueSize ? static_cast<uint16_t>(value) : 0;
      }
      return;
    case Reg::kQueueReady:
      if (queue_select_ >= queues_.size()) return;
      if ((value & 1) == 0) {
        StopQueue(queue_select_);
      } else if ((status_ & kStatusFeaturesOk) != 0 && !queues_[queue_select_].is_enabled()) {
        queues_[queue_select_].Enable(driver_features_);
      }
      return;
    case Reg::kQueueNotify:
      if (!IsLive() || value >= queues_.size() || !queues_[value].is_enabled()) return;
      device_->Notify(value);
      return;
    case Reg::kInterruptAck:
      interrupt_status_ &= ~value;
      UpdateInterrupt();
      return;
    case Reg::kStatus:
      return WriteStatus(value);
    case Reg::kQueueDescriptors:
      return WriteQueueAddress(&Queue::Setup::descriptors, word, value);
    case Reg::kQueueDriver:
      return WriteQueueAddress(&Queue::Setup::available, word, value);
    case Reg::kQueueDevice:
      return WriteQueueAddress(&Queue::Setup::used, word, value);
    case Reg::kMagic:  // read-only from here on
    case Reg::kVersion:
    case Reg::kDeviceId:
    case Reg::kVendorId:
    case Reg::kDeviceFeatures:
    case Reg::kQueueSizeMax:
    case Reg::kInterruptStatus:
    case Reg::kSharedMemoryLength:
    case Reg::kSharedMemoryBase:
    case Reg::kConfigGeneration:
      return;
  }
}

// s. 3.1.1: bits are only ever set, but for a reset by writing 0; FEATURES_OK stays clear if we
// can't work with what the driver chose.
void MmioTransport::WriteStatus(uint32_t value) {
  if (value == 0) return Reset();
  uint32_t added = value & kStatusWritable & ~status_;
  const bool acceptable =
      (driver_features_ & ~OfferedFeatures()) == 0 && (driver_features_ & kFeatureVersion1) != 0;
  if ((added & kStatusFeaturesOk) != 0 && !acceptable) added &= ~kStatusFeaturesOk;
  if (((status_ | added) & kStatusFeaturesOk) == 0) added &= ~kStatusDriverOk;
  status_ |= added;
  if ((added & kStatusDriverOk) != 0) device_->Activate();
}

// The queue that may be set up now: it exists and is off.
Queue* MmioTransport::SelectedQueue() {
  if (queue_select_ >= queues_.size() || queues_[queue_select_].is_enabled()) return nullptr;
  return &queues_[queue_select_];
}

void MmioTransport::WriteQueueAddress(GuestPhysAddr Queue::Setup::*which, uint32_t word,
                                      uint32_t value) {
  Queue* queue = SelectedQueue();
  if (queue == nullptr) return;
  uint64_t& address = (queue->setup().*which).value;
  address = (address & ~(kLow32 << (32 * word))) | uint64_t{value} << (32 * word);
}

void MmioTransport::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "status", status_);
  visitor.Small(2, "interrupt_status", interrupt_status_);
  visitor.Small(3, "device_features_select", device_features_select_);
  visitor.Small(4, "driver_features_select", driver_features_select_);
  visitor.Small(5, "queue_select", queue_select_);
  visitor.Field(6, "driver_features", driver_features_);
  if (device_ == nullptr) return;
  visitor.BeginGroup(7, "device");
  device_->VisitState(visitor);
  visitor.EndGroup();
  for (uint32_t i = 0; i < queues_.size(); ++i) {
    visitor.BeginGroup(16 + i, "queue");
    queues_[i].VisitState(visitor);
    visitor.EndGroup();
  }
}

absl::Status MmioTransport::AfterRestore() {
  for (Queue& queue : queues_) RETURN_IF_ERROR(queue.AfterRestore());
  if (device_ != nullptr) RETURN_IF_ERROR(device_->AfterRestore());
  UpdateInterrupt();
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu::virtio
