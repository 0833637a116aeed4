// Eight pins that the guest reads or drives, with interrupts: the power button of Arm boards.
#pragma once

#include "devices/core/device.h"
#include "devices/gpio/pl061_spec.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// Pins that the guest drives lead nowhere; pins that nobody drives are low.
class Pl061 final : public Device, public MmioHandler {
 public:
  explicit Pl061(InterruptLine irq) : irq_(std::move(irq)) {}

  // The wire into pin 0..7.
  InterruptLine Input(uint32_t pin);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  // A bit for each pin.
  struct Registers {
    uint8_t output = 0, direction = 0, level_sense = 0, both_edges = 0, event = 0, mask = 0,
            edges = 0, alternate = 0;
  };

  uint8_t Pins() const { return (inputs_ & ~regs_.direction) | (regs_.output & regs_.direction); }
  uint8_t RawInterrupts() const;
  uint8_t ReadRegister(pl061::Reg reg, uint32_t index) const;
  void WriteRegister(pl061::Reg reg, uint32_t index, uint8_t value);
  void SeePins(uint8_t before);
  void UpdateInterrupt() { irq_.Set((RawInterrupts() & regs_.mask) != 0); }

  InterruptLine irq_;
  Registers regs_;
  uint8_t inputs_ = 0;
};

}  // namespace emu
