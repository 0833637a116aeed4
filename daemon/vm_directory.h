// What a VM has on disk: <state-dir>/vms/<uid>/.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/vm/v1/process_record_layout.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

class VmDirectory {
 public:
  explicit VmDirectory(std::string path) : path_(std::move(path)) {}

  absl::Status Create() const;  // with an empty console
  void Remove() const;

  const std::string& path() const { return path_; }
  std::string console_path() const { return path_ + "/console.ring"; }
  std::string console_log_path() const { return path_ + "/console.log"; }  // a directory
  std::string record_path() const { return path_ + "/process.record"; }
  std::string log_path() const { return path_ + "/emu-vm.log"; }

  // A listening socket in the directory, in place of any before.
  absl::StatusOr<UniqueFd> ListenForControl() const;
  absl::StatusOr<UniqueFd> ConnectToControl() const;
  // Others beside them, by name.
  absl::StatusOr<UniqueFd> ListenAtSocket(const std::string& name) const;
  absl::StatusOr<UniqueFd> ConnectToSocket(const std::string& name) const;
  // Likewise for gdb, which connects by the path, which therefore must be short enough for a
  // socket.
  absl::StatusOr<UniqueFd> ListenForGdb() const;
  std::string gdb_path() const { return path_ + "/gdb"; }
  void RemoveSockets() const;

  // What the VM's firmware remembers from start to start; empty at first.
  absl::StatusOr<UniqueFd> OpenVariables() const;

  // What cloud-init in the guest is told: written anew at each start.
  std::string seed_path() const { return path_ + "/seed"; }
  absl::StatusOr<UniqueFd> OpenSeed() const;
  std::string variables_path() const { return path_ + "/variables"; }
  std::string disks_path() const { return path_ + "/disks"; }

  // What a suspended VM goes on from: an empty file in place of any before, and one to be read.
  // ENOSPC is STORAGE_FULL.
  absl::StatusOr<UniqueFd> NewState() const;
  absl::StatusOr<UniqueFd> OpenState() const;
  // What that needs beside itself (state_sources.h).
  absl::StatusOr<std::vector<UniqueFd>> OpenStateSources() const;
  bool HasState() const;
  // Whether that is a snapshot's (snapshots/snapshot_folder.h), and so was never the VM's alone.
  bool HasStateOfSnapshot() const;
  std::string snapshot_state_path() const { return path_ + "/snapshot-state"; }
  // What was translated of it: to be executed. Not valid where there is none.
  UniqueFd OpenSnapshotCode() const;
  std::string snapshot_code_path() const { return path_ + "/snapshot-code"; }
  // Also after a power failure there is none then.
  absl::Status RemoveState() const;

  // Keeps the folders of the VM's control groups, so that whoever finds its process gone removes
  // them.
  absl::Status NoteCgroups(const std::vector<std::string>& folders) const;
  void RemoveCgroups() const;

  // The process record, empty and locked; FAILED_PRECONDITION while a process still holds it.
  absl::StatusOr<UniqueFd> LockNewRecord() const;
  // Whether a process of the VM is alive.
  bool IsRecordHeld() const;
  // Zeroes where there is no record.
  ProcessRecordLayout ReadRecord() const;

 private:
  std::string state_path() const { return path_ + "/state"; }

  const std::string path_;
};

}  // namespace emu::daemon
