// A QCOW2 image over another, or over nothing: what is written to it is kept there, all else is
// read from below, or zeros.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "vmm/disk_files/image_format.h"

namespace emu::disk_files {

struct Overlay {
  uint64_t size_bytes = 0;   // of the guest's disk
  std::string backing_name;  // a path from the overlay's folder; empty: there is nothing below
  ImageFormat backing_format = ImageFormat::kRaw;
};

// What an L1 table of the greatest size that is opened reaches, with the clusters of an overlay.
inline constexpr uint64_t kMostOverlayBytes = uint64_t{1} << 51;

// Writes `overlay`, that nobody has written to yet, into the empty `file`, and to the disk.
// INVALID_ARGUMENT for a size that is none or too large, and for a name that is too long;
// otherwise what the host says.
absl::Status WriteOverlay(int file, const Overlay& overlay);

}  // namespace emu::disk_files
