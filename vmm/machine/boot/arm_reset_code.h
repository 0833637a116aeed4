// The first instructions an Arm processor executes where no firmware does.
#pragma once

#include <cstddef>
#include <vector>

#include "vmm/base/address.h"

namespace emu::boot {

// Position-independent code and data for the reset address: x0 = `fdt`, x1 to x3 = 0, jump to
// `start`, as Linux Documentation/arch/arm64/booting.rst, s. 4, wants it.
std::vector<std::byte> ArmResetCode(GuestPhysAddr start, GuestPhysAddr fdt);

}  // namespace emu::boot
