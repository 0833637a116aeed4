// The snapshot of a VM that goes on: begun while it is halted, written on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"
#include "vmm/machine/machine.h"
#include "vmm/process/io_worker.h"
#include "vmm/process/thread_role.h"
#include "vmm/snapshot/live_snapshot.h"
#include "vmm/snapshot/state_files.h"

namespace emu {

// Where a VM's state is to be saved, and who is told. `progress` comes on the thread that writes,
// `done` on the state driver's, with an empty SavedState for a suspension.
struct StateSave {
  UniqueFd file;                     // empty
  snapshot::Progress progress = {};  // its answer counts
  std::function<void(const absl::Status&, const vm::v1::SavedState&)> done;
  std::optional<snapshot::StateFiles> parent = {};  // of a snapshot: what it has is not written
  std::vector<Machine::NewOverlay> overlays = {};   // likewise: used from its instant on
  UniqueFd code = {};                               // likewise: empty, for what was translated
};

// For the state driver's thread, but where a function says otherwise. At most one snapshot at a
// time. Its thread is not that of the disks, whose requests would wait for it.
class SnapshotTaker {
 public:
  // `note_written` is called on the writing thread when Finish would not wait any more.
  explicit SnapshotTaker(std::function<void()> note_written)
      : note_written_(std::move(note_written)) {}

  bool is_busy() const { return snapshot_ != nullptr; }

  // Takes what `machine` is, which is halted and outlives the snapshot. After an error nobody has
  // been told. LiveSnapshot::Begin's errors.
  absl::Status Begin(Machine& machine, StateSave& save);
  // Writes what was taken.
  void Write(std::chrono::microseconds halted);
  // Any thread: one that is being written ends soon, with CANCELLED.
  void Cancel() { is_unwanted_ = true; }
  // Waits until the snapshot, if there is one, is written, and tells.
  void Finish();
  void FinishIfWritten() {
    if (is_written_) Finish();
  }

  // Before any snapshot: runs `work` on the writing thread.
  void RunOnThread(const std::function<void(ThreadRole)>& work);

 private:
  absl::Status WriteNow();
  void WriteCode();

  const std::function<void()> note_written_;
  std::unique_ptr<snapshot::LiveSnapshot> snapshot_;
  Machine* machine_ = nullptr;
  StateSave save_;
  vm::v1::SavedState saved_;
  absl::Status outcome_;
  std::atomic<bool> is_written_ = false;
  std::atomic<bool> is_unwanted_ = false;
  IoWorker writer_{"snapshot"};
};

}  // namespace emu
