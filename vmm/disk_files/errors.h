// What can be wrong with the files of a disk. A message begins with what was read, and ends with a
// remedy; callers put the disk's name in front.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace emu::disk_files {

// INVALID_ARGUMENT: not a QCOW2 image at all.
absl::Status NotQcow2();
// INVALID_ARGUMENT: `what` of the image contradicts the rest, or the file.
absl::Status DamagedImage(absl::string_view what);
// UNIMPLEMENTED: a sound image with something that we don't do.
absl::Status UnsupportedImage(absl::string_view what, absl::string_view remedy);
// INVALID_ARGUMENT: a file was given that lies below a raw image.
absl::Status RawHasNoBackingFile();
// NOT_FOUND.
absl::Status NoSuchSnapshot(absl::string_view id);
// INVALID_ARGUMENT: the host does not let it be used.
absl::Status CantUse(int error);

// Of a chain. INVALID_ARGUMENT: the backing file `name` is refused or can't be opened.
absl::Status BadBackingFile(absl::string_view name, absl::string_view why,
                            absl::string_view remedy);
// INVALID_ARGUMENT: more files than a disk may have.
absl::Status ChainTooLong(size_t most);
// FAILED_PRECONDITION: somebody writes to it.
absl::Status BackingFileInUse(absl::string_view name);

}  // namespace emu::disk_files
