// The files of a snapshot: <state-dir>/snapshots/<uid>/. Nobody writes to them once it is READY.
// What VMs and other snapshots have of them are links to the same files, so that each may go by
// itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/vm_directory.h"
#include "emud/v1/vm.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

class SnapshotFolder {
 public:
  SnapshotFolder(const std::string& state_dir, const std::string& uid)
      : path_(state_dir + "/snapshots/" + uid) {}

  absl::Status Create() const;
  void Remove() const;
  const std::string& path() const { return path_; }
  std::string disks_path() const { return path_ + "/disks"; }
  std::string state_path() const { return path_ + "/state"; }  // absent: it has no memory
  std::string code_path() const { return path_ + "/code"; }    // what was translated; likewise

  absl::StatusOr<UniqueFd> NewState() const;
  absl::StatusOr<UniqueFd> NewCode() const;
  // The parent's memory, all files of it, for the state to need (state_sources.h).
  absl::Status LinkParent(const SnapshotFolder& parent) const;
  // Of those the state needs these, by their numbers, in ascending order.
  absl::Status KeepSources(const std::vector<size_t>& kept) const;
  // The firmware's variables and cloud-init's seed as they are now.
  absl::Status CopySmallFiles(const VmDirectory& vm) const;
  // All of it is on the host's disk.
  absl::Status Sync() const;

  // Into the folder of a VM that is to go on from it, or to start with its disks: all that `spec`,
  // the snapshot's, has. `to` is there and has none of it.
  absl::Status LinkInto(const VmDirectory& to, const emud::v1::VmSpec& spec) const;
  // SNAPSHOT_NOT_FOUND of one that was deleted meanwhile, STORAGE of one that somebody has been at.
  absl::Status WhyThereIsNoState(const std::string& name) const;

  // That they take on the host's disk.
  uint64_t memory_bytes() const;
  uint64_t disk_bytes() const;

 private:
  const std::string path_;
};

}  // namespace emu::daemon
