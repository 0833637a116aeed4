// Where the initrd and the device tree go, as QEMU's riscv boards place them.
#pragma once

#include "absl/status/statusor.h"
#include "vmm/base/address.h"

namespace emu::boot {

struct RamRange {
  GuestPhysAddr base;
  uint64_t size_bytes;
  GuestPhysAddr end() const { return base + size_bytes; }
};

// The device tree: 2 MiB aligned, at the top of what lies below 3 GiB (where 32-bit code and the
// kernel's early mappings reach it). TooLargeForMemory.
absl::StatusOr<GuestPhysAddr> PlaceFdt(const RamRange& ram, uint64_t fdt_size);

// The initrd: half of the memory, at most 512 MiB, behind the kernel's start, so that a kernel that
// unpacks or moves itself does not overwrite it; if it does not fit there, right below `limit` (the
// device tree). TooLargeForMemory if not even that leaves the kernel alone.
absl::StatusOr<GuestPhysAddr> PlaceInitrd(const RamRange& ram, GuestPhysAddr kernel_start,
                                          GuestPhysAddr kernel_end, GuestPhysAddr limit,
                                          uint64_t initrd_size);

}  // namespace emu::boot
