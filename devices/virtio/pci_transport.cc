#include "devices/virtio/pci_transport.h"

#include <algorithm>
#include <array>

#include "devices/core/register_bank.h"
#include "devices/virtio/transport_spec.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"

namespace emu::virtio {
namespace {

using namespace pci_transport;

constexpr RegisterBank<Reg> kBank(kRegisters);

pci::Identity IdentityOf(const VirtioDevice& device, uint32_t class_code) {
  const auto id = static_cast<uint16_t>(kFirstDeviceId + device.device_id());
  return {.vendor = kVendor,
          .device = id,
          .revision = kRevision,
          .class_code = class_code,
          .subsystem_vendor = kVendor,
          .subsystem = id,
          .has_pin = true};
}

}  // namespace

PciTransport::PciTransport(GuestMemory& memory, pci::Slot slot, uint32_t class_code,
                           std::unique_ptr<VirtioDevice> device)
    : Transport(memory, std::move(device)),
      config_(IdentityOf(attached(), class_code)),
      msix_(config_, queue_count() + 1, kMsixBar, std::move(slot.messages)),
      pin_(std::move(slot.pin)),
      queue_vectors_(queue_count(), kNoVector) {
  config_.AddBar(kStructuresBar, kStructuresBytes, pci::kBar64Bit | pci::kBarPrefetchable);
  AddCapabilities();
}

void PciTransport::AddCapabilities() {
  AddStructure(kCommonCapability, kCommonPage, 0, 0);
  AddStructure(kIsrCapability, kIsrPage, 0, 0);
  AddStructure(kDeviceCapability, kConfigPage, 0, 0);
  AddStructure(kNotifyCapability, kNotifyPage, 4, kNotifyMultiplier);
  const uint32_t at = AddStructure(kConfigAccessCapability, 0, 4, 0);
  config_.MakeWritable(at + kCapabilityBar, 1, 0xff);
  config_.MakeWritable(at + kCapabilityOffset, 4, UINT32_MAX);
  config_.MakeWritable(at + kCapabilitySize, 4, UINT32_MAX);
  config_access_at_ = at;
}

uint32_t PciTransport::AddStructure(uint8_t type, uint32_t page, uint32_t extra_bytes,
                                    uint32_t extra) {
  std::array<std::byte, kLongCapabilityBytes> bytes = {};
  const uint32_t size = kCapabilityBytes + extra_bytes;
  bytes[kCapabilityLength] = static_cast<std::byte>(size);
  bytes[kCapabilityType] = static_cast<std::byte>(type);
  if (type != kConfigAccessCapability) {
    bytes[kCapabilityBar] = static_cast<std::byte>(kStructuresBar);
    StoreLittle(std::span(bytes).subspan(kCapabilityOffset), page * kPageBytes);
    StoreLittle(std::span(bytes).subspan(kCapabilitySize), kPageBytes);
  }
  StoreLittle(std::span(bytes).subspan(kCapabilityExtra), extra);
  return config_.AddCapability(pci::kCapabilityVendor, std::span(bytes).subspan(2, size - 2));
}

void PciTransport::Reset() {
  config_.Reset();
  msix_.Reset();
  Transport::Reset();
}

// Vectors belong to the driver's set-up of the device.
void PciTransport::ClearInterrupts() {
  isr_ = 0;
  config_vector_ = kNoVector;
  std::ranges::fill(queue_vectors_, kNoVector);
  UpdatePin();
}

void PciTransport::InterruptForQueue(uint32_t index) {
  Interrupt(queue_vectors_[index], kInterruptUsedRing);
}

void PciTransport::InterruptForConfig() { Interrupt(config_vector_, kInterruptConfig); }

void PciTransport::Interrupt(uint16_t vector, uint32_t cause) {
  if (msix_.is_enabled()) return msix_.Send(vector);
  isr_ |= cause;
  UpdatePin();
}

void PciTransport::UpdatePin() {
  const bool pending = isr_ != 0;
  const uint32_t status = config_.Read(pci::kStatus, 2);
  config_.Set(pci::kStatus, 2,
              pending ? status | pci::kStatusInterrupt : status & ~pci::kStatusInterrupt);
  pin_.Set(pending && !msix_.is_enabled() && !config_.CommandHas(pci::kCommandNoPin));
}

std::optional<PciTransport::ConfigAccess> PciTransport::AskedThroughConfig(uint32_t offset) const {
  if (offset != config_access_at_ + kCapabilityExtra) return std::nullopt;
  const ConfigAccess access = {config_.Read(config_access_at_ + kCapabilityBar, 1),
                               config_.Read(config_access_at_ + kCapabilityOffset, 4),
                               config_.Read(config_access_at_ + kCapabilitySize, 4)};
  const bool fits = access.width_bytes == 1 || access.width_bytes == 2 || access.width_bytes == 4;
  const bool inside =
      access.offset <= kStructuresBytes - 4 && fits && access.offset % access.width_bytes == 0;
  if (access.bar != kStructuresBar || !inside) return std::nullopt;
  return access;
}

uint32_t PciTransport::ConfigRead(uint32_t offset, uint32_t width_bytes) {
  if (const auto access = AskedThroughConfig(offset)) {
    uint64_t value = 0;
    BarRead(access->bar, access->offset, access->width_bytes, &value);
    config_.Set(offset, 4, static_cast<uint32_t>(value));
  }
  return config_.Read(offset, width_bytes);
}

void PciTransport::ConfigWrite(uint32_t offset, uint32_t width_bytes, uint32_t value) {
  if (const auto access = AskedThroughConfig(offset)) {
    BarWrite(access->bar, access->offset, access->width_bytes, value);
    return;
  }
  config_.Write(offset, width_bytes, value);
  msix_.ConfigWritten();
  UpdatePin();
}

AccessResult PciTransport::BarRead(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                                   uint64_t* value) {
  if (bar == kMsixBar) return msix_.Read(offset, width_bytes, value);
  const uint64_t within = offset % kPageBytes;
  switch (offset / kPageBytes) {
    case kCommonPage:
      return kBank.Read(within, width_bytes, value,
                        [this](Reg reg, uint32_t) { return ReadRegister(reg); });
    case kIsrPage:
      *value = within == 0 ? isr_ : 0;
      if (within == 0) isr_ = 0;  // s. 4.1.4.5: reading acknowledges
      UpdatePin();
      return AccessResult::kOk;
    case kConfigPage:
      *value = ReadConfig(within, width_bytes);
      return AccessResult::kOk;
    default:
      *value = 0;
      return AccessResult::kOk;
  }
}

AccessResult PciTransport::BarWrite(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                                    uint64_t value) {
  if (bar == kMsixBar) return msix_.Write(offset, width_bytes, value);
  const uint64_t within = offset % kPageBytes;
  switch (offset / kPageBytes) {
    case kCommonPage:
      return kBank.Write(
          within, width_bytes, value, [this](Reg reg, uint32_t) { return ReadRegister(reg); },
          [this](Reg reg, uint32_t, uint64_t whole) { WriteRegister(reg, whole); });
    case kNotifyPage:
      NotifyQueue(static_cast<uint32_t>(within / kNotifyMultiplier));
      return AccessResult::kOk;
    case kConfigPage:
      WriteConfig(within, width_bytes, value);
      return AccessResult::kOk;
    default:
      return AccessResult::kOk;
  }
}

uint64_t PciTransport::ReadRegister(Reg reg) {
  switch (reg) {
    case Reg::kDeviceFeaturesSelect:
      return device_features_select_;
    case Reg::kDeviceFeatures:
      return DeviceFeatures();
    case Reg::kDriverFeaturesSelect:
      return driver_features_select_;
    case Reg::kDriverFeatures:
      return DriverFeatures();
    case Reg::kConfigVector:
      return config_vector_;
    case Reg::kQueueCount:
      return queue_count();
    case Reg::kStatus:
      return status();
    case Reg::kConfigGeneration:  // what changes is read in one access
      return 0;
    case Reg::kQueueSelect:
      return queue_select_;
    case Reg::kQueueSize:
      return has_queue() ? selected_queue().setup().size : 0;
    case Reg::kQueueVector:
      return has_queue() ? queue_vectors_[queue_select_] : kNoVector;
    case Reg::kQueueEnable:
      return has_queue() && selected_queue().is_enabled() ? 1 : 0;
    case Reg::kQueueNotifyOffset:
      return has_queue() ? queue_select_ : 0;
    case Reg::kQueueDescriptors:
      return has_queue() ? selected_queue().setup().descriptors.value : 0;
    case Reg::kQueueDriver:
      return has_queue() ? selected_queue().setup().available.value : 0;
    case Reg::kQueueDevice:
      return has_queue() ? selected_queue().setup().used.value : 0;
  }
  return 0;
}

void PciTransport::WriteRegister(Reg reg, uint64_t value) {
  const auto narrow = static_cast<uint32_t>(value);
  switch (reg) {
    case Reg::kDeviceFeaturesSelect:
      device_features_select_ = narrow;
      return;
    case Reg::kDriverFeaturesSelect:
      driver_features_select_ = narrow;
      return;
    case Reg::kDriverFeatures:
      return WriteDriverFeatures(narrow);
    case Reg::kConfigVector:
      config_vector_ = ValidVector(value);
      return;
    case Reg::kStatus:
      return WriteStatus(narrow);
    case Reg::kQueueSelect:
      queue_select_ = narrow;
      return;
    case Reg::kQueueSize:
      return WriteQueueSize(narrow);
    case Reg::kQueueVector:
      if (has_queue()) queue_vectors_[queue_select_] = ValidVector(value);
      return;
    case Reg::kQueueEnable:  // s. 4.1.4.3.2: 0 is never written
      if (value == 1) EnableQueue();
      return;
    case Reg::kQueueDescriptors:
      if (Queue* const queue = QueueToSetUp()) queue->setup().descriptors = GuestPhysAddr(value);
      return;
    case Reg::kQueueDriver:
      if (Queue* const queue = QueueToSetUp()) queue->setup().available = GuestPhysAddr(value);
      return;
    case Reg::kQueueDevice:
      if (Queue* const queue = QueueToSetUp()) queue->setup().used = GuestPhysAddr(value);
      return;
    case Reg::kDeviceFeatures:  // read-only from here on
    case Reg::kQueueCount:
    case Reg::kConfigGeneration:
    case Reg::kQueueNotifyOffset:
      return;
  }
}

// S. 4.1.5.1.2.1: a vector that is not there reads back as none.
uint16_t PciTransport::ValidVector(uint64_t value) const {
  return value < msix_.vector_count() ? static_cast<uint16_t>(value) : kNoVector;
}

void PciTransport::VisitState(StateVisitor& visitor) {
  Transport::VisitState(visitor);
  visitor.BeginGroup(8, "pci");
  config_.VisitState(visitor);
  msix_.VisitState(visitor);
  visitor.Small(4, "isr", isr_);
  visitor.Small(5, "config_vector", config_vector_);
  for (uint32_t i = 0; i < queue_count(); ++i) {
    visitor.Small(16 + i, "queue_vector", queue_vectors_[i]);
  }
  visitor.EndGroup();
}

absl::Status PciTransport::AfterRestore() {
  RETURN_IF_ERROR(Transport::AfterRestore());
  UpdatePin();
  pin_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu::virtio
