// New refcounts for an image whose writer died before it wrote them.
#pragma once

#include "absl/status/status.h"
#include "devices/backend/qcow2/image_file.h"

namespace emu::qcow2 {

// Follows every table from the header on, writes a new refcount table behind all that it found, and
// clears the dirty bit. The old counts are not looked at. DATA_LOSS or INVALID_ARGUMENT if a table
// can't be what the image says; UNIMPLEMENTED if the image is too large for that.
absl::Status Recount(ImageFile& file);

}  // namespace emu::qcow2
