#include "devices/serial/ns16550a.h"

#include "devices/core/register_bank.h"
#include "devices/serial/ns16550a_spec.h"
#include "vmm/base/status_macros.h"

namespace emu {
namespace {

using namespace ns16550a;

constexpr RegisterBank<Reg> kBank(kRegisters);

}  // namespace

Ns16550a::Ns16550a(CharStream& stream, InterruptLine irq) : stream_(stream), irq_(std::move(irq)) {}

void Ns16550a::Reset() {
  regs_ = {};
  fifo_.Clear();
  RefillFifo();
  UpdateInterrupt();
}

void Ns16550a::Receive(std::span<const std::byte> bytes) {
  fifo_.Receive(bytes);
  RefillFifo();
  UpdateInterrupt();
}

AccessResult Ns16550a::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  const AccessResult result =
      kBank.Read(offset, width_bytes, value, [this](Reg reg, uint32_t) -> uint64_t {
        const bool divisor = (regs_.lcr & kLcrDivisorLatch) != 0;
        switch (reg) {
          case Reg::kData:
            return divisor ? regs_.dll : ReadData();
          case Reg::kIer:
            return divisor ? regs_.dlm : regs_.ier;
          case Reg::kIirFcr:
            return ReadIir();
          case Reg::kLcr:
            return regs_.lcr;
          case Reg::kMcr:
            return regs_.mcr;
          case Reg::kLsr:
            return ReadLsr();
          case Reg::kMsr:
            return Msr();
          case Reg::kScr:
            return regs_.scr;
        }
        return 0;
      });
  UpdateInterrupt();
  return result;
}

AccessResult Ns16550a::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  const auto no_parts = [](Reg, uint32_t) { return uint64_t{0}; };
  const AccessResult result =
      kBank.Write(offset, width_bytes, value, no_parts, [this](Reg reg, uint32_t, uint64_t whole) {
        const auto byte = static_cast<uint8_t>(whole);
        const bool divisor = (regs_.lcr & kLcrDivisorLatch) != 0;
        switch (reg) {
          case Reg::kData:
            if (divisor) {
              regs_.dll = byte;
            } else {
              Transmit(byte);
            }
            return;
          case Reg::kIer:
            if (divisor) {
              regs_.dlm = byte;
              return;
            }
            // Turning the interrupt on while the transmitter is empty raises it (s. 8.5).
            if ((byte & ~regs_.ier & kIerTransmitEmpty) != 0) regs_.transmit_empty_pending = true;
            regs_.ier = byte & kIerMask;
            return;
          case Reg::kIirFcr:
            WriteFcr(byte);
            return;
          case Reg::kLcr:
            regs_.lcr = byte;
            return;
          case Reg::kMcr:
            regs_.mcr = byte & kMcrMask;
            return;
          case Reg::kScr:
            regs_.scr = byte;
            return;
          case Reg::kLsr:  // factory tests only
          case Reg::kMsr:
            return;
        }
      });
  UpdateInterrupt();
  return result;
}

uint8_t Ns16550a::ReadData() {
  const uint8_t byte = fifo_.Pop();
  RefillFifo();
  return byte;
}

uint8_t Ns16550a::ReadIir() {
  const uint8_t cause = PendingCause();
  if (cause == kIirTransmitEmpty) regs_.transmit_empty_pending = false;  // table IV
  return cause | ((regs_.fcr & kFcrEnable) != 0 ? kIirFifosOn : 0);
}

uint8_t Ns16550a::ReadLsr() {
  const uint8_t status = regs_.lsr_errors | kLsrTransmitHoldEmpty | kLsrTransmitterEmpty |
                         (fifo_.empty() ? 0 : kLsrDataReady);
  regs_.lsr_errors = 0;
  return status;
}

// The other end is always ready; in loopback the outputs come back as inputs (s. 8.7).
uint8_t Ns16550a::Msr() const {
  if ((regs_.mcr & kMcrLoopback) == 0) return kMsrCts | kMsrDsr | kMsrDcd;
  return ((regs_.mcr & kMcrRts) != 0 ? kMsrCts : 0) | ((regs_.mcr & kMcrDtr) != 0 ? kMsrDsr : 0) |
         ((regs_.mcr & kMcrOut1) != 0 ? kMsrRing : 0) | ((regs_.mcr & kMcrOut2) != 0 ? kMsrDcd : 0);
}

// Table IV, highest priority first.
uint8_t Ns16550a::PendingCause() const {
  if ((regs_.ier & kIerLineStatus) != 0 && regs_.lsr_errors != 0) return kIirLineStatus;
  if ((regs_.ier & kIerReceived) != 0 && !fifo_.empty()) {
    const bool fifo_on = (regs_.fcr & kFcrEnable) != 0;
    const size_t trigger = fifo_on ? kTriggerLevels[regs_.fcr >> kFcrTriggerShift] : 1;
    return fifo_.size() >= trigger ? kIirReceived : kIirTimeout;
  }
  if ((regs_.ier & kIerTransmitEmpty) != 0 && regs_.transmit_empty_pending) {
    return kIirTransmitEmpty;
  }
  return kIirNone;
}

void Ns16550a::Transmit(uint8_t byte) {
  regs_.transmit_empty_pending = true;
  const auto out = static_cast<std::byte>(byte);
  if ((regs_.mcr & kMcrLoopback) == 0) {
    stream_.Write({&out, 1});
  } else if (!fifo_.Push(out, kFifoBytes)) {
    regs_.lsr_errors |= kLsrOverrun;
  }
}

void Ns16550a::WriteFcr(uint8_t value) {
  const bool toggled = ((value ^ regs_.fcr) & kFcrEnable) != 0;
  if (toggled || (value & kFcrClearReceive) != 0) fifo_.Clear();
  // The other bits are written only with the enable bit set (s. 8.3).
  regs_.fcr = (value & kFcrEnable) != 0 ? value & 0xc9 : 0;
  RefillFifo();
}

void Ns16550a::RefillFifo() {
  if ((regs_.mcr & kMcrLoopback) != 0) return;
  fifo_.Refill((regs_.fcr & kFcrEnable) != 0 ? kFifoBytes : 1);
}

void Ns16550a::UpdateInterrupt() { irq_.Set(PendingCause() != kIirNone); }

void Ns16550a::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "ier", regs_.ier);
  visitor.Small(2, "fcr", regs_.fcr);
  visitor.Small(3, "lcr", regs_.lcr);
  visitor.Small(4, "mcr", regs_.mcr);
  visitor.Small(5, "lsr_errors", regs_.lsr_errors);
  visitor.Small(6, "scr", regs_.scr);
  visitor.Small(7, "dll", regs_.dll);
  visitor.Small(8, "dlm", regs_.dlm);
  visitor.Small(9, "transmit_empty_pending", regs_.transmit_empty_pending);
  fifo_.VisitState(visitor);
}

absl::Status Ns16550a::AfterRestore() {
  RETURN_IF_ERROR(fifo_.CheckRestored("ns16550a", kFifoBytes));
  regs_.ier &= kIerMask;
  regs_.mcr &= kMcrMask;
  UpdateInterrupt();
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu
