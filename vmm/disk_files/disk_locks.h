// Locks of a disk's files, apart from their use.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "vmm/disk_files/image_format.h"

namespace emu::disk_files {

// Moves the locked description of each file into its layer's `lock`, which is only to be kept open,
// and opens the file once more for use. The kernel may keep what is used open for a while after its
// process has ended (an io_uring does); locks are free at once. INVALID_ARGUMENT if the host does
// not let a file be opened again.
absl::Status SeparateLocks(std::vector<ImageLayer>& layers);

}  // namespace emu::disk_files
