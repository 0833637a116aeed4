// A file to boot from, read by position: the descriptor is kept for the next reset.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "vmm/base/guest_memory.h"
#include "vmm/base/unique_fd.h"

namespace emu::boot {

class BootFile {
 public:
  // `field` names the file in errors (a literal); `file` outlives the object. Unreadable if it is
  // not a regular file.
  static absl::StatusOr<BootFile> Open(std::string_view field, const UniqueFd& file);

  std::string_view field() const { return field_; }
  uint64_t size_bytes() const { return size_bytes_; }

  // Exactly `into.size()` bytes; Truncated if the file ends before.
  absl::Status ReadAt(uint64_t offset, std::span<std::byte> into) const;

  // The same into guest memory, ROM too, without a copy in between. OutsideMemory.
  absl::Status LoadAt(uint64_t offset, uint64_t size, GuestMemory& memory,
                      GuestPhysAddr address) const;

 private:
  BootFile(std::string_view field, int file, uint64_t size_bytes)
      : field_(field), file_(file), size_bytes_(size_bytes) {}

  std::string_view field_;
  int file_;
  uint64_t size_bytes_;
};

// Where an image came to lie.
struct LoadedImage {
  GuestPhysAddr entry;
  GuestPhysAddr end;  // behind its last byte, zeroed data included
};

}  // namespace emu::boot
