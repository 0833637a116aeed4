// A disk's image from the files that it consists of.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "devices/backend/disk_image.h"
#include "devices/backend/host_file.h"
#include "vmm/disk_files/image_format.h"

namespace emu {

// `layers` are the image itself and then each one's backing file; all but the first are only read.
// INVALID_ARGUMENT if they do not make a chain, and the errors of each. Messages
// speak of the disk.
absl::StatusOr<std::unique_ptr<DiskImage>> OpenImage(std::vector<ImageLayer> layers,
                                                     HostFile::Mode mode,
                                                     CacheMode cache = CacheMode::kWriteback);

}  // namespace emu
