#include "vmm/snapshot/disk_identity.h"

#include <errno.h>
#include <sys/stat.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "vmm/base/status_macros.h"
#include "vmm/snapshot/errors.h"

namespace emu::snapshot {
namespace {

using vm::v1::MachineState;

absl::StatusOr<MachineState::Disk> IdentityOf(const DiskConfig& disk) {
  struct stat info = {};
  if (fstat(disk.file.get(), &info) != 0) return CantRead(errno);
  MachineState::Disk identity;
  identity.set_id(disk.id);
  identity.set_readonly(disk.readonly);
  identity.set_is_on_pci(disk.bus == VirtioBus::kPci);
  identity.set_is_cd(disk.model == DiskModel::kScsiCd);
  // A block device is what it is, wherever its node lies; it has no time of its own.
  if (S_ISBLK(info.st_mode)) {
    identity.set_device(info.st_rdev);
    return identity;
  }
  identity.set_device(info.st_dev);
  identity.set_inode(info.st_ino);
  identity.set_size_bytes(static_cast<uint64_t>(info.st_size));
  identity.set_modified_ns(int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec);
  return identity;
}

std::string Shape(const MachineState::Disk& disk) {
  return absl::StrCat(disk.id().empty() ? "none" : disk.id(), disk.readonly() ? ", read-only" : "",
                      disk.is_cd() ? ", a CD" : "", disk.is_on_pci() ? ", on PCI" : "");
}

}  // namespace

absl::Status NoteDisks(const std::vector<DiskConfig>& disks, MachineState& state) {
  for (const DiskConfig& disk : disks) {
    ASSIGN_OR_RETURN(*state.add_disks(), IdentityOf(disk));
  }
  return absl::OkStatus();
}

absl::Status CheckDisks(const MachineState& state, const std::vector<DiskConfig>& disks,
                        bool accepts_changes) {
  if (static_cast<size_t>(state.disks_size()) != disks.size()) {
    return OfAnotherMachine("number of disks", absl::StrCat(state.disks_size()),
                            absl::StrCat(disks.size()));
  }
  for (size_t i = 0; i < disks.size(); ++i) {
    const MachineState::Disk& saved = state.disks(static_cast<int>(i));
    ASSIGN_OR_RETURN(const MachineState::Disk now, IdentityOf(disks[i]));
    if (Shape(saved) != Shape(now)) {
      return OfAnotherMachine("disk", Shape(saved), Shape(now));
    }
    if (accepts_changes) continue;
    if (saved.size_bytes() != now.size_bytes()) {
      return DiskChanged(now.id(), absl::StrCat("it had ", saved.size_bytes(), " bytes and has ",
                                                now.size_bytes()));
    }
    if (saved.device() != now.device() || saved.inode() != now.inode()) {
      return DiskChanged(now.id(), "it is another file");
    }
    if (saved.modified_ns() != now.modified_ns()) {
      return DiskChanged(now.id(), "it has been written to");
    }
  }
  return absl::OkStatus();
}

}  // namespace emu::snapshot
