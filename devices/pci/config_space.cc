#include "devices/pci/config_space.h"

#include <algorithm>
#include <vector>

#include "vmm/base/bits.h"

namespace emu::pci {

ConfigSpace::ConfigSpace(const Identity& identity) {
  Set(kVendorId, 2, identity.vendor);
  Set(kDeviceId, 2, identity.device);
  Set(kRevision, 1, identity.revision);
  Set(kClassCode, 1, identity.class_code & 0xff);
  Set(kClassCode + 1, 2, identity.class_code >> 8);
  Set(kSubsystemVendorId, 2, identity.subsystem_vendor);
  Set(kSubsystemId, 2, identity.subsystem);
  Set(kInterruptPin, 1, identity.has_pin ? 1 : 0);
  MakeWritable(kCommand, 2,
               kCommandMemory | kCommandMaster | kCommandParity | kCommandSerr | kCommandNoPin);
  MakeWritable(kCacheLine, 1, 0xff);
  MakeWritable(kInterruptLine, 1, 0xff);
  initial_ = bytes_;
}

// A size shows itself: the bits below it can't be written (s. 6.2.5.1).
void ConfigSpace::AddBar(uint32_t index, uint64_t size, uint32_t flags) {
  const uint32_t at = kBar0 + 4 * index;
  bar_bytes_[index] = size;
  Set(at, 4, flags);
  MakeWritable(at, 4, static_cast<uint32_t>(~(size - 1)));
  if ((flags & kBar64Bit) != 0) MakeWritable(at + 4, 4, static_cast<uint32_t>(~(size - 1) >> 32));
  initial_ = bytes_;
}

uint32_t ConfigSpace::AddCapability(uint8_t id, std::span<const std::byte> body) {
  const uint32_t at = next_capability_;
  Set(last_link_, 1, at);
  Set(at, 1, id);
  std::ranges::copy(body, bytes_.begin() + at + 2);
  last_link_ = at + 1;
  next_capability_ = static_cast<uint32_t>(AlignUp(at + 2 + body.size(), 4));
  Set(kStatus, 2, kStatusCapabilities);
  initial_ = bytes_;
  return at;
}

void ConfigSpace::MakeWritable(uint32_t offset, uint32_t width_bytes, uint32_t mask) {
  for (uint32_t i = 0; i < width_bytes; ++i) {
    guest_bits_[offset + i] = static_cast<std::byte>(mask >> (8 * i));
  }
}

uint32_t ConfigSpace::Read(uint32_t offset, uint32_t width_bytes) const {
  uint32_t value = 0;
  for (uint32_t i = 0; i < width_bytes; ++i) {
    value |= static_cast<uint32_t>(bytes_[offset + i]) << (8 * i);
  }
  return value;
}

void ConfigSpace::Write(uint32_t offset, uint32_t width_bytes, uint32_t value) {
  for (uint32_t i = 0; i < width_bytes; ++i) {
    const std::byte mask = guest_bits_[offset + i];
    std::byte& byte = bytes_[offset + i];
    byte = (byte & ~mask) | (static_cast<std::byte>(value >> (8 * i)) & mask);
  }
}

void ConfigSpace::Set(uint32_t offset, uint32_t width_bytes, uint32_t value) {
  for (uint32_t i = 0; i < width_bytes; ++i) {
    bytes_[offset + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

uint64_t ConfigSpace::BaseOf(uint32_t bar) const {
  const uint32_t low = Read(kBar0 + 4 * bar, 4);
  const uint64_t high = (low & kBar64Bit) != 0 ? Read(kBar0 + 4 * bar + 4, 4) : 0;
  return high << 32 | (low & ~kBarFlags);
}

std::optional<ConfigSpace::Target> ConfigSpace::Find(uint64_t address) const {
  if (!CommandHas(kCommandMemory)) return std::nullopt;
  for (uint32_t bar = 0; bar < kBars; ++bar) {
    if (bar_bytes_[bar] == 0) continue;
    const uint64_t base = BaseOf(bar);
    if (address - base < bar_bytes_[bar]) return Target{bar, address - base};
  }
  return std::nullopt;
}

void ConfigSpace::VisitState(StateVisitor& visitor) {
  std::vector<std::byte> bytes(bytes_.begin(), bytes_.end());
  visitor.Field(1, "config", bytes);
  if (!visitor.IsReading()) return;
  bytes.resize(kConfigBytes);
  for (size_t i = 0; i < kConfigBytes; ++i) {
    bytes_[i] = (initial_[i] & ~guest_bits_[i]) | (bytes[i] & guest_bits_[i]);
  }
}

}  // namespace emu::pci
