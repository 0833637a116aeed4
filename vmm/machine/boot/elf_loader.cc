#include "vmm/machine/boot/elf_loader.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "vmm/base/bits.h"
#include "vmm/base/status_macros.h"
#include "vmm/machine/boot/errors.h"

namespace emu::boot {
namespace {

constexpr uint32_t kMaxProgramHeaders = 64;

std::string MachineName(uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_386:
      return "i386";
    case EM_AARCH64:
      return "aarch64";
    case EM_ARM:
      return "arm";
    case EM_PPC64:
      return "ppc64le";
    case EM_RISCV:
      return "riscv";
    default:
      return "ELF machine " + std::to_string(machine);
  }
}

absl::Status ZeroFill(GuestMemory& memory, GuestPhysAddr address, uint64_t size,
                      std::string_view field) {
  static constexpr std::array<std::byte, kPageSize> kZeros = {};
  for (uint64_t done = 0; done < size;) {
    const uint64_t length = std::min(size - done, kPageSize - (address + done).PageOffset());
    if (!memory.WriteRom(address + done, std::span(kZeros).first(length))) {
      return OutsideMemory(field, address.value, size);
    }
    done += length;
  }
  return absl::OkStatus();
}

// True if all of [address, address + size) is memory: checked before a lying size makes us loop.
bool IsInMemory(const GuestMemory& memory, uint64_t address, uint64_t size) {
  return std::ranges::any_of(memory.regions(), [&](const GuestMemory::RegionInfo& region) {
    return address >= region.base.value &&
           !ExceedsLimit(address - region.base.value, size, region.size_bytes);
  });
}

}  // namespace

bool IsElf(std::span<const std::byte> head) {
  return head.size() >= SELFMAG && std::memcmp(head.data(), ELFMAG, SELFMAG) == 0;
}

absl::StatusOr<LoadedImage> LoadElf(const BootFile& file, const ElfTarget& target,
                                    GuestMemory& memory) {
  Elf64_Ehdr header;
  RETURN_IF_ERROR(file.ReadAt(0, std::as_writable_bytes(std::span(&header, 1))));
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return ForeignArchitecture(file.field(), "a big-endian machine", target.arch);
  }
  if (header.e_machine != target.machine) {
    return ForeignArchitecture(file.field(), MachineName(header.e_machine), target.arch);
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64) {
    return ForeignArchitecture(file.field(), "a 32-bit machine", target.arch);
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
      header.e_phnum > kMaxProgramHeaders) {
    return Malformed(file.field(), "its ELF header has no sensible program headers");
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  RETURN_IF_ERROR(file.ReadAt(header.e_phoff, std::as_writable_bytes(std::span(segments))));

  LoadedImage image{GuestPhysAddr(header.e_entry), {}};
  bool has_segment = false;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (segment.p_filesz > segment.p_memsz) {
      return Malformed(file.field(), "an ELF segment is larger in the file than in memory");
    }
    if (!IsInMemory(memory, segment.p_paddr, segment.p_memsz)) {
      return OutsideMemory(file.field(), segment.p_paddr, segment.p_memsz);
    }
    const GuestPhysAddr base(segment.p_paddr);
    RETURN_IF_ERROR(file.LoadAt(segment.p_offset, segment.p_filesz, memory, base));
    RETURN_IF_ERROR(ZeroFill(memory, base + segment.p_filesz, segment.p_memsz - segment.p_filesz,
                             file.field()));
    if (header.e_entry - segment.p_vaddr < segment.p_memsz) {
      image.entry = base + (header.e_entry - segment.p_vaddr);
    }
    image.end = std::max(image.end, base + segment.p_memsz);
    has_segment = true;
  }
  if (!has_segment) return Malformed(file.field(), "its ELF header names nothing to load");
  return image;
}

}  // namespace emu::boot
