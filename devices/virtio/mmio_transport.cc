#include "devices/virtio/mmio_transport.h"

#include "devices/core/register_bank.h"
#include "devices/virtio/transport_spec.h"
#include "vmm/base/status_macros.h"

namespace emu::virtio {
namespace {

constexpr RegisterBank<Reg> kBank(kRegisters);
constexpr uint64_t kLow32 = 0xffff'ffff;

}  // namespace

void MmioTransport::SetInterruptStatus(uint32_t value) {
  interrupt_status_ = value;
  irq_.Set(interrupt_status_ != 0);
}

void MmioTransport::InterruptForQueue(uint32_t /*index*/) {
  SetInterruptStatus(interrupt_status_ | kInterruptUsedRing);
}

void MmioTransport::InterruptForConfig() {
  SetInterruptStatus(interrupt_status_ | kInterruptConfig);
}

AccessResult MmioTransport::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  if (offset >= kConfigOffset) {
    *value = device() != nullptr ? ReadConfig(offset - kConfigOffset, width_bytes) : 0;
    return AccessResult::kOk;
  }
  return kBank.Read(offset, width_bytes, value,
                    [this](Reg reg, uint32_t) -> uint64_t { return ReadRegister(reg); });
}

AccessResult MmioTransport::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  if (device() == nullptr) return AccessResult::kOk;
  if (offset >= kConfigOffset) {
    WriteConfig(offset - kConfigOffset, width_bytes, value);
    return AccessResult::kOk;
  }
  return kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t word, uint64_t whole) {
        WriteRegister(reg, word, static_cast<uint32_t>(whole));
      });
}

uint32_t MmioTransport::ReadRegister(Reg reg) {
  switch (reg) {
    case Reg::kMagic:
      return kMagic;
    case Reg::kVersion:
      return kVersion;
    case Reg::kDeviceId:
      return device() != nullptr ? device()->device_id() : 0;
    case Reg::kVendorId:
      return kVendor;
    case Reg::kDeviceFeatures:
      return device() != nullptr ? DeviceFeatures() : 0;
    case Reg::kQueueSizeMax:
      return has_queue() ? kMaxQueueSize : 0;
    case Reg::kQueueReady:
      return has_queue() && selected_queue().is_enabled() ? 1 : 0;
    case Reg::kInterruptStatus:
      return interrupt_status_;
    case Reg::kStatus:
      return status();
    case Reg::kSharedMemoryLength:  // s. 4.2.2.1: no such region reads as all ones
    case Reg::kSharedMemoryBase:
      return UINT32_MAX;
    case Reg::kConfigGeneration:      // what changes is read in one access
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
      return WriteDriverFeatures(value);
    case Reg::kDriverFeaturesSelect:
      driver_features_select_ = value;
      return;
    case Reg::kQueueSelect:
      queue_select_ = value;
      return;
    case Reg::kQueueSize:
      return WriteQueueSize(value);
    case Reg::kQueueReady:
      return (value & 1) != 0 ? EnableQueue() : DisableQueue();
    case Reg::kQueueNotify:
      return NotifyQueue(value);
    case Reg::kInterruptAck:
      return SetInterruptStatus(interrupt_status_ & ~value);
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

void MmioTransport::WriteQueueAddress(GuestPhysAddr Queue::Setup::*which, uint32_t word,
                                      uint32_t value) {
  Queue* const queue = QueueToSetUp();
  if (queue == nullptr) return;
  uint64_t& address = (queue->setup().*which).value;
  address = (address & ~(kLow32 << (32 * word))) | uint64_t{value} << (32 * word);
}

void MmioTransport::VisitState(StateVisitor& visitor) {
  Transport::VisitState(visitor);
  visitor.Small(2, "interrupt_status", interrupt_status_);
}

absl::Status MmioTransport::AfterRestore() {
  RETURN_IF_ERROR(Transport::AfterRestore());
  SetInterruptStatus(interrupt_status_);
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu::virtio
