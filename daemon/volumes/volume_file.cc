#include "daemon/volumes/volume_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/host_paths.h"
#include "daemon/images/blob_store.h"
#include "daemon/images/sparse_file.h"
#include "daemon/vm_images.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/overlay.h"

namespace emu::daemon {
namespace {

std::string FolderOf(const std::string& state_dir) { return state_dir + "/volumes"; }

// From the folder of volumes, so that the state directory may move.
std::string BackingNameOf(const emud::v1::ImagePin& pinned) {
  return pinned.parts().empty() ? "" : absl::StrCat("../", BlobPath(pinned.parts(0).digest()));
}

absl::Status Write(int file, const std::string& folder, const disk_files::Overlay& overlay) {
  const absl::Status written = disk_files::WriteOverlay(file, overlay);
  if (absl::IsResourceExhausted(written)) return errors::StorageFull("the file of a volume");
  if (!written.ok()) return errors::Storage(std::string(written.message()));
  const UniqueFd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fsync(opened.get()) == 0 ? absl::OkStatus() : FileError(folder, errno);
}

}  // namespace

std::string VolumePath(const std::string& state_dir, const std::string& name) {
  return absl::StrCat(FolderOf(state_dir), "/", name, ".qcow2");
}

absl::Status WriteVolumeFile(const std::string& state_dir, const emud::v1::Volume& volume) {
  const std::string path = VolumePath(state_dir, volume.name());
  disk_files::Overlay overlay = {volume.size_mib() << 20, BackingNameOf(volume.pinned())};
  if (!volume.pinned().parts().empty()) {
    overlay.backing_format = FormatOf(volume.pinned().parts(0));
  }
  // What lies there already is that of a volume whose row can't be read: it stays.
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return FileError(path, errno);
  absl::Status written = Write(file.get(), FolderOf(state_dir), overlay);
  if (!written.ok()) unlink(path.c_str());
  return written;
}

absl::StatusOr<std::vector<ImageLayer>> OpenVolumeDisk(const std::string& state_dir,
                                                       const emud::v1::Disk& disk,
                                                       const std::string& field) {
  std::vector<ImageLayer> layers;
  ASSIGN_OR_RETURN(ImageLayer top,
                   OpenOverlay({.path = VolumePath(state_dir, disk.volume()),
                                .backing_name = BackingNameOf(disk.pinned()),
                                .use = disk.readonly() ? FileUse::kRead : FileUse::kWrite,
                                .field = field,
                                .shown = "volume " + disk.volume()}));
  layers.push_back(std::move(top));
  if (disk.has_pinned()) {
    ASSIGN_OR_RETURN(ImageLayer image, OpenImageLayer(state_dir, disk.pinned().parts(0)));
    layers.push_back(std::move(image));
  }
  return layers;
}

}  // namespace emu::daemon
