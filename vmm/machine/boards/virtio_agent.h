// The port over which the daemon reaches its agent in the guest.
#pragma once

#include "absl/status/status.h"
#include "vmm/machine/board.h"
#include "vmm/machine/boards/virtio_disks.h"

namespace emu {

// Behind all others on PCI, which every guest's kernel looks at without a module; plugged into the
// configuration's port, if it has one. INVALID_ARGUMENT as OpenDisks.
absl::Status AddAgentPort(const BoardParts& parts, VirtioDisks& devices);

}  // namespace emu
