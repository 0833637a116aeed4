// The memory of a machine in a file: written sparsely, mapped copy-on-write.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "vm/v1/machine_state.pb.h"
#include "vmm/base/guest_memory.h"
#include "vmm/snapshot/frozen_memory.h"
#include "vmm/snapshot/state_files.h"

namespace emu::snapshot {

// Told after each chunk, how far it is; false: stop there, with CANCELLED.
using Progress = std::function<bool(uint64_t done_bytes, uint64_t total_bytes)>;

// Adds the regions of `memory` to `state`, with their places in a file from `file_offset` (of
// kChunkBytes) on. Returns the offset behind them.
uint64_t DescribeRegions(const GuestMemory& memory, uint64_t file_offset,
                         vm::v1::MachineState& state);
// Writes all of `memory` into `file`, where `state` has its regions, and adds their chunks to it.
// Pages of zeroes become holes: the file is empty there before. Chunks that are as `parent`, if
// there is one, has them are not written; their sources are numbered as SourcesOf says.
absl::Status SaveMemory(FrozenMemory& memory, int file, const OpenState* parent,
                        const Progress& progress, vm::v1::MachineState& state);
// The parent and its sources.
std::vector<vm::v1::MachineState::Source> SourcesOf(const OpenState& parent);

// Which of what is restored is read and checked before it is used. kTrusted: the manifest alone;
// what is damaged beyond it is found by the guest, and an error of the host's disk ends the VM.
enum class Checks : uint8_t { kAll, kTrusted };

// Whether all memory that `state` lists lies in its files and is what was written. DATA_LOSS.
absl::Status CheckMemory(const OpenState& state);

// Gives `memory`, which is as it was made, the contents that `state` describes: its frames are
// those of the files until they are written to. DATA_LOSS, FAILED_PRECONDITION for other regions
// than `memory` has.
absl::Status LoadMemory(const OpenState& state, Checks checks, GuestMemory& memory);

}  // namespace emu::snapshot
