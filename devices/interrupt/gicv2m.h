// Arm's frame for messages in front of a GICv2: a write of an interrupt's number raises it.
#pragma once

#include <vector>

#include "devices/core/device.h"
#include "devices/core/register_spec.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// Server Base System Architecture (DEN 0029), appendix on GICv2m: register layout of a non-secure
// MSI frame.
namespace gicv2m {

inline constexpr uint64_t kMmioSize = 0x1000;

enum class Reg : uint32_t { kTyper, kSet, kIidr, kIdentification };

inline constexpr RegisterSpec kRegisters[] = {
    {static_cast<uint32_t>(Reg::kTyper), "MSI_TYPER", 0x008, 4, 4},
    {static_cast<uint32_t>(Reg::kSet), "MSI_SETSPI_NS", 0x040, 4, 4},
    {static_cast<uint32_t>(Reg::kIidr), "MSI_IIDR", 0xfcc, 4, 4},
    {static_cast<uint32_t>(Reg::kIdentification), "MSI_PIDR", 0xfd0, 4, 4, 12, 4},
};
static_assert(RegistersAreDisjoint(kRegisters));

inline constexpr uint64_t kSetOffset = 0x040;

}  // namespace gicv2m

// Its shared interrupts are edges, which a pulse raises: nothing is kept.
class Gicv2m final : public Device, public MmioHandler {
 public:
  // `lines` are of INTIDs from `first_intid` on.
  Gicv2m(uint32_t first_intid, std::vector<InterruptLine> lines)
      : first_intid_(first_intid), lines_(std::move(lines)) {}

  // A message; `number` that is none of this frame's is lost.
  void Raise(uint32_t number);

  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

  void Reset() override {}
  void VisitState(StateVisitor&) override {}

 private:
  uint64_t Register(gicv2m::Reg reg, uint32_t index) const;

  const uint32_t first_intid_;
  std::vector<InterruptLine> lines_;
};

}  // namespace emu
