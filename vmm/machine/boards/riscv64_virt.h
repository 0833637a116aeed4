// The `virt` board for riscv64, at the addresses and interrupt numbers of QEMU's.
#pragma once

#include "vmm/machine/board.h"

namespace emu {

namespace riscv64_virt {

absl::Status AddMemory(const MachineConfig& config, GuestMemory& memory);
absl::StatusOr<std::unique_ptr<Board>> Create(BoardParts parts);

}  // namespace riscv64_virt

inline constexpr BoardType kRiscv64Virt = {
    .arch = "riscv64",
    .max_cpus = 8,
    .min_memory_bytes = 64 << 20,
    .max_memory_bytes = uint64_t{1} << 40,
    .kernel_firmware = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
    .add_memory = &riscv64_virt::AddMemory,
    .create = &riscv64_virt::Create,
};

}  // namespace emu
