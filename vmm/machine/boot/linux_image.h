// Loads kernels: Linux's Image for RISC-V, plain, gzip'ed or with an EFI stub, and ELF.
#pragma once

#include "vmm/machine/boot/boot_file.h"
#include "vmm/machine/boot/elf_loader.h"

namespace emu::boot {

// Linux Documentation/arch/riscv/boot-image-header.rst.
struct RiscvImageHeader {
  uint32_t code[2];  // an EFI stub's starts with "MZ"
  uint64_t text_offset;
  uint64_t image_size;  // zeroed data included; 0 in very old kernels
  uint64_t flags;
  uint32_t version;
  uint32_t reserved_1;
  uint64_t reserved_2;
  uint64_t magic;   // "RISCV\0\0\0", deprecated
  uint32_t magic2;  // "RSC\x05"
  uint32_t reserved_3;
};
static_assert(sizeof(RiscvImageHeader) == 0x40);

// Loads `file` at `base` (an ELF where it says), with `limit` the end of the memory it may use.
// Errors: those of LoadElf, UnknownFormat, TooLargeForMemory.
absl::StatusOr<LoadedImage> LoadRiscvKernel(const BootFile& file, const ElfTarget& target,
                                            GuestMemory& memory, GuestPhysAddr base,
                                            GuestPhysAddr limit);

}  // namespace emu::boot
