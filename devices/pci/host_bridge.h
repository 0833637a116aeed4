// The root of a PCI bus that is reached through memory alone: ECAM, and windows for BARs.
#pragma once

#include <array>
#include <vector>

#include "devices/core/device.h"
#include "devices/core/dma_port.h"
#include "devices/pci/function.h"
#include "vmm/base/address_space.h"
#include "vmm/base/interrupt_line.h"

namespace emu::pci {

// Bus 0 with up to 31 functions, each in a slot of its own; the bridge itself is slot 0. It has the
// identity of QEMU's, which firmware and kernels take for a generic one. There is no I/O space.
class HostBridge final : public Device {
 public:
  // A message that a function sends: true if an interrupt controller takes it; else it is what it
  // says, a write to memory. `requester` is the function's number on the bus.
  using Controller = std::function<bool(uint32_t requester, uint64_t address, uint32_t data)>;

  // `pins`: where the interrupt pins A to D of slot 0 lead; with each slot they move on by one.
  HostBridge(GuestMemory& memory, std::array<InterruptLine, kPins> pins, Controller controller);

  // What slot 1 to 31 gives its function; it is plugged in afterwards, and outlives this.
  Slot MakeSlot(uint32_t slot);
  void Plug(uint32_t slot, Function& function) { functions_[slot] = &function; }

  // The whole of the configuration, 1 MiB a bus.
  MmioHandler& ecam() { return ecam_; }
  // A window of addresses that BARs may be given; what lies at `base` there, as functions see it.
  MmioHandler& AddWindow(GuestPhysAddr base);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override { config_.VisitState(visitor); }
  absl::Status AfterRestore() override;

 private:
  class Ecam final : public MmioHandler {
   public:
    explicit Ecam(HostBridge& bridge) : bridge_(bridge) {}
    AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
    AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

   private:
    HostBridge& bridge_;
  };
  class Window final : public MmioHandler {
   public:
    Window(HostBridge& bridge, GuestPhysAddr base) : bridge_(bridge), base_(base) {}
    AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
    AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

   private:
    HostBridge& bridge_;
    GuestPhysAddr base_;
  };

  void SetPin(uint32_t slot, bool level);

  DmaPort dma_;
  std::array<InterruptLine, kPins> pins_;
  Controller controller_;
  ConfigSpace config_;
  std::array<Function*, kSlots> functions_ = {};
  uint32_t asserted_ = 0;  // by slot
  Ecam ecam_;
  std::vector<std::unique_ptr<Window>> windows_;
};

}  // namespace emu::pci
