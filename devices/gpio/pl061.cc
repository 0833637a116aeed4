#include "devices/gpio/pl061.h"

#include "devices/core/register_bank.h"

namespace emu {
namespace {

using namespace pl061;

constexpr RegisterBank<Reg> kBank(kRegisters);

}  // namespace

InterruptLine Pl061::Input(uint32_t pin) {
  return InterruptLine([this, pin](bool level) {
    const uint8_t before = Pins();
    const auto bit = static_cast<uint8_t>(1u << pin);
    inputs_ = level ? inputs_ | bit : inputs_ & ~bit;
    SeePins(before);
  });
}

// The levels are others' and stay.
void Pl061::Reset() {
  regs_ = {};
  UpdateInterrupt();
}

// s. 2.3.3: edges are kept until they are cleared.
void Pl061::SeePins(uint8_t before) {
  const uint8_t pins = Pins();
  const uint8_t wanted = regs_.both_edges | ~(pins ^ regs_.event);
  regs_.edges |= (pins ^ before) & ~regs_.level_sense & wanted;
  UpdateInterrupt();
}

uint8_t Pl061::RawInterrupts() const {
  const uint8_t levels = ~(Pins() ^ regs_.event) & regs_.level_sense;
  return levels | (regs_.edges & ~regs_.level_sense);
}

AccessResult Pl061::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kBank.Read(offset, width_bytes, value, [this](Reg reg, uint32_t index) -> uint64_t {
    return ReadRegister(reg, index);
  });
}

AccessResult Pl061::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kBank.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return uint64_t{0}; },
      [this](Reg reg, uint32_t index, uint64_t whole) {
        const uint8_t before = Pins();
        WriteRegister(reg, index, static_cast<uint8_t>(whole));
        SeePins(before);
      });
}

uint8_t Pl061::ReadRegister(Reg reg, uint32_t index) const {
  switch (reg) {
    case Reg::kData:
      return Pins() & index;
    case Reg::kDirection:
      return regs_.direction;
    case Reg::kLevelSense:
      return regs_.level_sense;
    case Reg::kBothEdges:
      return regs_.both_edges;
    case Reg::kEvent:
      return regs_.event;
    case Reg::kMask:
      return regs_.mask;
    case Reg::kRaw:
      return RawInterrupts();
    case Reg::kMasked:
      return RawInterrupts() & regs_.mask;
    case Reg::kClear:
      return 0;
    case Reg::kAlternate:
      return regs_.alternate;
    case Reg::kIdentification:
      return kIdentification[index];
  }
  return 0;
}

void Pl061::WriteRegister(Reg reg, uint32_t index, uint8_t value) {
  switch (reg) {
    case Reg::kData: {  // pins that are inputs take nothing
      const auto mask = static_cast<uint8_t>(index & regs_.direction);
      regs_.output = (regs_.output & ~mask) | (value & mask);
      return;
    }
    case Reg::kDirection:
      regs_.direction = value;
      return;
    case Reg::kLevelSense:
      regs_.level_sense = value;
      return;
    case Reg::kBothEdges:
      regs_.both_edges = value;
      return;
    case Reg::kEvent:
      regs_.event = value;
      return;
    case Reg::kMask:
      regs_.mask = value;
      return;
    case Reg::kClear:
      regs_.edges &= ~value;
      return;
    case Reg::kAlternate:
      regs_.alternate = value;
      return;
    case Reg::kRaw:  // read-only
    case Reg::kMasked:
    case Reg::kIdentification:
      return;
  }
}

void Pl061::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "inputs", inputs_);
  visitor.Small(2, "output", regs_.output);
  visitor.Small(3, "direction", regs_.direction);
  visitor.Small(4, "level_sense", regs_.level_sense);
  visitor.Small(5, "both_edges", regs_.both_edges);
  visitor.Small(6, "event", regs_.event);
  visitor.Small(7, "mask", regs_.mask);
  visitor.Small(8, "edges", regs_.edges);
  visitor.Small(9, "alternate", regs_.alternate);
}

absl::Status Pl061::AfterRestore() {
  UpdateInterrupt();
  irq_.Redrive();
  return absl::OkStatus();
}

}  // namespace emu
