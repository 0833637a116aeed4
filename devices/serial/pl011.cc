#include "devices/serial/pl011.h"

#include "devices/core/register_bank.h"
#include "vmm/base/status_macros.h"

namespace emu {
namespace {

using namespace pl011;

constexpr RegisterBank<Reg> kBank(kRegisters);

}  // namespace

void Pl011::Reset() {
  regs_ = {};
  fifo_.Clear();
  RefillFifo();
  UpdateInterrupt();
}

void Pl011::Receive(std::span<const std::byte> bytes) {
  fifo_.Receive(bytes);
  RefillFifo();
  UpdateInterrupt();
}

AccessResult Pl011::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  const AccessResult result =
      kBank.Read(offset, width_bytes, value,
                 [this](Reg reg, uint32_t index) { return ReadRegister(reg, index); });
  UpdateInterrupt();
  return result;
}

AccessResult Pl011::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  const AccessResult result = kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t, uint64_t whole) {
        WriteRegister(reg, static_cast<uint16_t>(whole));
      });
  UpdateInterrupt();
  return result;
}

uint64_t Pl011::ReadRegister(Reg reg, uint32_t index) {
  switch (reg) {
    case Reg::kData:
      return ReadData();
    case Reg::kErrors:  // there are none on this line
    case Reg::kClear:   // write-only
      return 0;
    case Reg::kFlags:
      return Flags();
    case Reg::kLowPower:
      return regs_.low_power;
    case Reg::kIntegerDivisor:
      return regs_.integer_divisor;
    case Reg::kFractionalDivisor:
      return regs_.fractional_divisor;
    case Reg::kLineControl:
      return regs_.line_control;
    case Reg::kControl:
      return regs_.control;
    case Reg::kFifoLevels:
      return regs_.fifo_levels;
    case Reg::kMask:
      return regs_.mask;
    case Reg::kRaw:
      return RawInterrupts();
    case Reg::kMasked:
      return RawInterrupts() & regs_.mask;
    case Reg::kDma:
      return regs_.dma;
    case Reg::kIdentification:
      return kIdentification[index];
  }
  return 0;
}

void Pl011::WriteRegister(Reg reg, uint16_t value) {
  switch (reg) {
    case Reg::kData:
      return Transmit(static_cast<uint8_t>(value));
    case Reg::kLowPower:
      regs_.low_power = value & kLowPowerMask;
      return;
    case Reg::kIntegerDivisor:
      regs_.integer_divisor = value;
      return;
    case Reg::kFractionalDivisor:
      regs_.fractional_divisor = value & kFractionalMask;
      return;
    case Reg::kLineControl:
      return SetLineControl(value & kLineMask);
    case Reg::kControl:
      regs_.control = value & kControlMask;
      return;
    case Reg::kFifoLevels:
      regs_.fifo_levels = value & kFifoLevelsMask;
      return;
    case Reg::kMask:
      regs_.mask = value & kInterruptMask;
      return;
    case Reg::kClear:  // what is received stays until it is read
      if ((value & kInterruptTransmit) != 0) regs_.transmit_pending = false;
      return;
    case Reg::kDma:
      regs_.dma = value & kDmaMask;
      return;
    case Reg::kErrors:
    case Reg::kFlags:  // read-only from here on
    case Reg::kRaw:
    case Reg::kMasked:
    case Reg::kIdentification:
      return;
  }
}

uint8_t Pl011::ReadData() {
  const uint8_t byte = fifo_.Pop();
  RefillFifo();
  return byte;
}

void Pl011::Transmit(uint8_t byte) {
  regs_.transmit_pending = true;
  const auto out = static_cast<std::byte>(byte);
  if ((regs_.control & kControlLoopback) == 0) return stream_.Write({&out, 1});
  (void)fifo_.Push(out, FifoCapacity());
}

// s. 3.3.7: turning the FIFOs on or off empties them.
void Pl011::SetLineControl(uint8_t value) {
  const bool toggled = ((regs_.line_control ^ value) & kLineFifosOn) != 0;
  regs_.line_control = value;
  if (!toggled) return;
  fifo_.Clear();
  RefillFifo();
}

// The other end is always ready.
uint8_t Pl011::Flags() const {
  return kFlagCts | kFlagDsr | kFlagDcd | kFlagTransmitEmpty |
         (fifo_.empty() ? kFlagReceiveEmpty : 0) |
         (fifo_.size() >= FifoCapacity() ? kFlagReceiveFull : 0);
}

uint16_t Pl011::RawInterrupts() const {
  const bool fifo_on = (regs_.line_control & kLineFifosOn) != 0;
  const size_t trigger =
      fifo_on ? kTriggerLevels[regs_.fifo_levels >> kReceiveLevelShift & kReceiveLevelMask] : 1;
  uint16_t raw = regs_.transmit_pending ? kInterruptTransmit : 0;
  if (fifo_.size() >= trigger) raw |= kInterruptReceive;
  if (fifo_on && !fifo_.empty()) raw |= kInterruptTimeout;
  return raw;
}

size_t Pl011::FifoCapacity() const {
  return (regs_.line_control & kLineFifosOn) != 0 ? kFifoBytes : 1;
}

void Pl011::RefillFifo() {
  if ((regs_.control & kControlLoopback) != 0) return;
  fifo_.Refill(FifoCapacity());
}

void Pl011::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "integer_divisor", regs_.integer_divisor);
  visitor.Small(2, "fractional_divisor", regs_.fractional_divisor);
  visitor.Small(3, "line_control", regs_.line_control);
  visitor.Small(4, "control", regs_.control);
  visitor.Small(5, "fifo_levels", regs_.fifo_levels);
  visitor.Small(6, "mask", regs_.mask);
  visitor.Small(7, "low_power", regs_.low_power);
  visitor.Small(8, "dma", regs_.dma);
  visitor.Small(9, "transmit_pending", regs_.transmit_pending);
  fifo_.VisitState(visitor);
}

absl::Status Pl011::AfterRestore() {
  RETURN_IF_ERROR(fifo_.CheckRestored("pl011", FifoCapacity()));
  UpdateInterrupt();
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu
