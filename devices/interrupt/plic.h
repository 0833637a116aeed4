// Routes the interrupt lines of devices to the harts, by priority.
#pragma once

#include <array>
#include <vector>

#include "devices/core/device.h"
#include "devices/interrupt/plic_spec.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu {

// All sources are level-triggered.
class Plic final : public Device, public MmioHandler {
 public:
  // One line for each context (a hart in one privilege mode), in the order of their numbers.
  explicit Plic(std::vector<InterruptLine> contexts);

  // The wire that a device on source 1..kSourceCount-1 drives.
  InterruptLine Source(uint32_t source);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  using SourceBits = std::array<uint32_t, plic::kSourceWords>;
  struct Context {
    InterruptLine line;
    SourceBits enabled = {};
    uint32_t threshold = 0;
  };

  void SetLevel(uint32_t source, bool level);
  uint32_t Best(const Context& context) const;
  uint32_t Claim(Context& context);
  void Complete(Context& context, uint32_t source);
  uint64_t ReadRegister(plic::Reg reg, uint32_t index);
  void WriteRegister(plic::Reg reg, uint32_t index, uint32_t value);
  void UpdateContexts();

  std::vector<Context> contexts_;
  std::array<uint8_t, plic::kSourceCount> priority_ = {};
  SourceBits level_ = {};
  SourceBits pending_ = {};
  SourceBits claimed_ = {};  // the gateway is closed until completion
};

}  // namespace emu
