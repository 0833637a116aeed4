#include "daemon/vm_images.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/guest_architectures.h"
#include "daemon/host_paths.h"
#include "daemon/images/sparse_file.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/overlay.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::daemon {
namespace {

using emud::v1::Boot;
using emud::v1::Disk;
using emud::v1::Image;
using emud::v1::VmSpec;

constexpr uint64_t kMib = 1 << 20;

std::string FolderOf(const std::string& vm_directory) { return vm_directory + "/disks"; }

const Disk* FindDisk(const VmSpec& spec, const std::string& id) {
  const auto it = std::ranges::find(spec.disks(), id, &Disk::id);
  return it == spec.disks().end() ? nullptr : &*it;
}

// A disk's id is a file's name here.
bool IsFileName(const std::string& id) {
  return !id.empty() && id.front() != '.' && std::ranges::all_of(id, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

absl::Status CheckImageDisk(const Disk& disk, const std::string& field) {
  if (!disk.path().empty()) {
    return errors::InvalidField(field + ".path", "the disk begins as an image",
                                "give a path or an image");
  }
  if (disk.format() != Disk::FORMAT_UNSPECIFIED) {
    return errors::InvalidField(field + ".format", "it is the image's", "leave it out");
  }
  if (!IsFileName(disk.id())) {
    return errors::InvalidField(field + ".id", "a disk of an image can't be called so",
                                "use letters, digits, '-', '_' and '.'");
  }
  return absl::OkStatus();
}

absl::Status CheckSize(const Disk& disk, const std::string& field) {
  if (disk.size_mib() == 0) return absl::OkStatus();
  if (disk.readonly()) {
    return errors::InvalidField(field + ".size_mib", "a disk that is not written to is as it is",
                                "leave it out");
  }
  const uint64_t image_bytes = disk.pinned().parts(0).virtual_size_bytes();
  if (disk.size_mib() <= disk_files::kMostOverlayBytes / kMib &&
      disk.size_mib() * kMib >= image_bytes) {
    return absl::OkStatus();
  }
  return errors::InvalidField(field + ".size_mib",
                              absl::StrCat(disk.size_mib(), " MiB is impossible; ", disk.image(),
                                           " has ", (image_bytes + kMib - 1) / kMib),
                              "give as much or more");
}

absl::Status PinDisk(const KnownImages& images, const VmSpec& before, Disk& disk,
                     const std::string& field) {
  if (!disk.volume().empty()) return absl::OkStatus();
  disk.clear_pinned();
  if (disk.image().empty()) {
    if (disk.size_mib() == 0) return absl::OkStatus();
    return errors::InvalidField(field + ".size_mib", "a file has the size that it has",
                                "leave it out, or give an image");
  }
  RETURN_IF_ERROR(CheckImageDisk(disk, field));
  const Disk* const same = FindDisk(before, disk.id());
  if (same != nullptr && same->has_pinned()) {
    if (same->image() != disk.image() || same->size_mib() != disk.size_mib() ||
        (same->readonly() != disk.readonly() && same->pinned().parts(0).format() != Image::ISO)) {
      return errors::InvalidField(field, "a disk of an image stays what it is",
                                  "give the new one another id; the old one's content goes");
    }
    disk.set_readonly(same->readonly());
    *disk.mutable_pinned() = same->pinned();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const ImagePtr image, images.Find(disk.image()));
  disk.mutable_pinned()->set_uid(image->uid());
  *disk.mutable_pinned()->add_parts() = *FindPart(image->parts(), Image::DISK);
  if (image->format() == Image::ISO) disk.set_readonly(true);
  return CheckSize(disk, field);
}

bool HasFiles(const Boot& boot) {
  return !(boot.kernel().empty() && boot.initrd().empty() && boot.firmware().empty() &&
           boot.flash().empty());
}

absl::Status PinBoot(const KnownImages& images, const VmSpec& before, VmSpec& spec) {
  Boot& boot = *spec.mutable_boot();
  boot.clear_pinned();
  if (boot.image().empty() && !HasFiles(boot) && !spec.disks().empty()) {
    const ImagePtr first = images.FindByUid(spec.disks(0).pinned().uid());
    if (first != nullptr && first->parts_size() > 1) boot.set_image(first->name());
  }
  if (boot.image().empty()) return absl::OkStatus();
  if (HasFiles(boot)) {
    return errors::InvalidField("spec.boot.image", "the VM boots with files of its own",
                                "give those or an image");
  }
  if (before.boot().image() == boot.image()) {
    *boot.mutable_pinned() = before.boot().pinned();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const ImagePtr image, images.Find(boot.image()));
  boot.mutable_pinned()->set_uid(image->uid());
  boot.mutable_pinned()->set_cmdline(image->cmdline());
  for (const Image::Part& part : image->parts()) {
    if (part.role() != Image::DISK) *boot.mutable_pinned()->add_parts() = part;
  }
  if (!boot.pinned().parts().empty()) return absl::OkStatus();
  return errors::InvalidField("spec.boot.image",
                              absl::StrCat(boot.image(), " has nothing to boot with"),
                              "give a kernel, a firmware or a flash image");
}

// Images say for which processor they are, or nothing.
absl::Status PinArch(const KnownImages& images, VmSpec& spec) {
  std::string& arch = *spec.mutable_machine()->mutable_arch();
  std::vector<std::string> uids = {spec.boot().pinned().uid()};
  for (const Disk& disk : spec.disks()) uids.push_back(disk.pinned().uid());
  for (const std::string& uid : uids) {
    const ImagePtr image = images.FindByUid(uid);
    if (image == nullptr || image->arch().empty()) continue;
    if (arch.empty()) arch = image->arch();
    if (arch == image->arch()) continue;
    return errors::InvalidField(
        "spec.machine.arch",
        absl::StrCat(arch, ", but image ", image->name(), " is for ", image->arch()),
        "leave it out, or choose another image");
  }
  if (arch.empty()) arch = kDefaultArchitecture;
  return absl::OkStatus();
}

// What the image that it boots from wishes, where nothing else is said.
void PinMemory(const KnownImages& images, VmSpec& spec) {
  if (spec.machine().memory_mib() != 0) return;
  const ImagePtr image = images.FindByUid(spec.boot().pinned().uid());
  if (image != nullptr) spec.mutable_machine()->set_memory_mib(image->memory_mib());
}

absl::Status LockForReading(const UniqueFd& file) {
  struct flock lock = {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  return fcntl(file.get(), F_OFD_SETLK, &lock) == 0
             ? absl::OkStatus()
             : errors::Host("an image's file, which somebody writes to", errno);
}

absl::StatusOr<UniqueFd> OpenPart(const std::string& state_dir, const Image::Part& part) {
  ASSIGN_OR_RETURN(UniqueFd file, BlobStore(state_dir).OpenBlob(part.digest()));
  RETURN_IF_ERROR(LockForReading(file));
  return file;
}

}  // namespace

absl::StatusOr<ImagePtr> KnownImages::Find(const std::string& name) const {
  const auto it =
      std::ranges::find(coming, name, [](const ImagePtr& image) { return image->name(); });
  return it == coming.end() ? images.Find(name) : *it;
}

ImagePtr KnownImages::FindByUid(const std::string& uid) const {
  const auto it =
      std::ranges::find(coming, uid, [](const ImagePtr& image) { return image->uid(); });
  return it == coming.end() ? images.FindByUid(uid) : *it;
}

absl::Status PinImages(const KnownImages& images, const VmSpec& before, VmSpec& spec) {
  for (int i = 0; i < spec.disks_size(); ++i) {
    RETURN_IF_ERROR(
        PinDisk(images, before, *spec.mutable_disks(i), absl::StrCat("spec.disks[", i, "]")));
  }
  RETURN_IF_ERROR(PinBoot(images, before, spec));
  PinMemory(images, spec);
  return PinArch(images, spec);
}

std::vector<std::string> ImagesOf(const VmSpec& spec) {
  std::set<std::string> uids;
  for (const Disk& disk : spec.disks()) uids.insert(disk.pinned().uid());
  uids.insert(spec.boot().pinned().uid());
  uids.erase("");
  return {uids.begin(), uids.end()};
}

bool HasOverlay(const Disk& disk) {
  return disk.volume().empty() && disk.has_pinned() && !disk.readonly();
}

uint64_t OverlayMib(const VmSpec& spec) {
  uint64_t mib = 0;
  for (const Disk& disk : spec.disks()) {
    if (HasOverlay(disk)) mib += (ImageDiskBytes(disk) + kMib - 1) / kMib;
  }
  return mib;
}

absl::Status MakeOverlays(const std::string& vm_directory, const VmSpec& before,
                          const VmSpec& spec) {
  const std::string folder = FolderOf(vm_directory);
  bool has_made = false;
  for (const Disk& disk : spec.disks()) {
    const Disk* const same = FindDisk(before, disk.id());
    if (!HasOverlay(disk) || (same != nullptr && HasOverlay(*same))) continue;
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FileError(folder, errno);
    DiskOverlays overlays(folder, disk);
    while (overlays.count() > 0) overlays.DropTop();  // of an update that was cut short
    RETURN_IF_ERROR(overlays.Add());
    has_made = true;
  }
  if (!has_made) return absl::OkStatus();
  RETURN_IF_ERROR(SyncFolder(folder));
  return SyncFolder(vm_directory);
}

void DropOverlays(const std::string& vm_directory, const VmSpec& spec) {
  const std::string folder = FolderOf(vm_directory);
  std::set<std::string> kept;
  for (const Disk& disk : spec.disks()) {
    if (!HasOverlay(disk)) continue;
    const DiskOverlays overlays(folder, disk);
    kept.insert(overlays.names().begin(), overlays.names().end());
  }
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (!kept.contains(file.path().filename().string())) unlink(file.path().c_str());
  }
}

ImageFormat FormatOf(const Image::Part& part) {
  return part.format() == Image::QCOW2 ? ImageFormat::kQcow2 : ImageFormat::kRaw;
}

absl::StatusOr<ImageLayer> OpenOverlay(const OverlayFile& overlay) {
  ASSIGN_OR_RETURN(UniqueFd file, OpenHostFile(overlay.field, overlay.path, overlay.use));
  if (!overlay.is_frozen) {
    RETURN_IF_ERROR(LockDisk(file, overlay.use, overlay.field, overlay.shown));
  }
  // What lies below is known here. The VM's process writes this file, or has, and so is not asked.
  const absl::StatusOr<qcow2::Header> header = qcow2::ReadHeader(file.get());
  if (!header.ok() || header->backing_name != overlay.backing_name) {
    return errors::InvalidField(overlay.field, "the file of " + overlay.shown + " is damaged",
                                "delete the VM, or give it another disk");
  }
  return ImageLayer{std::move(file), ImageFormat::kQcow2};
}

absl::StatusOr<ImageLayer> OpenImageLayer(const std::string& state_dir, const Image::Part& part) {
  ASSIGN_OR_RETURN(UniqueFd image, OpenPart(state_dir, part));
  return ImageLayer{std::move(image), FormatOf(part)};
}

absl::StatusOr<std::vector<ImageLayer>> OpenImageDisk(const std::string& state_dir,
                                                      const std::string& vm_directory,
                                                      const Disk& disk, const std::string& field) {
  std::vector<ImageLayer> layers;
  if (HasOverlay(disk)) {
    ASSIGN_OR_RETURN(layers, DiskOverlays(FolderOf(vm_directory), disk).OpenAll(field));
  }
  ASSIGN_OR_RETURN(ImageLayer image, OpenImageLayer(state_dir, disk.pinned().parts(0)));
  layers.push_back(std::move(image));
  return layers;
}

bool BootsWith(const Boot& boot, Image::Role role, const std::string& path) {
  return !path.empty() || FindPart(boot.pinned().parts(), role) != nullptr;
}

absl::StatusOr<UniqueFd> OpenBootFile(const std::string& state_dir, const Boot& boot,
                                      Image::Role role, const std::string& field,
                                      const std::string& path) {
  const Image::Part* const part = FindPart(boot.pinned().parts(), role);
  if (part != nullptr) return OpenPart(state_dir, *part);
  if (path.empty()) return UniqueFd();
  return OpenHostFile(field, path, FileUse::kRead);
}

}  // namespace emu::daemon
