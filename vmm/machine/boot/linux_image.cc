#include "vmm/machine/boot/linux_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "absl/strings/str_format.h"
#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boot/errors.h"
#include "vmm/machine/boot/gzip_loader.h"

namespace emu::boot {
namespace {

constexpr const LinuxImageFormat* kFormats[] = {&kRiscv64Linux, &kArm64Linux};
constexpr uint32_t kX86SetupMagic = 0x53726448;   // "HdrS"
constexpr uint64_t kX86SetupMagicOffset = 0x202;  // Linux Documentation/arch/x86/boot.rst

absl::Status CheckHeader(const BootFile& file, const LinuxImageFormat& wanted,
                         const LinuxImageHeader& header) {
  if (header.magic == wanted.magic) return absl::OkStatus();
  for (const LinuxImageFormat* other : kFormats) {
    if (header.magic == other->magic) {
      return ForeignArchitecture(file.field(), other->elf.arch, wanted.elf.arch);
    }
  }
  std::array<std::byte, 4> setup = {};
  if (file.size_bytes() >= kX86SetupMagicOffset + setup.size()) {
    RETURN_IF_ERROR(file.ReadAt(kX86SetupMagicOffset, setup));
    if (LoadLittle<uint32_t>(setup) == kX86SetupMagic) {
      return ForeignArchitecture(file.field(), "x86", wanted.elf.arch);
    }
  }
  return UnknownFormat(
      file.field(),
      absl::StrFormat("a %1$s Linux Image, the same gzip'ed, or a %1$s ELF", wanted.elf.arch));
}

// An Image with an EFI stub is a PE file as well, whose section table tells how long the file is.
// Microsoft PE Format, "COFF File Header" and "Section Table".
absl::Status CheckEfiSections(const BootFile& file, const LinuxImageHeader& header) {
  constexpr uint16_t kMzMagic = 0x5a4d;
  constexpr uint32_t kPeMagic = 0x00004550;
  constexpr uint64_t kCoffBytes = 24;  // the magic included
  constexpr uint64_t kSectionBytes = 40;
  if ((header.code[0] & 0xffff) != kMzMagic) return absl::OkStatus();
  const uint64_t pe_offset = header.pe_offset;  // e_lfanew
  std::array<std::byte, kCoffBytes> coff;
  RETURN_IF_ERROR(file.ReadAt(pe_offset, coff));
  const std::span<const std::byte> coff_bytes(coff);
  if (LoadLittle<uint32_t>(coff_bytes) != kPeMagic) return absl::OkStatus();
  const uint16_t section_count = LoadLittle<uint16_t>(coff_bytes.subspan(6));
  const uint16_t optional_bytes = LoadLittle<uint16_t>(coff_bytes.subspan(20));
  std::vector<std::byte> sections(section_count * kSectionBytes);
  RETURN_IF_ERROR(file.ReadAt(pe_offset + kCoffBytes + optional_bytes, sections));
  for (uint16_t i = 0; i < section_count; ++i) {
    const auto section = std::span<const std::byte>(sections).subspan(i * kSectionBytes);
    const uint64_t end = uint64_t{LoadLittle<uint32_t>(section.subspan(16))} +
                         LoadLittle<uint32_t>(section.subspan(20));
    if (end > file.size_bytes()) return Truncated(file.field(), end, file.size_bytes());
  }
  return absl::OkStatus();
}

// booting.rst, s. 4: Arm kernels before 3.17 lie 512 KiB behind an aligned address and do not say
// so. RISC-V's base is where text_offset would lead to.
GuestPhysAddr PlaceOf(const LinuxImageHeader& header, const LinuxImageFormat& format,
                      GuestPhysAddr base) {
  if (format.text_offset == LinuxImageFormat::TextOffset::kFromRam) return base;
  return base + (header.image_size == 0 ? 0x8'0000 : header.text_offset);
}

}  // namespace

absl::StatusOr<LoadedImage> LoadLinuxKernel(const BootFile& file, const LinuxImageFormat& format,
                                            GuestMemory& memory, GuestPhysAddr base,
                                            GuestPhysAddr limit) {
  if (base >= limit) return TooLargeForMemory(file.field(), file.size_bytes(), 0);
  LinuxImageHeader header = {};
  const auto head = std::as_writable_bytes(std::span(&header, 1));
  RETURN_IF_ERROR(file.ReadAt(0, head.first(std::min<uint64_t>(head.size(), file.size_bytes()))));
  if (IsElf(head)) return LoadElf(file, format.elf, memory);

  uint64_t size = file.size_bytes();
  const bool is_gzip = IsGzip(head);
  if (is_gzip) {
    ASSIGN_OR_RETURN(size, LoadGzip(file, memory, base, limit));
    if (size < sizeof(header) || !memory.Read(base, head)) {
      return Truncated(file.field(), sizeof(header), size);
    }
  }
  RETURN_IF_ERROR(CheckHeader(file, format, header));
  const GuestPhysAddr place = PlaceOf(header, format, base);
  const uint64_t room = place >= base && place < limit ? limit - place : 0;
  if (header.image_size > room || size > room) {
    return TooLargeForMemory(file.field(), std::max(size, header.image_size), room);
  }
  // The size counts zeroed data too, so a shorter file may be whole; but never this much shorter:
  // kernels hold far more code than zeroes.
  if (size < header.image_size / 4) return Truncated(file.field(), header.image_size, size);
  if (is_gzip && place != base) RETURN_IF_ERROR(LoadGzip(file, memory, place, limit).status());
  if (!is_gzip) RETURN_IF_ERROR(CheckEfiSections(file, header));
  if (!is_gzip) RETURN_IF_ERROR(file.LoadAt(0, size, memory, place));
  return LoadedImage{place, place + std::max(size, header.image_size)};
}

}  // namespace emu::boot
