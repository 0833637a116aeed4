// The disks of a configuration as virtio devices.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/virtio/virtio_device.h"
#include "vmm/machine/board.h"

namespace emu {

using VirtioDevices = std::vector<std::unique_ptr<virtio::VirtioDevice>>;

// By the bus that they are to be on.
struct VirtioDisks {
  VirtioDevices mmio;
  VirtioDevices pci;
};

// INVALID_ARGUMENT if there are more for virtio-mmio than `mmio_room`, or for PCI than its bus has
// room for; OpenImage's errors.
absl::StatusOr<VirtioDisks> OpenDisks(const BoardParts& parts, uint32_t mmio_room);

}  // namespace emu
