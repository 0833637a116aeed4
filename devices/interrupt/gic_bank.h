// 32 interrupts of an Arm GIC, a bit each: what its distributor and redistributors keep of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "vmm/base/state_visitor.h"

namespace emu::gic {

inline constexpr uint32_t kPrivateCount = 32;  // INTIDs 0-15 are software's, 16-31 a processor's
inline constexpr uint32_t kIntidCount = 288;   // 256 shared ones, as on QEMU's virt
inline constexpr uint32_t kBankCount = kIntidCount / 32;
inline constexpr uint32_t kNoInterrupt = 1023;
inline constexpr uint32_t kCtlrEnableGroups = 0x3;  // bit g: group g

// Registers that come in banks: a bit, two bits or a byte for each interrupt. The registers of a
// distributor or redistributor are counted from these on.
enum class BankReg : uint32_t {
  kGroup,
  kSetEnable,
  kClearEnable,
  kSetPending,
  kClearPending,
  kSetActive,
  kClearActive,
  kPriority,  // 8 words
  kConfig,    // 2 words
};
inline constexpr uint32_t kBankRegCount = 9;

constexpr uint32_t WordsInBank(BankReg reg) {
  return reg == BankReg::kPriority ? 8 : reg == BankReg::kConfig ? 2 : 1;
}

// Which of them `reg` is, of an enumeration that begins with them.
template <typename Reg>
constexpr std::optional<BankReg> InBank(Reg reg) {
  static_assert(static_cast<uint32_t>(Reg::kConfig) == static_cast<uint32_t>(BankReg::kConfig));
  if (static_cast<uint32_t>(reg) >= kBankRegCount) return std::nullopt;
  return static_cast<BankReg>(reg);
}

struct Bank {
  uint32_t group = 0;  // 1: group 1
  uint32_t enabled = 0;
  uint32_t latched = 0;  // pending because of an edge, or because software says so
  uint32_t active = 0;
  uint32_t edge = 0;   // 1: edge-triggered
  uint32_t level = 0;  // of the wires
  std::array<uint8_t, 32> priority = {};

  uint32_t Pending() const { return latched | (level & ~edge); }
  // Pending, enabled, not active, of a group that is let through.
  uint32_t Ready(bool group0, bool group1) const {
    return Pending() & enabled & ~active & ((group0 ? ~group : 0) | (group1 ? group : 0));
  }
  void SetLevel(uint32_t bit, bool high);
  // It becomes active; an edge is used up.
  void Acknowledge(uint32_t bit) {
    latched &= ~(uint32_t{1} << bit);
    active |= uint32_t{1} << bit;
  }

  // `word` counts within the bank.
  uint32_t Read(BankReg reg, uint32_t word) const;
  void Write(BankReg reg, uint32_t word, uint32_t value);

  void VisitState(StateVisitor& visitor);
  void MaskPriorities();  // to the bits that are there
};

// An interrupt that wants a processor's attention.
struct Candidate {
  uint32_t intid;
  uint32_t group;
  uint8_t priority;  // the lowest number is the most urgent
};
// Keeps in `best` the more urgent of itself and what is in `bank` at the bits of `candidates`; of
// equal priorities the lowest number.
void Consider(const Bank& bank, uint32_t first_intid, uint32_t candidates,
              std::optional<Candidate>& best);

inline constexpr uint32_t kSgiMask = 0xffff;  // software's interrupts are edges for ever

// Of a priority 5 bits are there, as on QEMU's virt: 32 levels.
inline constexpr uint8_t kPriorityMask = 0xf8;

}  // namespace emu::gic
