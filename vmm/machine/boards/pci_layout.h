// Where a board has what belongs to PCI.
#pragma once

#include "vmm/base/address.h"

namespace emu {

// Functions see the addresses that processors see.
struct PciLayout {
  struct Range {
    GuestPhysAddr base;
    uint64_t size;
  };
  Range ecam;
  Range io;      // nothing of ours answers there
  Range memory;  // below 4 GiB
  Range memory64;
};

}  // namespace emu
