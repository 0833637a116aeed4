// The configuration space of one function: bytes, and which of their bits may be written.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "devices/pci/pci_spec.h"
#include "vmm/base/state_visitor.h"

namespace emu::pci {

struct Identity {
  uint16_t vendor;
  uint16_t device;
  uint8_t revision;
  uint32_t class_code;  // class, subclass and interface, from the highest byte down
  uint16_t subsystem_vendor;
  uint16_t subsystem;
  bool has_pin;  // A, if any
};

// A header of type 0 with memory BARs, and capabilities. Built once, before the guest sees it.
class ConfigSpace {
 public:
  explicit ConfigSpace(const Identity& identity);

  // BAR `index` of `size` bytes, a power of two of at least 16; a 64-bit one takes the next as
  // well.
  void AddBar(uint32_t index, uint64_t size, uint32_t flags = 0);
  // A capability of `body`'s bytes behind its header of two. Returns where its header is.
  uint32_t AddCapability(uint8_t id, std::span<const std::byte> body);
  // Lets the guest write `mask` of the `width_bytes` at `offset`.
  void MakeWritable(uint32_t offset, uint32_t width_bytes, uint32_t mask);

  // Accesses of 1, 2 or 4 bytes, aligned and inside.
  uint32_t Read(uint32_t offset, uint32_t width_bytes) const;
  void Write(uint32_t offset, uint32_t width_bytes, uint32_t value);
  // Whatever the guest may do.
  void Set(uint32_t offset, uint32_t width_bytes, uint32_t value);

  bool CommandHas(uint16_t bits) const { return (Read(kCommand, 2) & bits) == bits; }

  // The BAR that holds `address`, if memory is enabled.
  struct Target {
    uint32_t bar;
    uint64_t offset;
  };
  std::optional<Target> Find(uint64_t address) const;

  // As after power-on; what was built stays.
  void Reset() { bytes_ = initial_; }
  // Field 1. Of a snapshot only what the guest may write is taken.
  void VisitState(StateVisitor& visitor);

 private:
  uint64_t BaseOf(uint32_t bar) const;

  std::array<std::byte, kConfigBytes> bytes_ = {};
  std::array<std::byte, kConfigBytes> initial_ = {};
  std::array<std::byte, kConfigBytes> guest_bits_ = {};
  std::array<uint64_t, kBars> bar_bytes_ = {};
  uint32_t next_capability_ = kHeaderEnd;
  uint32_t last_link_ = kCapabilities;
};

}  // namespace emu::pci
