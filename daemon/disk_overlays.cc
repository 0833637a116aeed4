#include "daemon/disk_overlays.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/images/blob_store.h"
#include "daemon/images/sparse_file.h"
#include "daemon/vm_images.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/overlay.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::daemon {
namespace {

using emud::v1::Disk;

constexpr uint64_t kMib = 1 << 20;
constexpr uint64_t kSectorBytes = 512;
// Of a file that its VM writes to, and of one that nobody does any more.
constexpr mode_t kWritten = 0600, kFrozen = 0400;

}  // namespace

uint64_t ImageDiskBytes(const Disk& disk) {
  const uint64_t image_bytes = disk.pinned().parts(0).virtual_size_bytes();
  const uint64_t whole = (image_bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  return disk.size_mib() == 0 ? whole : disk.size_mib() * kMib;
}

absl::Status SyncFolder(const std::string& path) {
  const UniqueFd opened(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fsync(opened.get()) == 0 ? absl::OkStatus() : FileError(path, errno);
}

DiskOverlays::DiskOverlays(std::string folder, const Disk& disk)
    : folder_(std::move(folder)), disk_(disk) {
  while (access(PathOf(count()).c_str(), F_OK) == 0) {
    names_.push_back(NameOf(count()));
  }
}

// No disk of an image has a '~' in its id.
std::string DiskOverlays::NameOf(size_t index) const {
  return index == 0 ? disk_.id() + ".qcow2" : absl::StrCat(disk_.id(), "~", index, ".qcow2");
}

std::string DiskOverlays::PathOf(size_t index) const {
  return absl::StrCat(folder_, "/", NameOf(index));
}

// From the folder, so that the state directory may move.
std::string DiskOverlays::BackingNameOf(size_t index) const {
  return index == 0 ? absl::StrCat("../../../", BlobPath(disk_.pinned().parts(0).digest()))
                    : NameOf(index - 1);
}

absl::Status DiskOverlays::Add() {
  const size_t index = count();
  const std::string path = PathOf(index);
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kWritten));
  if (!file) return FileError("the file of a disk", errno);
  const ImageFormat below = index == 0 ? FormatOf(disk_.pinned().parts(0)) : ImageFormat::kQcow2;
  const absl::Status written =
      disk_files::WriteOverlay(file.get(), {ImageDiskBytes(disk_), BackingNameOf(index), below});
  if (!written.ok()) unlink(path.c_str());
  if (absl::IsResourceExhausted(written)) return errors::StorageFull("the file of a disk");
  if (!written.ok()) return errors::Storage(std::string(written.message()));
  if (index > 0 && chmod(PathOf(index - 1).c_str(), kFrozen) != 0) {
    unlink(path.c_str());
    return FileError("the file of a disk", errno);
  }
  names_.push_back(NameOf(index));
  return absl::OkStatus();
}

void DiskOverlays::DropTop() {
  unlink(PathOf(count() - 1).c_str());
  names_.pop_back();
  if (!names_.empty()) (void)chmod(PathOf(count() - 1).c_str(), kWritten);
}

absl::Status DiskOverlays::CheckForeign() const {
  for (size_t i = 0; i < count(); ++i) {
    const UniqueFd file(open(absl::StrCat(folder_, "/", NameOf(i)).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return FileError("the file of a disk", errno);
    const absl::StatusOr<qcow2::Header> header = qcow2::ReadHeader(file.get());
    if (!header.ok()) return absl::DataLossError(header.status().message());
    if (header->backing_name != BackingNameOf(i)) {
      return absl::DataLossError(absl::StrCat(NameOf(i), " lies over another file than it may"));
    }
    if (header->size_bytes != ImageDiskBytes(disk_)) {
      return absl::DataLossError(absl::StrCat(NameOf(i), " is not as large as its disk"));
    }
  }
  return absl::OkStatus();
}

absl::Status DiskOverlays::LinkInto(const std::string& folder) const {
  for (const std::string& name : names_) {
    const std::string from = absl::StrCat(folder_, "/", name);
    if (link(from.c_str(), absl::StrCat(folder, "/", name).c_str()) != 0) {
      return FileError("the file of a disk", errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ImageLayer> DiskOverlays::Open(size_t index, const std::string& field) const {
  return OpenOverlay({.path = PathOf(index),
                      .backing_name = BackingNameOf(index),
                      .use = index + 1 == count() ? FileUse::kWrite : FileUse::kRead,
                      .field = field,
                      .shown = "disk " + disk_.id(),
                      .is_frozen = index + 1 != count()});
}

absl::StatusOr<ImageLayer> DiskOverlays::OpenTop(const std::string& field) const {
  // Of one that is missing, too, the first tells.
  if (count() == 0) return Open(0, field);
  struct stat info = {};
  const bool is_there = stat(PathOf(count() - 1).c_str(), &info) == 0;
  if (!is_there || (info.st_mode & S_IWUSR) != 0) return Open(count() - 1, field);
  // Whoever wrote to this one would write for others, too.
  return errors::InvalidField(field,
                              absl::StrCat("the file of disk ", disk_.id(),
                                           " is missing that lies over ", NameOf(count() - 1)),
                              "put it back, or take the VM back to a snapshot");
}

absl::StatusOr<std::vector<ImageLayer>> DiskOverlays::OpenAll(const std::string& field) const {
  std::vector<ImageLayer> layers;
  ASSIGN_OR_RETURN(ImageLayer top, OpenTop(field));
  layers.push_back(std::move(top));
  for (size_t below = count(); below > 1; --below) {
    ASSIGN_OR_RETURN(ImageLayer layer, Open(below - 2, field));
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace emu::daemon
