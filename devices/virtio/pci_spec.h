// Virtual I/O Device (VIRTIO) 1.2, s. 4.1: virtio over PCI.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::virtio::pci_transport {

inline constexpr uint16_t kVendor = 0x1af4, kFirstDeviceId = 0x1040;  // s. 4.1.2
inline constexpr uint8_t kRevision = 1;                               // no legacy interface

// What a BAR holds; the structures of the transport have a page each, as on QEMU.
inline constexpr uint32_t kMsixBar = 1, kStructuresBar = 4;
inline constexpr uint32_t kStructuresBytes = 0x4000, kPageBytes = 0x1000;
inline constexpr uint32_t kCommonPage = 0, kIsrPage = 1, kConfigPage = 2, kNotifyPage = 3;
inline constexpr uint32_t kNotifyMultiplier = 4;

// A capability, behind the two bytes that every one begins with (s. 4.1.4).
inline constexpr uint8_t kCommonCapability = 1, kNotifyCapability = 2, kIsrCapability = 3,
                         kDeviceCapability = 4, kConfigAccessCapability = 5;
inline constexpr uint32_t kCapabilityLength = 2, kCapabilityType = 3, kCapabilityBar = 4,
                          kCapabilityOffset = 8, kCapabilitySize = 12, kCapabilityBytes = 16,
                          kCapabilityExtra = 16, kLongCapabilityBytes = 20;

inline constexpr uint16_t kNoVector = 0xffff;  // s. 4.1.5.1.2

// S. 4.1.4.3.
enum class Reg : uint32_t {
  kDeviceFeaturesSelect,
  kDeviceFeatures,
  kDriverFeaturesSelect,
  kDriverFeatures,
  kConfigVector,
  kQueueCount,
  kStatus,
  kConfigGeneration,
  kQueueSelect,
  kQueueSize,
  kQueueVector,
  kQueueEnable,
  kQueueNotifyOffset,
  kQueueDescriptors,
  kQueueDriver,
  kQueueDevice,
};

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kDeviceFeaturesSelect), "device_feature_select", 0x00, 4, 4},
    {static_cast<uint32_t>(Reg::kDeviceFeatures), "device_feature", 0x04, 4, 4},
    {static_cast<uint32_t>(Reg::kDriverFeaturesSelect), "driver_feature_select", 0x08, 4, 4},
    {static_cast<uint32_t>(Reg::kDriverFeatures), "driver_feature", 0x0c, 4, 4},
    {static_cast<uint32_t>(Reg::kConfigVector), "config_msix_vector", 0x10, 2, 2},
    {static_cast<uint32_t>(Reg::kQueueCount), "num_queues", 0x12, 2, 2},
    {static_cast<uint32_t>(Reg::kStatus), "device_status", 0x14, 1, 1},
    {static_cast<uint32_t>(Reg::kConfigGeneration), "config_generation", 0x15, 1, 1},
    {static_cast<uint32_t>(Reg::kQueueSelect), "queue_select", 0x16, 2, 2},
    {static_cast<uint32_t>(Reg::kQueueSize), "queue_size", 0x18, 2, 2},
    {static_cast<uint32_t>(Reg::kQueueVector), "queue_msix_vector", 0x1a, 2, 2},
    {static_cast<uint32_t>(Reg::kQueueEnable), "queue_enable", 0x1c, 2, 2},
    {static_cast<uint32_t>(Reg::kQueueNotifyOffset), "queue_notify_off", 0x1e, 2, 2},
    {static_cast<uint32_t>(Reg::kQueueDescriptors), "queue_desc", 0x20, 8, 4},
    {static_cast<uint32_t>(Reg::kQueueDriver), "queue_driver", 0x28, 8, 4},
    {static_cast<uint32_t>(Reg::kQueueDevice), "queue_device", 0x30, 8, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

}  // namespace emu::virtio::pci_transport
