#include "devices/interrupt/gic_bank.h"

#include <bit>
#include <span>

namespace emu::gic {

void Bank::SetLevel(uint32_t bit, bool high) {
  const uint32_t mask = uint32_t{1} << bit;
  if (high && (level & mask) == 0) latched |= edge & mask;
  level = high ? level | mask : level & ~mask;
}

uint32_t Bank::Read(BankReg reg, uint32_t word) const {
  switch (reg) {
    case BankReg::kGroup:
      return group;
    case BankReg::kSetEnable:
    case BankReg::kClearEnable:
      return enabled;
    case BankReg::kSetPending:
    case BankReg::kClearPending:
      return Pending();
    case BankReg::kSetActive:
    case BankReg::kClearActive:
      return active;
    case BankReg::kPriority: {
      uint32_t value = 0;
      for (uint32_t i = 0; i < 4; ++i) value |= uint32_t{priority[4 * word + i]} << (8 * i);
      return value;
    }
    case BankReg::kConfig: {  // of two bits the upper one says "edge"
      uint32_t value = 0;
      for (uint32_t i = 0; i < 16; ++i) value |= (edge >> (16 * word + i) & 1) << (2 * i + 1);
      return value;
    }
  }
  return 0;
}

void Bank::Write(BankReg reg, uint32_t word, uint32_t value) {
  switch (reg) {
    case BankReg::kGroup:
      group = value;
      return;
    case BankReg::kSetEnable:
      enabled |= value;
      return;
    case BankReg::kClearEnable:
      enabled &= ~value;
      return;
    case BankReg::kSetPending:
      latched |= value;
      return;
    case BankReg::kClearPending:  // a wire that is high keeps its interrupt pending
      latched &= ~value;
      return;
    case BankReg::kSetActive:
      active |= value;
      return;
    case BankReg::kClearActive:
      active &= ~value;
      return;
    case BankReg::kPriority:
      for (uint32_t i = 0; i < 4; ++i) {
        priority[4 * word + i] = static_cast<uint8_t>(value >> (8 * i)) & kPriorityMask;
      }
      return;
    case BankReg::kConfig:
      for (uint32_t i = 0; i < 16; ++i) {
        const uint32_t mask = uint32_t{1} << (16 * word + i);
        edge = (value >> (2 * i + 1) & 1) != 0 ? edge | mask : edge & ~mask;
      }
      return;
  }
}

void Consider(const Bank& bank, uint32_t first_intid, uint32_t candidates,
              std::optional<Candidate>& best) {
  for (; candidates != 0; candidates &= candidates - 1) {
    const auto bit = static_cast<uint32_t>(std::countr_zero(candidates));
    if (best && bank.priority[bit] >= best->priority) continue;
    best = {first_intid + bit, bank.group >> bit & 1, bank.priority[bit]};
  }
}

void Bank::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "group", group);
  visitor.Small(2, "enabled", enabled);
  visitor.Small(3, "latched", latched);
  visitor.Small(4, "active", active);
  visitor.Small(5, "edge", edge);
  visitor.Small(6, "level", level);
  visitor.Field(7, "priority", std::as_writable_bytes(std::span(priority)));
}

void Bank::MaskPriorities() {
  for (uint8_t& each : priority) each &= kPriorityMask;
}

}  // namespace emu::gic
