// Where a board has its two banks of flash.
#pragma once

#include "vmm/base/address.h"

namespace emu {

struct FlashLayout {
  GuestPhysAddr code;
  GuestPhysAddr variables;
  uint64_t bank_bytes;
};

}  // namespace emu
