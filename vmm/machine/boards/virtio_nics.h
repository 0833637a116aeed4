// The network cards of a configuration as virtio devices.
#pragma once

#include "absl/status/status.h"
#include "vmm/machine/board.h"
#include "vmm/machine/boards/virtio_disks.h"

namespace emu {

// Behind the disks, on the bus that each is to be on, plugged into its port. INVALID_ARGUMENT as
// OpenDisks.
absl::Status AddNics(const BoardParts& parts, uint32_t mmio_room, VirtioDisks& devices);

}  // namespace emu
