// What the disks of a saved machine were: nobody may have written to them when it goes on.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "vm/v1/machine_state.pb.h"
#include "vmm/machine/machine_config.h"

namespace emu::snapshot {

// INTERNAL.
absl::Status NoteDisks(const std::vector<DiskConfig>& disks, vm::v1::MachineState& state);

// FAILED_PRECONDITION where there are others; ABORTED where one is another file or has been written
// to since, unless that is accepted.
absl::Status CheckDisks(const vm::v1::MachineState& state, const std::vector<DiskConfig>& disks,
                        bool accepts_changes);

}  // namespace emu::snapshot
