// The memory of a machine in a file: written sparsely, mapped copy-on-write.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "vm/v1/machine_state.pb.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/unique_fd.h"

namespace emu::snapshot {

// The unit of checks and of sharing: a huge page's size.
inline constexpr uint64_t kChunkBytes = 2 << 20;

// Told after each chunk, how far it is; false: stop there, with CANCELLED.
using Progress = std::function<bool(uint64_t done_bytes, uint64_t total_bytes)>;

// Writes all of `memory`, which nobody writes to meanwhile, into `file` from `file_offset` (of
// kChunkBytes) on, and describes it in `state`. Pages of zeroes become holes: the file is empty
// there before. Returns the offset behind it.
absl::StatusOr<uint64_t> SaveMemory(const GuestMemory& memory, int file, uint64_t file_offset,
                                    const Progress& progress, vm::v1::MachineState& state);

// Gives `memory`, which is as it was made, the contents that `state` describes: its frames are
// those of `file` until they are written to. Reads and checks every chunk first. DATA_LOSS,
// FAILED_PRECONDITION for other regions than `memory` has.
absl::Status LoadMemory(const vm::v1::MachineState& state,
                        const std::shared_ptr<const UniqueFd>& file, GuestMemory& memory);

}  // namespace emu::snapshot
