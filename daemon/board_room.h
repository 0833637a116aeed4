// How many devices a board has room for.
#pragma once

#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// What every board has room for: disks and network cards together.
inline constexpr int kMaxMmioDevices = 6;
inline constexpr int kMaxPciDevices = 31;

// Of a disk, or a network card.
template <typename Device>
bool IsOnPci(const Device& device) {
  return device.bus() == emud::v1::Disk::VIRTIO_PCI || device.bus() == emud::v1::Disk::VIRTIO_SCSI;
}

struct BoardRoom {
  int mmio = 0;
  int pci = 0;
};

inline BoardRoom RoomTaken(const emud::v1::VmSpec& spec) {
  BoardRoom taken;
  for (const emud::v1::Disk& disk : spec.disks()) ++(IsOnPci(disk) ? taken.pci : taken.mmio);
  for (const emud::v1::Nic& nic : spec.nics()) ++(IsOnPci(nic) ? taken.pci : taken.mmio);
  return taken;
}

}  // namespace emu::daemon
