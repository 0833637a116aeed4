#include "vmm/process/snapshot_taker.h"

#include <utility>

#include "absl/status/statusor.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu {

absl::Status SnapshotTaker::Begin(Machine& machine, StateSave& save) {
  ASSIGN_OR_RETURN(snapshot_, snapshot::LiveSnapshot::Begin(machine));
  save_ = std::move(save);
  is_written_ = is_unwanted_ = false;
  writer_.Post([this] {
    outcome_ = snapshot_->Write(save_.file.get(), [this](uint64_t done, uint64_t total) {
      return (!save_.progress || save_.progress(done, total)) && !is_unwanted_;
    });
    is_written_ = true;
    note_written_();
  });
  return absl::OkStatus();
}

void SnapshotTaker::Finish() {
  if (!is_busy()) return;
  writer_.Drain();
  snapshot_.reset();
  is_written_ = false;
  if (!outcome_.ok()) LogWarning("vm-no-snapshot", {{"status", outcome_.ToString()}});
  const StateSave save = std::exchange(save_, {});
  save.done(outcome_);
}

void SnapshotTaker::RunOnThread(const std::function<void(ThreadRole)>& work) {
  writer_.Post([&work] { work(ThreadRole::kDisk); });
  writer_.Drain();
}

}  // namespace emu
