// Loads statically linked ELF images to their physical addresses.
#pragma once

#include "vmm/machine/boot/boot_file.h"

namespace emu::boot {

// What the machine can execute.
struct ElfTarget {
  uint16_t machine;  // EM_*
  std::string_view arch;
};

bool IsElf(std::span<const std::byte> head);

// Loads every PT_LOAD segment to its physical address and zeroes what the file does not hold. The
// entry is physical too: an entry inside a segment's virtual range moves with it.
// Errors: Truncated, Malformed, ForeignArchitecture, OutsideMemory.
absl::StatusOr<LoadedImage> LoadElf(const BootFile& file, const ElfTarget& target,
                                    GuestMemory& memory);

}  // namespace emu::boot
