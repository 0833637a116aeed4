// The `virt` board for aarch64, at the addresses and interrupt numbers of QEMU's.
#pragma once

#include "vmm/machine/board.h"

namespace emu {

namespace aarch64_virt {

absl::Status AddMemory(const MachineConfig& config, GuestMemory& memory);
absl::StatusOr<std::unique_ptr<Board>> Create(BoardParts parts);

}  // namespace aarch64_virt

inline constexpr BoardType kAarch64Virt = {
    .arch = "aarch64",
    .max_cpus = 8,
    .min_memory_bytes = 64 << 20,
    .max_memory_bytes = uint64_t{255} << 30,  // up to the PCIe configuration space
    .kernel_firmware = nullptr,
    .add_memory = &aarch64_virt::AddMemory,
    .create = &aarch64_virt::Create,
};

}  // namespace emu
