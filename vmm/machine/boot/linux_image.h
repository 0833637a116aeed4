// Loads kernels: Linux's Image for RISC-V and Arm, plain, gzip'ed or with an EFI stub, and ELF.
#pragma once

#include <elf.h>

#include "vmm/machine/boot/boot_file.h"
#include "vmm/machine/boot/elf_loader.h"

namespace emu::boot {

// Linux Documentation/arch/arm64/booting.rst; Documentation/arch/riscv/boot-image-header.rst gives
// some reserved words a meaning.
struct LinuxImageHeader {
  uint32_t code[2];  // an EFI stub's starts with "MZ"
  uint64_t text_offset;
  uint64_t image_size;  // zeroed data included; 0 in very old kernels
  uint64_t flags;
  uint64_t reserved[3];
  uint32_t magic;  // which architecture
  uint32_t pe_offset;
};
static_assert(sizeof(LinuxImageHeader) == 0x40);

// How an architecture's kernels look.
struct LinuxImageFormat {
  ElfTarget elf;
  uint32_t magic;
  // What text_offset says: the distance from an aligned address, or from the beginning of RAM.
  enum class TextOffset : uint8_t { kFromBase, kFromRam } text_offset;
};
inline constexpr LinuxImageFormat kRiscv64Linux = {
    {EM_RISCV, "riscv64"}, 0x05435352, LinuxImageFormat::TextOffset::kFromRam};  // "RSC\x05"
inline constexpr LinuxImageFormat kArm64Linux = {
    {EM_AARCH64, "aarch64"}, 0x644d5241, LinuxImageFormat::TextOffset::kFromBase};  // "ARM\x64"

// Loads `file` at `base` (an ELF where it says), with `limit` the end of the memory it may use.
// Errors: those of LoadElf, UnknownFormat, TooLargeForMemory.
absl::StatusOr<LoadedImage> LoadLinuxKernel(const BootFile& file, const LinuxImageFormat& format,
                                            GuestMemory& memory, GuestPhysAddr base,
                                            GuestPhysAddr limit);

}  // namespace emu::boot
