// 32 interrupts of an Arm GIC, a bit each: what its distributor and redistributors keep of them.
#pragma once

#include <array>
#include <cstdint>

#include "vmm/base/state_visitor.h"

namespace emu::gic {

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

struct Bank {
  uint32_t group = 0;  // 1: group 1
  uint32_t enabled = 0;
  uint32_t latched = 0;  // pending because of an edge, or because software says so
  uint32_t active = 0;
  uint32_t edge = 0;   // 1: edge-triggered
  uint32_t level = 0;  // of the wires
  std::array<uint8_t, 32> priority = {};

  uint32_t Pending() const { return latched | (level & ~edge); }
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

// Of a priority 5 bits are there, as on QEMU's virt: 32 levels.
inline constexpr uint8_t kPriorityMask = 0xf8;

}  // namespace emu::gic
