#include "vmm/machine/boot/boot_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "vmm/base/bits.h"
#include "vmm/machine/boot/errors.h"

namespace emu::boot {

absl::StatusOr<BootFile> BootFile::Open(std::string_view field, const UniqueFd& file) {
  struct stat info;
  if (fstat(file.get(), &info) != 0) return Unreadable(field, strerror(errno));
  if (!S_ISREG(info.st_mode)) return Unreadable(field, "it is not a regular file");
  if (info.st_size == 0) return Unreadable(field, "it is empty");
  return BootFile(field, file.get(), static_cast<uint64_t>(info.st_size));
}

absl::Status BootFile::ReadAt(uint64_t offset, std::span<std::byte> into) const {
  if (ExceedsLimit(offset, into.size(), size_bytes_)) {
    return Truncated(field_, offset + into.size(), size_bytes_);
  }
  while (!into.empty()) {
    const ssize_t count = pread(file_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(field_, strerror(errno));
    if (count == 0) return Truncated(field_, offset + into.size(), offset);
    offset += static_cast<uint64_t>(count);
    into = into.subspan(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status BootFile::LoadAt(uint64_t offset, uint64_t size, GuestMemory& memory,
                              GuestPhysAddr address) const {
  if (ExceedsLimit(offset, size, size_bytes_)) return Truncated(field_, offset + size, size_bytes_);
  const GuestPhysAddr whole_address = address;
  const uint64_t whole_size = size;
  while (size > 0) {
    std::array<iovec, 256> parts;
    size_t part_count = 0;
    uint64_t planned = 0;
    while (part_count < parts.size() && planned < size) {
      const GuestPhysAddr at = address + planned;
      std::byte* page = memory.PageForLoading(at);
      if (page == nullptr) return OutsideMemory(field_, whole_address.value, whole_size);
      const uint64_t length = std::min(size - planned, kPageSize - at.PageOffset());
      parts[part_count++] = {page + at.PageOffset(), length};
      planned += length;
    }
    const ssize_t count =
        preadv(file_, parts.data(), static_cast<int>(part_count), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(field_, strerror(errno));
    if (count == 0) return Truncated(field_, offset + size, offset);
    offset += static_cast<uint64_t>(count);
    address = address + static_cast<uint64_t>(count);
    size -= static_cast<uint64_t>(count);
  }
  return absl::OkStatus();
}

}  // namespace emu::boot
