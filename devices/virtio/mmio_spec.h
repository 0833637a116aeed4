// Virtual I/O Device (VIRTIO) 1.2, s. 4.2.2: MMIO device register layout.
#pragma once

#include "devices/core/register_spec.h"

namespace emu::virtio {

inline constexpr uint64_t kMmioSize = 0x1000;
inline constexpr uint64_t kConfigOffset = 0x100;
inline constexpr uint32_t kMagic = 0x74726976;  // "virt"
inline constexpr uint32_t kVersion = 2;
inline constexpr uint32_t kVendor = 0x554d4551;  // QEMU's: drivers and tools know it

enum class Reg : uint32_t {
  kMagic,
  kVersion,
  kDeviceId,
  kVendorId,
  kDeviceFeatures,
  kDeviceFeaturesSelect,
  kDriverFeatures,
  kDriverFeaturesSelect,
  kQueueSelect,
  kQueueSizeMax,
  kQueueSize,
  kQueueReady,
  kQueueNotify,
  kInterruptStatus,
  kInterruptAck,
  kStatus,
  kQueueDescriptors,  // low and high words, as are the next two
  kQueueDriver,
  kQueueDevice,
  kSharedMemoryLength,
  kSharedMemoryBase,
  kConfigGeneration,
};

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kMagic), "MagicValue", 0x000, 4, 4},
    {static_cast<uint32_t>(Reg::kVersion), "Version", 0x004, 4, 4},
    {static_cast<uint32_t>(Reg::kDeviceId), "DeviceID", 0x008, 4, 4},
    {static_cast<uint32_t>(Reg::kVendorId), "VendorID", 0x00c, 4, 4},
    {static_cast<uint32_t>(Reg::kDeviceFeatures), "DeviceFeatures", 0x010, 4, 4},
    {static_cast<uint32_t>(Reg::kDeviceFeaturesSelect), "DeviceFeaturesSel", 0x014, 4, 4},
    {static_cast<uint32_t>(Reg::kDriverFeatures), "DriverFeatures", 0x020, 4, 4},
    {static_cast<uint32_t>(Reg::kDriverFeaturesSelect), "DriverFeaturesSel", 0x024, 4, 4},
    {static_cast<uint32_t>(Reg::kQueueSelect), "QueueSel", 0x030, 4, 4},
    {static_cast<uint32_t>(Reg::kQueueSizeMax), "QueueNumMax", 0x034, 4, 4},
    {static_cast<uint32_t>(Reg::kQueueSize), "QueueNum", 0x038, 4, 4},
    {static_cast<uint32_t>(Reg::kQueueReady), "QueueReady", 0x044, 4, 4},
    {static_cast<uint32_t>(Reg::kQueueNotify), "QueueNotify", 0x050, 4, 4},
    {static_cast<uint32_t>(Reg::kInterruptStatus), "InterruptStatus", 0x060, 4, 4},
    {static_cast<uint32_t>(Reg::kInterruptAck), "InterruptACK", 0x064, 4, 4},
    {static_cast<uint32_t>(Reg::kStatus), "Status", 0x070, 4, 4},
    {static_cast<uint32_t>(Reg::kQueueDescriptors), "QueueDesc", 0x080, 4, 4, 2, 4},
    {static_cast<uint32_t>(Reg::kQueueDriver), "QueueDriver", 0x090, 4, 4, 2, 4},
    {static_cast<uint32_t>(Reg::kQueueDevice), "QueueDevice", 0x0a0, 4, 4, 2, 4},
    {static_cast<uint32_t>(Reg::kSharedMemoryLength), "SHMLen", 0x0b0, 4, 4, 2, 4},
    {static_cast<uint32_t>(Reg::kSharedMemoryBase), "SHMBase", 0x0b8, 4, 4, 2, 4},
    {static_cast<uint32_t>(Reg::kConfigGeneration), "ConfigGeneration", 0x0fc, 4, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

}  // namespace emu::virtio
