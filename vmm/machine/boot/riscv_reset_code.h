// The first instructions a RISC-V hart executes, and what they hand to the firmware.
#pragma once

#include <cstddef>
#include <vector>

#include "vmm/base/address.h"

namespace emu::boot {

struct RiscvBootTargets {
  GuestPhysAddr start;  // the firmware
  GuestPhysAddr fdt;
  GuestPhysAddr next;  // what the firmware starts in S-mode; 0 if there is nothing
};

// Position-independent code and data for the reset address: a0 = mhartid, a1 = fdt, a2 = OpenSBI's
// struct fw_dynamic_info, jump to start; all harts alike.
std::vector<std::byte> RiscvResetCode(const RiscvBootTargets& targets);

}  // namespace emu::boot
