// The memory of a machine in a file: written sparsely, mapped copy-on-write.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "vm/v1/machine_state.pb.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/unique_fd.h"
#include "vmm/snapshot/frozen_memory.h"

namespace emu::snapshot {

// Told after each chunk, how far it is; false: stop there, with CANCELLED.
using Progress = std::function<bool(uint64_t done_bytes, uint64_t total_bytes)>;

// Adds the regions of `memory` to `state`, with their places in a file from `file_offset` (of
// kChunkBytes) on. Returns the offset behind them.
uint64_t DescribeRegions(const GuestMemory& memory, uint64_t file_offset,
                         vm::v1::MachineState& state);
// Writes all of `memory` into `file`, where `state` has its regions, and adds their chunks to it.
// Pages of zeroes become holes: the file is empty there before.
absl::Status SaveMemory(FrozenMemory& memory, int file, const Progress& progress,
                        vm::v1::MachineState& state);

// Gives `memory`, which is as it was made, the contents that `state` describes: its frames are
// those of `file` until they are written to. Reads and checks every chunk first. DATA_LOSS,
// FAILED_PRECONDITION for other regions than `memory` has.
absl::Status LoadMemory(const vm::v1::MachineState& state,
                        const std::shared_ptr<const UniqueFd>& file, GuestMemory& memory);

}  // namespace emu::snapshot
