// The interrupt controller of aarch64's `virt` board: version 3 with its translation of messages,
// or version 2 with a frame for them.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "devices/interrupt/gic.h"
#include "vmm/base/address_space.h"
#include "vmm/machine/board.h"

namespace emu::aarch64_virt {

class InterruptSystem {
 public:
  virtual ~InterruptSystem() = default;

  virtual Gic& gic() = 0;
  // AddressSpace::MapMmio's errors.
  virtual absl::Status Map(AddressSpace& address_space) = 0;
  virtual void AppendTo(std::vector<Board::NamedDevice>& devices) = 0;
  // PCI function `requester` writes `data`; false: nobody takes messages at `address`.
  virtual bool SendMessage(uint32_t requester, uint64_t address, uint32_t data) = 0;
};

// `version` is 2 or 3.
std::unique_ptr<InterruptSystem> MakeInterruptSystem(uint32_t version, GuestMemory& memory,
                                                     std::vector<Gic::CpuLines> cpus);

}  // namespace emu::aarch64_virt
