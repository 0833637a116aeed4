#include "vmm/process/snapshot_taker.h"

#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/file_io.h"

namespace emu {

absl::Status SnapshotTaker::Begin(Machine& machine, StateSave& save) {
  ASSIGN_OR_RETURN(snapshot_, snapshot::LiveSnapshot::Begin(machine));
  machine_ = &machine;
  save_ = std::move(save);
  is_written_ = is_unwanted_ = false;
  return absl::OkStatus();
}

void SnapshotTaker::Write(std::chrono::microseconds halted) {
  saved_.set_halted_us(static_cast<uint64_t>(halted.count()));
  writer_.Post([this] {
    outcome_ = WriteNow();
    is_written_ = true;
    note_written_();
  });
}

absl::Status SnapshotTaker::WriteNow() {
  std::optional<snapshot::OpenState> parent;
  if (save_.parent.has_value()) {
    ASSIGN_OR_RETURN(parent, snapshot::Open(*std::exchange(save_.parent, std::nullopt)));
  }
  const auto note = [this](uint64_t done, uint64_t total) {
    return (!save_.progress || save_.progress(done, total)) && !is_unwanted_;
  };
  RETURN_IF_ERROR(
      snapshot_->Write(save_.file.get(), parent.has_value() ? &*parent : nullptr, note));
  if (save_.code) WriteCode();
  return absl::OkStatus();
}

// Later than the state, by as long as that took: code is compared with the memory that it is for.
void SnapshotTaker::WriteCode() {
  absl::Status written = machine_->translator().SaveCode(
      [this](std::span<const std::byte> bytes, uint64_t offset) -> absl::Status {
        if (is_unwanted_) return absl::CancelledError("nobody wants it any more");
        return snapshot::WriteAll(save_.code.get(), bytes, offset);
      });
  if (written.ok()) written = snapshot::Sync(save_.code.get());
  if (!written.ok()) LogInfo("vm-no-code-saved", {{"status", written.ToString()}});
}

void SnapshotTaker::Finish() {
  if (!is_busy()) return;
  writer_.Drain();
  is_written_ = false;
  vm::v1::SavedState saved = std::exchange(saved_, {});
  if (outcome_.ok()) {
    saved.set_uid(snapshot_->manifest().uid());
    for (const vm::v1::MachineState::Source& source : snapshot_->manifest().sources()) {
      saved.add_source_uids(source.uid());
    }
  } else {
    LogWarning("vm-no-snapshot", {{"status", outcome_.ToString()}});
  }
  snapshot_.reset();
  const StateSave save = std::exchange(save_, {});
  save.done(outcome_, saved);
}

void SnapshotTaker::RunOnThread(const std::function<void(ThreadRole)>& work) {
  writer_.Post([&work] { work(ThreadRole::kDisk); });
  writer_.Drain();
}

}  // namespace emu
