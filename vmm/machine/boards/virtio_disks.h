// The disks of a configuration as virtio devices.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/backend/disk_image.h"
#include "devices/virtio/virtio_device.h"
#include "vmm/machine/board.h"

namespace emu {

using VirtioDevices = std::vector<std::unique_ptr<virtio::VirtioDevice>>;

// By the bus that they are to be on.
struct VirtioDisks {
  VirtioDevices mmio;
  VirtioDevices pci;
};

// The image of a disk, with descriptors of its own. OpenImage's errors, which name the disk.
absl::StatusOr<std::unique_ptr<DiskImage>> OpenDiskImage(const DiskConfig& config);

// The same disk in `overlay`, a QCOW2 image, over all that it has been so far.
DiskConfig Overlaid(const DiskConfig& before, UniqueFd overlay);

// INVALID_ARGUMENT if there are more for virtio-mmio than `mmio_room`, or for PCI than its bus has
// room for; OpenImage's errors.
absl::StatusOr<VirtioDisks> OpenDisks(const BoardParts& parts, uint32_t mmio_room);

}  // namespace emu
