// The backing files of a disk, found and opened for a process that opens none itself.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "vmm/disk_files/image_format.h"

namespace emu::disk_files {

// Below the disk's own image.
inline constexpr size_t kMostBackingFiles = 16;

// `image`, of which the caller has made sure that it is locked as it should be, and what lies below
// it, opened for reading and locked against writers. Names in the images are paths from the folder
// of the image that has them, or absolute; none leaves the folder that `path`, the disk's image, is
// in. A raw image has nothing below it.
// INVALID_ARGUMENT for names that leave, loops, chains that are too long and formats that are not
// stated; FAILED_PRECONDITION if a backing file is written to; ReadHeader's errors. Messages speak
// of the disk's image.
absl::StatusOr<std::vector<ImageLayer>> OpenChain(ImageLayer image, const std::string& path);

}  // namespace emu::disk_files
