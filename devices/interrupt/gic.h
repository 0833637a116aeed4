// What a board sees of Arm's interrupt controllers, whichever version.
#pragma once

#include <cstdint>
#include <optional>

#include "devices/core/device.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

class Gic : public Device {
 public:
  // Into one processor.
  struct CpuLines {
    InterruptLine irq;
    InterruptLine fiq;
  };

  // The wire of a shared interrupt; `number` counts from 0, which is INTID 32.
  virtual InterruptLine SharedInput(uint32_t number) = 0;
  // A processor's own interrupt, INTID 16 to 31; said again as often as one likes.
  virtual void SetPrivateInput(uint32_t cpu, uint32_t intid, bool level) = 0;

  // System registers of a processor's interface, by the numbers of MRS and MSR; with the device
  // lock held. No value, or false, for what is not there.
  virtual std::optional<uint64_t> ReadCpuRegister(uint32_t cpu, uint32_t number) = 0;
  virtual bool WriteCpuRegister(uint32_t cpu, uint32_t number, uint64_t value) = 0;
};

}  // namespace emu
