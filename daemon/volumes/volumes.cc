#include "daemon/volumes/volumes.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/images/sparse_file.h"
#include "daemon/quota.h"
#include "daemon/store/image_store.h"
#include "daemon/store/vm_store.h"
#include "daemon/store/volume_store.h"
#include "daemon/uid.h"
#include "daemon/vm_files.h"
#include "daemon/volumes/volume_file.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/overlay.h"

namespace emu::daemon {
namespace {

using emud::v1::Disk;
using emud::v1::Image;
using emud::v1::Volume;

constexpr uint64_t kMib = 1 << 20;

uint64_t MibOf(const Image& image) { return (image.virtual_size_bytes() + kMib - 1) / kMib; }

// `image`: what it begins as, or null.
absl::StatusOr<uint64_t> SizeMibOf(uint64_t wanted, const Image* image) {
  const uint64_t least = image == nullptr ? 0 : MibOf(*image);
  if (wanted == 0 && image != nullptr) return least;
  if (wanted == 0) return errors::InvalidField("size_mib", "it is missing", "give a size");
  if (wanted > disk_files::kMostOverlayBytes / kMib) {
    return errors::InvalidField("size_mib", absl::StrCat(wanted, " MiB is impossible"),
                                "give less");
  }
  if (wanted >= least) return wanted;
  return errors::InvalidField(
      "size_mib", absl::StrCat(wanted, " MiB is too little; ", image->name(), " has ", least),
      "give as much or more");
}

void LogVolume(const char* event, const Volume& volume, const RequestOrigin& origin) {
  LogInfo(event, {{"volume", volume.name()},
                  {"uid", volume.uid()},
                  {"mib", volume.size_mib()},
                  {"image", volume.image()},
                  {"principal", origin.principal},
                  {"request", origin.request_id}});
}

absl::Status CheckVolumeDisk(const Disk& disk, const std::string& field) {
  if (!disk.path().empty() || !disk.image().empty()) {
    return errors::InvalidField(field + ".volume", "the disk is a file or begins as an image",
                                "give a volume, a path or an image");
  }
  if (disk.format() != Disk::FORMAT_UNSPECIFIED || disk.size_mib() != 0) {
    return errors::InvalidField(field + ".volume", "its format and its size are the volume's",
                                "leave them out");
  }
  return absl::OkStatus();
}

}  // namespace

bool HasVolume(const emud::v1::Vm& vm, const std::string& name) {
  return std::ranges::any_of(vm.spec().disks(),
                             [&name](const Disk& disk) { return disk.volume() == name; });
}

Volumes::Volumes(std::string state_dir, Database& database, const Images& images)
    : state_dir_(std::move(state_dir)), database_(database), images_(images) {}

absl::Status Volumes::Load() {
  const std::string folder = state_dir_ + "/volumes";
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FileError(folder, errno);
  Transaction transaction(database_, Durability::kDaemon);
  ASSIGN_OR_RETURN(std::vector<Volume> volumes, VolumeStore(transaction).LoadAll());
  // Rows that can't be read keep their files.
  VolumeStore store(transaction);
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    ASSIGN_OR_RETURN(const bool is_known, store.Has(file.path().stem().string()));
    if (!is_known) unlink(file.path().c_str());
  }
  RETURN_IF_ERROR(transaction.Commit());
  std::lock_guard lock(mutex_);
  for (Volume& volume : volumes) {
    auto loaded = std::make_shared<const Volume>(std::move(volume));
    by_name_[loaded->name()] = std::move(loaded);
  }
  return absl::OkStatus();
}

absl::StatusOr<VolumePtr> Volumes::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return errors::VolumeNotFound(name);
  return it->second;
}

VolumePtr Volumes::FindByUid(const std::string& uid) const {
  std::lock_guard lock(mutex_);
  const auto it =
      std::ranges::find(by_name_, uid, [](const auto& entry) { return entry.second->uid(); });
  return it == by_name_.end() ? nullptr : it->second;
}

std::vector<VolumePtr> Volumes::List() const {
  std::lock_guard lock(mutex_);
  std::vector<VolumePtr> all;
  for (const auto& [name, volume] : by_name_) all.push_back(volume);
  return all;
}

uint64_t Volumes::DiskMibOf(const std::string& project) const {
  uint64_t mib = 0;
  for (const VolumePtr& volume : List()) {
    if (volume->project() == project) mib += volume->size_mib();
  }
  return mib;
}

absl::StatusOr<Volume> Volumes::Plan(const emud::v1::CreateVolumeRequest& request) const {
  RETURN_IF_ERROR(CheckName(request.name()));
  Volume volume;
  volume.set_name(request.name());
  volume.set_project(request.project());
  volume.set_image(request.image());
  ImagePtr image;
  if (!request.image().empty()) {
    ASSIGN_OR_RETURN(image, images_.Find(request.image()));
    if (image->format() == Image::ISO) {
      return errors::InvalidField("image", request.image() + " can't be written to",
                                  "give it to the VM as a disk of an image");
    }
    volume.mutable_pinned()->set_uid(image->uid());
    *volume.mutable_pinned()->add_parts() = *FindPart(image->parts(), Image::DISK);
  }
  ASSIGN_OR_RETURN(const uint64_t size_mib, SizeMibOf(request.size_mib(), image.get()));
  volume.set_size_mib(size_mib);
  if (Find(request.name()).ok()) return errors::AlreadyExists("volume", request.name());
  return volume;
}

absl::StatusOr<VolumePtr> Volumes::Create(const emud::v1::CreateVolumeRequest& request,
                                          const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(Volume volume, Plan(request));
  if (request.validate_only()) return std::make_shared<const Volume>(std::move(volume));
  volume.set_uid(NewUid());
  volume.set_etag(absl::StrCat("\"", volume.uid(), "\""));
  *volume.mutable_create_time() = WallClockNow();
  // The file first, then the row: a volume that is listed has its file.
  RETURN_IF_ERROR(WriteVolumeFile(state_dir_, volume));
  if (const absl::Status stored = Store(volume, origin); !stored.ok()) {
    unlink(VolumePath(state_dir_, volume.name()).c_str());
    return stored;
  }
  LogVolume("volume-created", volume, origin);
  auto created = std::make_shared<const Volume>(std::move(volume));
  std::lock_guard lock(mutex_);
  by_name_[created->name()] = created;
  return created;
}

absl::Status Volumes::Store(const Volume& volume, const RequestOrigin& origin) {
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(ReserveDisk(transaction, volume.project(), volume.size_mib()));
  if (volume.has_pinned()) {
    // In the transaction: an image that is deleted looks for its volumes likewise.
    ASSIGN_OR_RETURN(const bool is_there, ImageStore(transaction).HasImage(volume.pinned().uid()));
    if (!is_there) return errors::ImageNotFound(volume.image());
  }
  RETURN_IF_ERROR(VolumeStore(transaction).Put(volume));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, volume.uid(), std::chrono::system_clock::now()));
  return transaction.Commit();
}

absl::Status Volumes::Delete(const emud::v1::DeleteVolumeRequest& request,
                             const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const VolumePtr volume, Find(request.name()));
  if (!request.etag().empty() && request.etag() != volume->etag()) {
    return errors::EtagMismatch(request.name());
  }
  // In the transaction: no VM comes to have it in between.
  Transaction transaction(database_, Durability::kPowerFailure);
  ASSIGN_OR_RETURN(const std::vector<emud::v1::Vm> vms, VmStore(transaction).LoadAll());
  std::vector<std::string> users;
  for (const emud::v1::Vm& vm : vms) {
    if (HasVolume(vm, volume->name())) users.push_back(vm.name());
  }
  if (!users.empty()) return errors::VolumeInUse(volume->name(), users);
  RETURN_IF_ERROR(VolumeStore(transaction).Remove(volume->uid()));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, volume->uid(), std::chrono::system_clock::now()));
  RETURN_IF_ERROR(transaction.Commit());
  // What a kill leaves of it here, the next daemon drops.
  unlink(VolumePath(state_dir_, volume->name()).c_str());
  LogVolume("volume-deleted", *volume, origin);
  std::lock_guard lock(mutex_);
  by_name_.erase(volume->name());
  return absl::OkStatus();
}

absl::Status Volumes::Pin(const std::string& project, emud::v1::VmSpec& spec) const {
  for (int i = 0; i < spec.disks_size(); ++i) {
    Disk& disk = *spec.mutable_disks(i);
    if (disk.volume().empty()) continue;
    disk.clear_pinned();
    RETURN_IF_ERROR(CheckVolumeDisk(disk, absl::StrCat("spec.disks[", i, "]")));
    ASSIGN_OR_RETURN(const VolumePtr volume, Find(disk.volume()));
    if (volume->project() != project) return errors::VolumeNotFound(disk.volume());
    if (volume->has_pinned()) *disk.mutable_pinned() = volume->pinned();
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
