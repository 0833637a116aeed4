// Loads code that is not a kernel: what a machine runs first, and what runs in its flash.
#pragma once

#include "vmm/machine/boot/boot_file.h"
#include "vmm/machine/boot/elf_loader.h"
#include "vmm/machine/boot/placement.h"

namespace emu::boot {

// Loads `file` where it says if it is an ELF, else to the beginning of `place`, which may be ROM.
// Errors: those of LoadElf, TooLargeForMemory.
absl::StatusOr<LoadedImage> LoadFirmware(const BootFile& file, const ElfTarget& target,
                                         GuestMemory& memory, const RamRange& place);

// The file as it is, to the beginning of the bank. TooLargeForFlash.
absl::StatusOr<LoadedImage> LoadFlash(const BootFile& file, GuestMemory& memory,
                                      const RamRange& bank);

}  // namespace emu::boot
