// Small files to boot from, made in memory.
#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <string>

#include "vmm/base/unique_fd.h"
#include "vmm/machine/boot/linux_image.h"

namespace emu::boot {

inline UniqueFd FileOf(const std::string& bytes) {
  UniqueFd file(memfd_create("boot-file", MFD_CLOEXEC));
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) abort();
  return file;
}

// An Image of `size` bytes, all 'k' behind its header, that wants `image_size` in memory.
inline std::string LinuxImage(const LinuxImageFormat& format, size_t size, uint64_t image_size,
                              uint64_t text_offset = 0) {
  LinuxImageHeader header = {};
  header.text_offset = text_offset;
  header.image_size = image_size;
  header.magic = format.magic;
  std::string image(size, 'k');
  std::memcpy(image.data(), &header, std::min(size, sizeof(header)));
  return image;
}
inline std::string RiscvImage(size_t size, uint64_t image_size) {
  return LinuxImage(kRiscv64Linux, size, image_size);
}

struct ElfShape {
  uint16_t machine = EM_RISCV;
  uint64_t physical = 0x8000'0000;
  uint64_t virtual_address = 0x8000'0000;
  uint64_t entry = 0x8000'0010;
  uint64_t memory_size = 0x100;
  uint8_t elf_class = ELFCLASS64;
};

// One segment that holds "ELFDATA".
inline std::string ElfFile(const ElfShape& shape) {
  const std::string data = "ELFDATA";
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = shape.elf_class;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = shape.machine;
  header.e_entry = shape.entry;
  header.e_phoff = sizeof(header);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_offset = sizeof(header) + sizeof(segment);
  segment.p_paddr = shape.physical;
  segment.p_vaddr = shape.virtual_address;
  segment.p_filesz = data.size();
  segment.p_memsz = shape.memory_size;
  std::string file(sizeof(header) + sizeof(segment), '\0');
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + sizeof(header), &segment, sizeof(segment));
  return file + data;
}

inline std::string Gzip(const std::string& plain) {
  z_stream stream = {};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  std::string packed(deflateBound(&stream, plain.size()) + 64, '\0');
  // SAFETY: bytes as zlib calls them; it does not write to its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace emu::boot
