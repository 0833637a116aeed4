// What a VM has of images: which they are, and its own files over them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/host_paths.h"
#include "daemon/images/images.h"
#include "emud/v1/vm.pb.h"
#include "vmm/base/unique_fd.h"
#include "vmm/disk_files/image_format.h"

namespace emu::daemon {

// Images that are known by now, and such as are about to be.
struct KnownImages {
  const Images& images;
  std::span<const ImagePtr> coming = {};

  absl::StatusOr<ImagePtr> Find(const std::string& name) const;  // IMAGE_NOT_FOUND
  ImagePtr FindByUid(const std::string& uid) const;              // null if there is none
};

// Finds the images that `spec` names and writes into it what they are, and what follows from that:
// how it boots, with how much memory and for which processor, where it does not say. What `before`,
// the VM's spec so far, has of the same images stays. Volumes have been pinned. IMAGE_NOT_FOUND;
// INVALID_ARGUMENT that names the field.
absl::Status PinImages(const KnownImages& images, const emud::v1::VmSpec& before,
                       emud::v1::VmSpec& spec);

// The uids of all images that `spec` has, each once.
std::vector<std::string> ImagesOf(const emud::v1::VmSpec& spec);

// Whether the disk is written to, in a file of the VM's own:
// <state-dir>/vms/<uid>/disks/<id>.qcow2.
bool HasOverlay(const emud::v1::Disk& disk);
// What a guest may write to disks of images.
uint64_t OverlayMib(const emud::v1::VmSpec& spec);

// In the VM's directory. Of disks that `before` does not have. What a kill leaves is dropped by
// DropOverlays.
absl::Status MakeOverlays(const std::string& vm_directory, const emud::v1::VmSpec& before,
                          const emud::v1::VmSpec& spec);
// All that are no disk's of `spec`.
void DropOverlays(const std::string& vm_directory, const emud::v1::VmSpec& spec);

ImageFormat FormatOf(const emud::v1::Image::Part& part);

// A file that is written over an image, or over nothing.
struct OverlayFile {
  std::string path;
  std::string backing_name;  // that it must have
  FileUse use = FileUse::kWrite;
  std::string field;       // of the spec
  std::string shown;       // in errors: what it is the file of
  bool is_frozen = false;  // nobody writes to it any more: it is not locked
};
// Opened, and locked unless it is frozen.
absl::StatusOr<ImageLayer> OpenOverlay(const OverlayFile& overlay);
// An image's disk.
absl::StatusOr<ImageLayer> OpenImageLayer(const std::string& state_dir,
                                          const emud::v1::Image::Part& part);

// The files of a disk of an image, opened and locked: its overlay, if it has one, and the image.
absl::StatusOr<std::vector<ImageLayer>> OpenImageDisk(const std::string& state_dir,
                                                      const std::string& vm_directory,
                                                      const emud::v1::Disk& disk,
                                                      const std::string& field);

// What the VM boots with in that role: of its image, else the file at `path`; none if there is
// neither.
bool BootsWith(const emud::v1::Boot& boot, emud::v1::Image::Role role, const std::string& path);
absl::StatusOr<UniqueFd> OpenBootFile(const std::string& state_dir, const emud::v1::Boot& boot,
                                      emud::v1::Image::Role role, const std::string& field,
                                      const std::string& path);

}  // namespace emu::daemon
