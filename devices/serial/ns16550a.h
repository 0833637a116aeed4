// The UART of the boards' first serial port.
#pragma once

#include "devices/backend/char_stream.h"
#include "devices/core/device.h"
#include "devices/serial/receive_fifo.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// A 16550A whose line has no speed: a byte is sent as it is written, so the transmitter is always
// empty; a byte comes in as soon as the guest has made room for it, so nothing is overrun. The
// character timeout comes at once instead of after four character times.
class Ns16550a final : public Device, public MmioHandler {
 public:
  Ns16550a(CharStream& stream, InterruptLine irq);

  // Host to guest, with the device lock held.
  void Receive(std::span<const std::byte> bytes);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  struct Registers {
    uint8_t ier = 0, fcr = 0, lcr = 0, mcr = 0, lsr_errors = 0, scr = 0, dll = 0, dlm = 0;
    bool transmit_empty_pending = false;
  };

  uint8_t ReadData();
  uint8_t ReadIir();
  uint8_t ReadLsr();
  uint8_t Msr() const;
  uint8_t PendingCause() const;
  void Transmit(uint8_t byte);
  void WriteFcr(uint8_t value);
  void RefillFifo();
  void UpdateInterrupt();

  CharStream& stream_;
  InterruptLine irq_;
  Registers regs_;
  ReceiveFifo fifo_;
};

}  // namespace emu
