// The UART of Arm boards.
#pragma once

#include "devices/backend/char_stream.h"
#include "devices/core/device.h"
#include "devices/serial/pl011_spec.h"
#include "devices/serial/receive_fifo.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// A PL011 whose line has no speed, like `Ns16550a`: the transmitter is always empty, nothing is
// overrun, and the receive timeout comes at once. It works whether the guest has enabled it or not,
// as on QEMU: kernels print their first words before they set it up.
class Pl011 final : public Device, public MmioHandler {
 public:
  Pl011(CharStream& stream, InterruptLine irq) : stream_(stream), irq_(std::move(irq)) {}

  // Host to guest, with the device lock held.
  void Receive(std::span<const std::byte> bytes);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  struct Registers {
    uint16_t integer_divisor = 0, control = pl011::kControlReset, mask = 0;
    uint8_t low_power = 0, fractional_divisor = 0, line_control = 0, dma = 0;
    uint8_t fifo_levels = pl011::kFifoLevelsReset;
    bool transmit_pending = false;
  };

  uint64_t ReadRegister(pl011::Reg reg, uint32_t index);
  void WriteRegister(pl011::Reg reg, uint16_t value);
  uint8_t ReadData();
  void Transmit(uint8_t byte);
  void SetLineControl(uint8_t value);
  uint8_t Flags() const;
  uint16_t RawInterrupts() const;
  size_t FifoCapacity() const;
  void RefillFifo();
  void UpdateInterrupt() { irq_.Set((RawInterrupts() & regs_.mask) != 0); }

  CharStream& stream_;
  InterruptLine irq_;
  Registers regs_;
  ReceiveFifo fifo_;
};

}  // namespace emu
