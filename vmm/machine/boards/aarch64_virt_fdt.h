// The device tree of aarch64's `virt` board.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "translator/vcpu.h"
#include "vmm/machine/boot/placement.h"

namespace emu::aarch64_virt {

struct FdtInputs {
  uint32_t cpus;
  uint32_t gic_version;
  boot::RamRange ram;
  std::span<const translator::Translator::CpuProperty> cpu_properties;
  std::string command_line;
  std::optional<boot::RamRange> initrd;
  std::vector<uint32_t> virtio_slots;  // that hold a device
  std::vector<std::byte> rng_seed;
  uint64_t kaslr_seed;
};

// Errors: FdtTree::Finish's.
absl::StatusOr<std::vector<std::byte>> BuildFdt(const FdtInputs& inputs);

}  // namespace emu::aarch64_virt
