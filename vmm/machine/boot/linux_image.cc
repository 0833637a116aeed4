#include "vmm/machine/boot/linux_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "vmm/base/bits.h"
#include "vmm/base/endian.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boot/errors.h"
#include "vmm/machine/boot/gzip_loader.h"

namespace emu::boot {
namespace {

constexpr std::string_view kAccepted =
    "a riscv64 Linux Image (\"RSC\\x05\" at offset 0x38), the same gzip'ed, or a riscv64 ELF";
constexpr uint32_t kRiscvMagic2 = 0x05435352;     // "RSC\x05"
constexpr uint32_t kArm64Magic = 0x644d5241;      // "ARM\x64", at the same offset
constexpr uint32_t kX86SetupMagic = 0x53726448;   // "HdrS"
constexpr uint64_t kX86SetupMagicOffset = 0x202;  // Linux Documentation/arch/x86/boot.rst

absl::Status CheckHeader(const BootFile& file, const ElfTarget& target,
                         const RiscvImageHeader& header) {
  if (header.magic2 == kRiscvMagic2) return absl::OkStatus();
  if (header.magic2 == kArm64Magic) {
    return ForeignArchitecture(file.field(), "aarch64", target.arch);
  }
  std::array<std::byte, 4> setup = {};
  if (file.size_bytes() >= kX86SetupMagicOffset + setup.size()) {
    RETURN_IF_ERROR(file.ReadAt(kX86SetupMagicOffset, setup));
    if (LoadLittle<uint32_t>(setup) == kX86SetupMagic) {
      return ForeignArchitecture(file.field(), "x86", target.arch);
    }
  }
  return UnknownFormat(file.field(), kAccepted);
}

// An Image with an EFI stub is a PE file as well, whose section table tells how long the file is.
// Microsoft PE Format, "COFF File Header" and "Section Table".
absl::Status CheckEfiSections(const BootFile& file, const RiscvImageHeader& header) {
  constexpr uint16_t kMzMagic = 0x5a4d;
  constexpr uint32_t kPeMagic = 0x00004550;
  constexpr uint64_t kCoffBytes = 24;  // the magic included
  constexpr uint64_t kSectionBytes = 40;
  if ((header.code[0] & 0xffff) != kMzMagic) return absl::OkStatus();
  const uint64_t pe_offset = header.reserved_3;  // e_lfanew, at 0x3c
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

}  // namespace

absl::StatusOr<LoadedImage> LoadRiscvKernel(const BootFile& file, const ElfTarget& target,
                                            GuestMemory& memory, GuestPhysAddr base,
                                            GuestPhysAddr limit) {
  if (base >= limit) return TooLargeForMemory(file.field(), file.size_bytes(), 0);
  RiscvImageHeader header = {};
  const auto head = std::as_writable_bytes(std::span(&header, 1));
  RETURN_IF_ERROR(file.ReadAt(0, head.first(std::min<uint64_t>(head.size(), file.size_bytes()))));
  if (IsElf(head)) return LoadElf(file, target, memory);

  uint64_t size = file.size_bytes();
  const bool is_gzip = IsGzip(head);
  if (is_gzip) {
    ASSIGN_OR_RETURN(size, LoadGzip(file, memory, base, limit));
    if (size < sizeof(header) || !memory.Read(base, head)) {
      return Truncated(file.field(), sizeof(header), size);
    }
  }
  RETURN_IF_ERROR(CheckHeader(file, target, header));
  if (header.image_size > limit - base || size > limit - base) {
    return TooLargeForMemory(file.field(), std::max(size, header.image_size), limit - base);
  }
  // The size counts zeroed data too, so a shorter file may be whole; but never this much shorter:
  // kernels hold far more code than zeroes.
  if (size < header.image_size / 4) return Truncated(file.field(), header.image_size, size);
  if (!is_gzip) RETURN_IF_ERROR(CheckEfiSections(file, header));
  if (!is_gzip) RETURN_IF_ERROR(file.LoadAt(0, size, memory, base));
  return LoadedImage{base, base + std::max(size, header.image_size)};
}

}  // namespace emu::boot
