#include "vmm/machine/boot/placement.h"

#include <algorithm>

#include "vmm/base/bits.h"
#include "vmm/machine/boot/errors.h"

namespace emu::boot {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr GuestPhysAddr kFdtCeiling(3072 * kMiB);
constexpr uint64_t kFdtAlignment = 2 * kMiB;
constexpr uint64_t kInitrdMaxDistance = 512 * kMiB;

}  // namespace

absl::StatusOr<GuestPhysAddr> PlaceFdt(const RamRange& ram, uint64_t fdt_size) {
  const GuestPhysAddr top = ram.base < kFdtCeiling ? std::min(ram.end(), kFdtCeiling) : ram.end();
  const GuestPhysAddr place(AlignDown(top.value - fdt_size, kFdtAlignment));
  if (fdt_size > top - ram.base || place < ram.base) {
    return TooLargeForMemory("command_line", fdt_size, top - ram.base);
  }
  return place;
}

absl::StatusOr<GuestPhysAddr> PlaceInitrd(const RamRange& ram, GuestPhysAddr kernel_start,
                                          GuestPhysAddr kernel_end, GuestPhysAddr limit,
                                          uint64_t initrd_size) {
  const GuestPhysAddr preferred = kernel_start + std::min(ram.size_bytes / 2, kInitrdMaxDistance);
  if (preferred >= kernel_end && !ExceedsLimit(preferred.value, initrd_size, limit.value)) {
    return preferred;
  }
  const uint64_t room = limit > kernel_end ? limit - kernel_end : 0;
  const GuestPhysAddr below(AlignDown(limit.value - std::min(initrd_size, limit.value), kPageSize));
  if (initrd_size > room || below < kernel_end) {
    return TooLargeForMemory("initrd", initrd_size, room);
  }
  return below;
}

}  // namespace emu::boot
