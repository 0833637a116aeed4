#include "devices/virtio/transport.h"

#include <array>

#include "devices/virtio/transport_spec.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"

namespace emu::virtio {
namespace {

constexpr uint64_t kLow32 = 0xffff'ffff;

}  // namespace

Transport::Transport(GuestMemory& memory, std::unique_ptr<VirtioDevice> device)
    : dma_(memory), device_(std::move(device)) {
  if (device_ == nullptr) return;
  for (uint32_t i = 0; i < device_->queue_count(); ++i) queues_.emplace_back(dma_);
  device_->Attach(*this);
}

void Transport::ResetVirtio() {
  status_ = 0;
  device_features_select_ = driver_features_select_ = queue_select_ = 0;
  driver_features_ = 0;
  for (uint32_t i = 0; i < queues_.size(); ++i) StopQueue(i);
  if (device_ != nullptr) device_->ResetDevice();
  ClearInterrupts();
}

void Transport::StopQueue(uint32_t index) {
  device_->StopQueue(index);
  queues_[index].Reset();
}

bool Transport::IsLive() const {
  return (status_ & (kStatusDriverOk | kStatusNeedsReset)) == kStatusDriverOk && MayUseMemory();
}

void Transport::Flush(uint32_t index) {
  if (queues_[index].is_broken()) return Fail();
  if (queues_[index].TakeInterruptWanted()) InterruptForQueue(index);
}

void Transport::NoteConfigChange() {
  if ((status_ & kStatusDriverOk) != 0) InterruptForConfig();
}

// s. 2.1.2: tell the driver that only a reset helps.
void Transport::Fail() {
  if ((status_ & kStatusNeedsReset) != 0) return;
  status_ |= kStatusNeedsReset;
  NoteConfigChange();
}

uint64_t Transport::OfferedFeatures() const {
  return device_->features() | kFeatureVersion1 | kFeatureIndirect | kFeatureEventIdx;
}

uint32_t Transport::DeviceFeatures() const {
  if (device_features_select_ > 1) return 0;
  return static_cast<uint32_t>(OfferedFeatures() >> (32 * device_features_select_));
}

uint32_t Transport::DriverFeatures() const {
  if (driver_features_select_ > 1) return 0;
  return static_cast<uint32_t>(driver_features_ >> (32 * driver_features_select_));
}

void Transport::WriteDriverFeatures(uint32_t value) {
  if (driver_features_select_ > 1 || (status_ & kStatusFeaturesOk) != 0) return;
  driver_features_ &= ~(kLow32 << (32 * driver_features_select_));
  driver_features_ |= uint64_t{value} << (32 * driver_features_select_);
}

// s. 3.1.1: bits are only ever set, but for a reset by writing 0; FEATURES_OK stays clear if we
// can't work with what the driver chose.
void Transport::WriteStatus(uint32_t value) {
  if (value == 0) return ResetVirtio();
  uint32_t added = value & kStatusWritable & ~status_;
  const bool acceptable =
      (driver_features_ & ~OfferedFeatures()) == 0 && (driver_features_ & kFeatureVersion1) != 0;
  if ((added & kStatusFeaturesOk) != 0 && !acceptable) added &= ~kStatusFeaturesOk;
  if (((status_ | added) & kStatusFeaturesOk) == 0) added &= ~kStatusDriverOk;
  status_ |= added;
  if ((added & kStatusDriverOk) != 0) device_->Activate();
}

Queue* Transport::QueueToSetUp() {
  if (!has_queue() || selected_queue().is_enabled()) return nullptr;
  return &queues_[queue_select_];
}

void Transport::WriteQueueSize(uint32_t value) {
  Queue* const queue = QueueToSetUp();
  if (queue == nullptr) return;
  queue->setup().size = value <= kMaxQueueSize ? static_cast<uint16_t>(value) : 0;
}

void Transport::EnableQueue() {
  Queue* const queue = QueueToSetUp();
  if (queue != nullptr && (status_ & kStatusFeaturesOk) != 0) queue->Enable(driver_features_);
}

void Transport::DisableQueue() {
  if (has_queue()) StopQueue(queue_select_);
}

void Transport::NotifyQueue(uint32_t index) {
  if (IsLive() && index < queues_.size() && queues_[index].is_enabled()) device_->Notify(index);
}

uint64_t Transport::ReadConfig(uint64_t offset, uint32_t width_bytes) const {
  const std::span<const std::byte> config = device_->config();
  uint64_t value = 0;
  for (uint32_t i = 0; i < width_bytes && offset + i < config.size(); ++i) {
    value |= static_cast<uint64_t>(config[offset + i]) << (8 * i);
  }
  return value;
}

void Transport::WriteConfig(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  std::array<std::byte, sizeof(value)> bytes;
  StoreLittle(bytes, value);
  device_->WriteConfig(offset, std::span(bytes).first(width_bytes));
}

void Transport::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "status", status_);
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

absl::Status Transport::AfterRestore() {
  for (Queue& queue : queues_) RETURN_IF_ERROR(queue.AfterRestore());
  return device_ != nullptr ? device_->AfterRestore() : absl::OkStatus();
}

}  // namespace emu::virtio
