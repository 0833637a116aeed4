// A machine that stands still, in a file.
//
//   0       header: magic, format, where the manifest is and its CRC       (written last)
//   2 MiB   memory: the regions one after another, pages of zeroes are holes
//   behind  manifest: vm.v1.MachineState
//
// Chunks that are as in another state file need not be in this one: the manifest names that file.
#pragma once

#include "absl/status/status.h"
#include "vmm/base/unique_fd.h"
#include "vmm/machine/machine.h"
#include "vmm/snapshot/memory_image.h"
#include "vmm/snapshot/state_files.h"

namespace emu::snapshot {

// What is read; what needs nothing new is written so that older builds read it.
inline constexpr uint32_t kStateFormat = 2;
inline constexpr uint32_t kFormatWithoutSources = 1;
inline constexpr uint64_t kMemoryOffset = kChunkBytes;
// Two consoles' input of 1 MiB each, registers, and some bytes for each chunk of memory.
inline constexpr uint64_t kMostManifestBytes = 64 << 20;

// How large the file of a machine may become, holes included.
uint64_t LargestStateBytes(uint64_t memory_bytes);

// LiveSnapshot of a machine that does not go on before all is written.
absl::Status SaveMachine(Machine& machine, int file, const Progress& progress);

// Whether all of a state is what was written, without a machine that it is for: DATA_LOSS,
// FAILED_PRECONDITION as RestoreMachine, which trusts the memory of what this was said of.
absl::Status CheckState(StateFiles files);

// Whether disks that have changed since are taken as they are.
enum class ChangedDisks : uint8_t { kRefuse, kAccept };

struct RestoreOptions {
  ChangedDisks changed_disks = ChangedDisks::kRefuse;
  Checks checks = Checks::kAll;
};

// Gives `machine`, made with MachineConfig::is_restored, the state in `files`, which may come from
// anyone: DATA_LOSS for one that is damaged or that no machine could have, FAILED_PRECONDITION for
// one of another machine or of a newer format or without its sources, ABORTED where a disk has
// changed, RESOURCE_EXHAUSTED, INTERNAL. After an error the machine is good for destruction only.
// Before any processor runs.
absl::Status RestoreMachine(Machine& machine, StateFiles files, const RestoreOptions& options = {});

}  // namespace emu::snapshot
