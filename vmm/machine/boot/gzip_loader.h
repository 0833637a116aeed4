// Unpacks gzip files straight into guest memory.
#pragma once

#include "vmm/machine/boot/boot_file.h"

namespace emu::boot {

bool IsGzip(std::span<const std::byte> head);

// Unpacks `file` to `base`, at most up to `limit`; returns the number of bytes unpacked.
// Errors: Malformed, Truncated, TooLargeForMemory, OutsideMemory.
absl::StatusOr<uint64_t> LoadGzip(const BootFile& file, GuestMemory& memory, GuestPhysAddr base,
                                  GuestPhysAddr limit);

}  // namespace emu::boot
