// What the file of a disk is: looked at once, when it becomes an image, and by nobody after that.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "emud/v1/image.pb.h"

namespace emu::daemon {

struct DiskFacts {
  emud::v1::Image::Format format = emud::v1::Image::RAW;
  uint64_t virtual_size_bytes = 0;
};

// `stated`: what its owner says, who is believed that a file is raw whatever it begins with.
// Unspecified: the file's first bytes say it. INVALID_ARGUMENT and UNIMPLEMENTED begin with what is
// wrong with it and end, behind "; ", with a remedy.
absl::StatusOr<DiskFacts> ProbeDisk(int file, emud::v1::Image::Format stated);

}  // namespace emu::daemon
