// What a machine is called and has, for inventories (DMTF DSP0134, SMBIOS 3.0).
#pragma once

#include <cstdint>
#include <string_view>

#include "devices/firmware/fw_cfg.h"
#include "vmm/machine/boot/placement.h"

namespace emu::tables {

// Into `fw_cfg`. `product`: the board's name, as in "virt".
void AddSmbios(std::string_view product, uint32_t cpus, boot::RamRange ram, FwCfg& fw_cfg);

}  // namespace emu::tables
