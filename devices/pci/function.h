// What sits in a slot of a PCI bus.
#pragma once

#include "devices/core/device.h"
#include "devices/pci/config_space.h"
#include "devices/pci/msix.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu::pci {

// What a slot gives the function in it.
struct Slot {
  InterruptLine pin;
  MessageSink messages;
};

// One function. All calls with the device lock held.
class Function {
 public:
  virtual ~Function() = default;

  virtual const ConfigSpace& config() const = 0;
  // Accesses of 1, 2 or 4 bytes, aligned and inside kConfigBytes.
  virtual uint32_t ConfigRead(uint32_t offset, uint32_t width_bytes) = 0;
  virtual void ConfigWrite(uint32_t offset, uint32_t width_bytes, uint32_t value) = 0;
  // Inside of BAR `bar`, as config() has it.
  virtual AccessResult BarRead(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                               uint64_t* value) = 0;
  virtual AccessResult BarWrite(uint32_t bar, uint64_t offset, uint32_t width_bytes,
                                uint64_t value) = 0;
};

}  // namespace emu::pci
