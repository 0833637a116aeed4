#include "vmm/disk_files/disk_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "vmm/base/status_macros.h"
#include "vmm/disk_files/errors.h"
#include "vmm/disk_files/qcow2_header.h"

namespace emu::disk_files {
namespace {

using Path = std::filesystem::path;
using FileId = std::pair<dev_t, ino_t>;

// The folder that no name may leave.
struct Root {
  UniqueFd folder;
  Path path;
};

absl::StatusOr<Root> OpenRoot(const std::string& image_path) {
  std::error_code error;
  Root root;
  root.path = std::filesystem::absolute(Path(image_path), error).parent_path();
  root.folder.Reset(open(root.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.folder) return CantUse(errno);
  return root;
}

// `name` as a path from the root; `folder` is where the image lies that has it.
std::optional<Path> FromRoot(const Root& root, const Path& folder, const Path& name) {
  if (name.is_relative()) return folder / name;
  const Path within = name.lexically_normal().lexically_relative(root.path.lexically_normal());
  if (within.empty() || *within.begin() == "..") return std::nullopt;
  return within;
}

absl::StatusOr<UniqueFd> OpenBeneath(const Root& root, const Path& path, const std::string& name) {
  open_how how = {};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(
      static_cast<int>(syscall(SYS_openat2, root.folder.get(), path.c_str(), &how, sizeof(how))));
  if (file) return file;
  if (errno == EXDEV) {
    return BadBackingFile(name, "is not in the image's folder", "move it there, or copy the image");
  }
  return BadBackingFile(name, strerror(errno), "check the name, with qemu-img info");
}

bool LockForReading(const UniqueFd& file) {
  struct flock lock = {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  return fcntl(file.get(), F_OFD_SETLK, &lock) == 0;
}

FileId IdOf(const UniqueFd& file) {
  struct stat info = {};
  fstat(file.get(), &info);
  return {info.st_dev, info.st_ino};
}

absl::StatusOr<ImageFormat> BackingFormat(const qcow2::Header& header) {
  const std::optional<ImageFormat> format = ImageFormatOf(header.backing_format);
  if (format.has_value()) return *format;
  return BadBackingFile(
      header.backing_name,
      header.backing_format.empty() ? "has no stated format" : "is neither raw nor qcow2",
      "state it with qemu-img rebase -u -b NAME -F FORMAT");
}

}  // namespace

absl::StatusOr<std::vector<ImageLayer>> OpenChain(ImageLayer image, const std::string& path) {
  std::vector<ImageLayer> layers;
  layers.push_back(std::move(image));
  if (layers.front().format == ImageFormat::kRaw) return layers;
  ASSIGN_OR_RETURN(const Root root, OpenRoot(path));
  std::set<FileId> seen = {IdOf(layers.front().file)};
  Path folder;
  while (layers.back().format == ImageFormat::kQcow2) {
    ASSIGN_OR_RETURN(const qcow2::Header header, qcow2::ReadHeader(layers.back().file.get()));
    const std::string& name = header.backing_name;
    if (name.empty()) break;
    if (layers.size() > kMostBackingFiles) return ChainTooLong(kMostBackingFiles);
    ASSIGN_OR_RETURN(const ImageFormat format, BackingFormat(header));
    const std::optional<Path> within = FromRoot(root, folder, name);
    if (!within.has_value()) {
      return BadBackingFile(name, "is not in the image's folder",
                            "move it there, or copy the image");
    }
    ASSIGN_OR_RETURN(UniqueFd file, OpenBeneath(root, *within, name));
    RETURN_IF_ERROR(qcow2::FileBytes(file.get()).status());
    if (!seen.insert(IdOf(file)).second) {
      return BadBackingFile(name, "is above itself", "give the image another with qemu-img rebase");
    }
    if (!LockForReading(file)) return BackingFileInUse(name);
    folder = within->parent_path();
    layers.push_back({std::move(file), format});
  }
  return layers;
}

}  // namespace emu::disk_files
