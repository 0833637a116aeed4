// aarch64's `virt` board as ACPI describes it, for firmware and for systems that want no device
// tree.
#pragma once

#include <cstdint>
#include <span>

#include "devices/firmware/fw_cfg.h"

namespace emu::aarch64_virt {

// Into `fw_cfg`. `gic_version`: 2 or 3. `virtio_slots`: those that hold a device.
void AddAcpiTables(uint32_t cpus, uint32_t gic_version, std::span<const uint32_t> virtio_slots,
                   FwCfg& fw_cfg);

}  // namespace emu::aarch64_virt
