// Turns messages of devices into interrupts of processors, by tables in the guest's memory.
#pragma once

#include <array>
#include <optional>

#include "devices/core/device.h"
#include "devices/core/dma_port.h"
#include "devices/interrupt/gicv3.h"
#include "devices/interrupt/gicv3_its_spec.h"
#include "vmm/base/address_space.h"

namespace emu {

// Nothing of the tables is cached, so that a command is done when it has been read. A command that
// makes no sense is skipped (s. 5.3.1 leaves that to us); a queue that is not memory stops.
class Gicv3Its final : public Device, public MmioHandler {
 public:
  Gicv3Its(GuestMemory& memory, Gicv3& gic) : dma_(memory), gic_(gic) {}

  // Device `device` has written `event` to GITS_TRANSLATER. A processor that does is device 0.
  void Translate(uint32_t device, uint32_t event);

  void Reset() override;
  void VisitState(StateVisitor& visitor) override;
  absl::Status AfterRestore() override;
  AccessResult MmioRead(uint64_t offset, uint32_t width_bytes, uint64_t* value) override;
  AccessResult MmioWrite(uint64_t offset, uint32_t width_bytes, uint64_t value) override;

 private:
  using CommandWords = std::array<uint64_t, 4>;
  // An event's entry, and where it lies.
  struct Event {
    GuestPhysAddr place;
    uint32_t intid;
    uint32_t collection;
  };

  uint64_t ReadRegister(gicv3_its::Reg reg, uint32_t index) const;
  void WriteRegister(gicv3_its::Reg reg, uint32_t index, uint64_t value);

  void RunCommands();
  void Run(const CommandWords& command);
  void MapDevice(const CommandWords& command);
  void MapCollection(const CommandWords& command);
  void MapEvent(uint32_t device, uint32_t event, uint32_t intid, uint32_t collection);
  void MoveEvent(uint32_t device, uint32_t event, uint32_t collection);
  void SetPending(uint32_t device, uint32_t event, bool pending);

  // Where entry `id` of a table lies; nothing if the table has none.
  std::optional<GuestPhysAddr> EntryPlace(uint32_t table, uint64_t id) const;
  // Where the entry of an event lies, in the table of its device.
  std::optional<GuestPhysAddr> EventPlace(uint32_t device, uint32_t event) const;
  std::optional<Event> FindEvent(uint32_t device, uint32_t event) const;
  // The processor that a collection leads to.
  std::optional<uint64_t> TargetOf(uint32_t collection) const;
  void Store(std::optional<GuestPhysAddr> place, uint64_t entry);

  DmaPort dma_;
  Gicv3& gic_;
  bool is_enabled_ = false;
  uint64_t command_base_ = 0;
  uint64_t command_write_ = 0;  // offsets in the queue
  uint64_t command_read_ = 0;
  std::array<uint64_t, gicv3_its::kTableCount> table_base_ = gicv3_its::kTableFixed;
};

}  // namespace emu
