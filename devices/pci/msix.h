// Interrupts as messages (MSI-X): a table of them in a BAR of the function.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "devices/pci/config_space.h"
#include "vmm/base/address_space.h"

namespace emu::pci {

// A write of 4 bytes to memory, by which a function interrupts.
using MessageSink = std::function<void(uint64_t address, uint32_t data)>;

// Part of a function: it keeps what the guest wrote to the table, and what waits to be unmasked.
class Msix {
 public:
  // `vectors` of at least 1; the table is at the start of BAR `bar`, which becomes TableBytes long.
  Msix(ConfigSpace& config, uint32_t vectors, uint32_t bar, MessageSink sink);

  // In the configuration: no pin is driven then.
  bool is_enabled() const { return (Control() & kMsixEnable) != 0; }
  uint32_t vector_count() const { return static_cast<uint32_t>(pending_.size()); }

  // Sends message `vector` now, or when it is unmasked. Nothing is sent for one beyond the table,
  // or while the function may not write memory.
  void Send(uint32_t vector);
  // After the guest has written to the configuration space.
  void ConfigWritten() { SendPending(); }

  AccessResult Read(uint64_t offset, uint32_t width_bytes, uint64_t* value) const;
  AccessResult Write(uint64_t offset, uint32_t width_bytes, uint64_t value);

  void Reset();
  // Fields 2 and 3.
  void VisitState(StateVisitor& visitor);

 private:
  uint16_t Control() const { return static_cast<uint16_t>(config_.Read(at_ + kMsixControl, 2)); }
  uint32_t Word(uint32_t vector, uint32_t offset) const;
  bool MaySend(uint32_t vector) const;
  void SendPending();

  ConfigSpace& config_;
  MessageSink sink_;
  uint32_t at_ = 0;
  uint64_t pending_at_ = 0;  // in the BAR
  std::vector<std::byte> table_;
  std::vector<bool> pending_;
};

}  // namespace emu::pci
