// A state file of a machine that goes on: halted for a moment, written meanwhile.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vm/v1/machine_state.pb.h"
#include "vmm/machine/machine.h"
#include "vmm/snapshot/frozen_memory.h"
#include "vmm/snapshot/memory_image.h"

namespace emu::snapshot {

// The machine goes on, stops, is reset between Begin and the end of Write; it outlives this.
class LiveSnapshot {
 public:
  // Takes what `machine` is: it is paused, its processors are parked, its disks flushed. Takes
  // milliseconds, whatever the machine's memory. At most one at a time. INTERNAL.
  static absl::StatusOr<std::unique_ptr<LiveSnapshot>> Begin(Machine& machine);

  // Writes it into `file`, which is empty; once. Of `parent`, if it is not nullptr, nothing is
  // written again that is as there: the state needs its files then, too. When this returns OK the
  // host's disk has all of it; else the file has no header and is no state. RESOURCE_EXHAUSTED,
  // INTERNAL, CANCELLED. Waits for the host's disk, and the guest for this where it writes faster
  // than this takes: on a thread that does nothing else.
  absl::Status Write(int file, const OpenState* parent, const Progress& progress);
  // After it was written: its name, and those of the states that it needs.
  const vm::v1::MachineState& manifest() const { return state_; }

 private:
  LiveSnapshot() = default;

  vm::v1::MachineState state_;  // but for the chunks of memory
  std::unique_ptr<FrozenMemory> memory_;
  uint64_t manifest_offset_ = 0;
};

}  // namespace emu::snapshot
