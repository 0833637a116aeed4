#include "daemon/snapshots/snapshot_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/images/sparse_file.h"
#include "daemon/state_sources.h"
#include "daemon/vm_images.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr uint64_t kBlockBytes = 512;  // of st_blocks

uint64_t BytesOnDisk(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_blocks) * kBlockBytes : 0;
}

absl::Status CopyIfThere(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!std::filesystem::exists(from, error)) return absl::OkStatus();
  std::filesystem::copy_file(from, to, error);
  return error ? errors::Host(to, error.value()) : absl::OkStatus();
}

absl::StatusOr<UniqueFd> NewFile(const std::string& path, const std::string& what) {
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return FileError(what, errno);
  return file;
}

absl::Status LinkIfThere(const std::string& from, const std::string& to, const std::string& what) {
  if (access(from.c_str(), F_OK) != 0 || link(from.c_str(), to.c_str()) == 0) {
    return absl::OkStatus();
  }
  return FileError(what, errno);
}

absl::Status MakeFolder(const std::string& path) {
  return mkdir(path.c_str(), 0700) == 0 ? absl::OkStatus() : FileError(path, errno);
}

}  // namespace

absl::Status SnapshotFolder::Create() const {
  RETURN_IF_ERROR(MakeFolder(path_));
  return MakeFolder(disks_path());
}

void SnapshotFolder::Remove() const {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::StatusOr<UniqueFd> SnapshotFolder::NewState() const {
  return NewFile(state_path(), "the file for the VM's state");
}

absl::StatusOr<UniqueFd> SnapshotFolder::NewCode() const {
  return NewFile(code_path(), "the file for the VM's translated code");
}

absl::Status SnapshotFolder::CopySmallFiles(const VmDirectory& vm) const {
  const VmDirectory own(path_);
  RETURN_IF_ERROR(CopyIfThere(vm.variables_path(), own.variables_path()));
  return CopyIfThere(vm.seed_path(), own.seed_path());
}

absl::Status SnapshotFolder::Sync() const {
  RETURN_IF_ERROR(SyncFolder(disks_path()));
  RETURN_IF_ERROR(SyncFolder(path_));
  return SyncFolder(std::filesystem::path(path_).parent_path());
}

absl::Status SnapshotFolder::LinkInto(const VmDirectory& to, const emud::v1::VmSpec& spec) const {
  RETURN_IF_ERROR(MakeFolder(to.disks_path()));
  for (const emud::v1::Disk& disk : spec.disks()) {
    if (!HasOverlay(disk)) continue;
    const DiskOverlays kept(disks_path(), disk);
    if (kept.count() == 0) return errors::Storage("the snapshot's file of disk " + disk.id());
    RETURN_IF_ERROR(kept.LinkInto(to.disks_path()));
    RETURN_IF_ERROR(DiskOverlays(to.disks_path(), disk).Add());
  }
  const VmDirectory own(path_);
  RETURN_IF_ERROR(CopyIfThere(own.variables_path(), to.variables_path()));
  RETURN_IF_ERROR(CopyIfThere(own.seed_path(), to.seed_path()));
  // The state says that all is there.
  RETURN_IF_ERROR(LinkIfThere(code_path(), to.snapshot_code_path(), "the snapshot's code"));
  RETURN_IF_ERROR(LinkStateSources(state_path(), to.snapshot_state_path()));
  RETURN_IF_ERROR(LinkIfThere(state_path(), to.snapshot_state_path(), "the snapshot's state"));
  RETURN_IF_ERROR(SyncFolder(to.disks_path()));
  return SyncFolder(to.path());
}

absl::Status SnapshotFolder::WhyThereIsNoState(const std::string& name) const {
  if (access(path_.c_str(), F_OK) != 0) return errors::SnapshotNotFound(name);
  return errors::Storage(
      absl::StrCat("the file with the memory of snapshot ", name, " is missing; delete it"));
}

absl::Status SnapshotFolder::LinkParent(const SnapshotFolder& parent) const {
  const std::string state = parent.state_path();
  const size_t count = CountStateSources(state);
  for (size_t i = 0; i <= count; ++i) {
    const std::string from = i == 0 ? state : StateSourcePath(state, i);
    if (link(from.c_str(), StateSourcePath(state_path(), i + 1).c_str()) != 0) {
      return FileError("the parent's memory", errno);
    }
  }
  return absl::OkStatus();
}

absl::Status SnapshotFolder::KeepSources(const std::vector<size_t>& kept) const {
  const size_t count = CountStateSources(state_path());
  for (size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] == i + 1) continue;
    const std::string from = StateSourcePath(state_path(), kept[i]);
    if (rename(from.c_str(), StateSourcePath(state_path(), i + 1).c_str()) != 0) {
      return FileError("the parent's memory", errno);
    }
  }
  for (size_t i = kept.size() + 1; i <= count; ++i) {
    const std::string path = StateSourcePath(state_path(), i);
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return FileError(path, errno);
  }
  return absl::OkStatus();
}

uint64_t SnapshotFolder::memory_bytes() const {
  uint64_t bytes = BytesOnDisk(state_path()) + BytesOnDisk(code_path());
  const size_t count = CountStateSources(state_path());
  for (size_t i = 1; i <= count; ++i) bytes += BytesOnDisk(StateSourcePath(state_path(), i));
  return bytes;
}

uint64_t SnapshotFolder::disk_bytes() const {
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(disks_path(), ignored)) {
    bytes += BytesOnDisk(file.path());
  }
  return bytes;
}

}  // namespace emu::daemon
