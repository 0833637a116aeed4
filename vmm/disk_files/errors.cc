#include "vmm/disk_files/errors.h"

#include <string.h>

#include "absl/strings/str_cat.h"

namespace emu::disk_files {

absl::Status NotQcow2() {
  return absl::InvalidArgumentError("is no QCOW2 image; give its true format");
}

absl::Status DamagedImage(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("is a damaged QCOW2 image: ", what, "; see what qemu-img check says"));
}

absl::Status UnsupportedImage(absl::string_view what, absl::string_view remedy) {
  return absl::UnimplementedError(
      absl::StrCat("is a QCOW2 image with ", what, ", which is not supported; ", remedy));
}

absl::Status RawHasNoBackingFile() {
  return absl::InvalidArgumentError("is a raw image, which has no backing file; state its format");
}

absl::Status NoSuchSnapshot(absl::string_view id) {
  return absl::NotFoundError(
      absl::StrCat("has no snapshot ", id, "; see what qemu-img snapshot -l lists"));
}

absl::Status CantUse(int error) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot be used: ", strerror(error), "; give a file that can be read"));
}

absl::Status BadBackingFile(absl::string_view name, absl::string_view why,
                            absl::string_view remedy) {
  return absl::InvalidArgumentError(
      absl::StrCat("has the backing file ", name, ", which ", why, "; ", remedy));
}

absl::Status ChainTooLong(size_t most) {
  return absl::InvalidArgumentError(
      absl::StrCat("has more than ", most, " files below it; join them with qemu-img rebase"));
}

absl::Status BackingFileInUse(absl::string_view name) {
  return absl::FailedPreconditionError(
      absl::StrCat("has the backing file ", name,
                   ", which another process writes to; stop that VM, or copy the file"));
}

}  // namespace emu::disk_files
