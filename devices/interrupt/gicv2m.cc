#include "devices/interrupt/gicv2m.h"

#include "devices/core/register_bank.h"
#include "devices/interrupt/gicv2_spec.h"

namespace emu {

using namespace gicv2m;

namespace {

constexpr RegisterBank<Reg> kFrame(kRegisters);
constexpr uint32_t kFirstShift = 16;  // of the first INTID in MSI_TYPER

}  // namespace

void Gicv2m::Raise(uint32_t number) {
  if (number < first_intid_ || number - first_intid_ >= lines_.size()) return;
  InterruptLine& line = lines_[number - first_intid_];
  line.Set(true);
  line.Set(false);
}

AccessResult Gicv2m::MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kFrame.Read(offset, width_bytes, value,
                     [this](Reg reg, uint32_t index) { return Register(reg, index); });
}

AccessResult Gicv2m::MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kFrame.Write(
      offset, width_bytes, value, [](Reg, uint32_t) { return 0; },
      [this](Reg reg, uint32_t, uint64_t whole) {
        if (reg == Reg::kSet) Raise(static_cast<uint32_t>(whole));
      });
}

uint64_t Gicv2m::Register(Reg reg, uint32_t index) const {
  if (reg == Reg::kTyper) return first_intid_ << kFirstShift | lines_.size();
  if (reg == Reg::kIidr) return gicv2::kIidr;
  return reg == Reg::kIdentification ? gicv2::kIdentification[index] : 0;
}

}  // namespace emu
