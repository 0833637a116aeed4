#include "vmm/machine/boot/firmware.h"

#include <algorithm>
#include <array>

#include "vmm/base/status_macros.h"
#include "vmm/machine/boot/errors.h"

namespace emu::boot {

absl::StatusOr<LoadedImage> LoadFirmware(const BootFile& file, const ElfTarget& target,
                                         GuestMemory& memory, const RamRange& place) {
  std::array<std::byte, 4> head = {};
  RETURN_IF_ERROR(file.ReadAt(0, std::span(head).first(std::min<uint64_t>(4, file.size_bytes()))));
  if (IsElf(head)) return LoadElf(file, target, memory);
  if (file.size_bytes() > place.size_bytes) {
    return TooLargeForMemory(file.field(), file.size_bytes(), place.size_bytes);
  }
  RETURN_IF_ERROR(file.LoadAt(0, file.size_bytes(), memory, place.base));
  return LoadedImage{place.base, place.base + file.size_bytes()};
}

absl::StatusOr<LoadedImage> LoadFlash(const BootFile& file, GuestMemory& memory,
                                      const RamRange& bank) {
  if (file.size_bytes() > bank.size_bytes) {
    return TooLargeForFlash(file.field(), file.size_bytes(), bank.size_bytes);
  }
  RETURN_IF_ERROR(file.LoadAt(0, file.size_bytes(), memory, bank.base));
  return LoadedImage{bank.base, bank.base + file.size_bytes()};
}

}  // namespace emu::boot
