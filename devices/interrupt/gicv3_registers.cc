// The memory-mapped registers of Gicv3: one distributor, and a redistributor for each processor.
#include "devices/core/register_bank.h"
#include "devices/interrupt/gicv3.h"

namespace emu {

using namespace gicv3;
using gic::InBank;

namespace {

constexpr RegisterBank<DistributorReg> kDistributor(kDistributorRegisters);
constexpr RegisterBank<RedistributorReg> kRedistributor(kRedistributorRegisters);

}  // namespace

AccessResult Gicv3::ReadDistributor(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  return kDistributor.Read(offset, width_bytes, value, [this](DistributorReg reg, uint32_t index) {
    return DistributorRegister(reg, index);
  });
}

AccessResult Gicv3::WriteDistributor(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  return kDistributor.Write(
      offset, width_bytes, value,
      [this](DistributorReg reg, uint32_t index) { return DistributorRegister(reg, index); },
      [this](DistributorReg reg, uint32_t index, uint64_t whole) {
        SetDistributorRegister(reg, index, whole);
        UpdateAll();
      });
}

// With affinity routing a processor's own interrupts are not here, and what is not implemented
// reads as zero (s. 12.9).
uint64_t Gicv3::DistributorRegister(DistributorReg reg, uint32_t index) const {
  if (const auto in_bank = InBank(reg)) {
    const uint32_t words = gic::WordsInBank(*in_bank);
    if (index < words || index / words >= gic::kBankCount) return 0;
    return banks_[index / words].Read(*in_bank, index % words);
  }
  if (reg == DistributorReg::kCtlr) {
    return enabled_groups_ | kCtlrAffinityRouting | kCtlrOneSecurityState;
  }
  if (reg == DistributorReg::kTyper) return kDistributorTyper;
  if (reg == DistributorReg::kIidr) return kIidr;
  if (reg == DistributorReg::kIdentification) return IdentificationByte(index, kDistributorPidr0);
  if (reg == DistributorReg::kRouter && index < gic::kIntidCount) return route_[index];
  return 0;
}

void Gicv3::SetDistributorRegister(DistributorReg reg, uint32_t index, uint64_t value) {
  if (const auto in_bank = InBank(reg)) {
    const uint32_t words = gic::WordsInBank(*in_bank);
    if (index < words || index / words >= gic::kBankCount) return;
    banks_[index / words].Write(*in_bank, index % words, static_cast<uint32_t>(value));
    return;
  }
  if (reg == DistributorReg::kCtlr) {
    enabled_groups_ = static_cast<uint32_t>(value) & gic::kCtlrEnableGroups;
  } else if (reg == DistributorReg::kRouter && index >= gic::kPrivateCount &&
             index < gic::kIntidCount) {
    route_[index] = value & kRouterMask;
  }
}

AccessResult Gicv3::ReadRedistributor(uint64_t offset, uint32_t width_bytes, uint64_t* value) {
  const auto cpu = static_cast<uint32_t>(offset / kRedistributorStride);
  if (cpu >= cpus_.size()) return AccessResult::kBadAccess;
  return kRedistributor.Read(offset % kRedistributorStride, width_bytes, value,
                             [this, cpu](RedistributorReg reg, uint32_t index) {
                               return RedistributorRegister(cpu, reg, index);
                             });
}

AccessResult Gicv3::WriteRedistributor(uint64_t offset, uint32_t width_bytes, uint64_t value) {
  const auto cpu = static_cast<uint32_t>(offset / kRedistributorStride);
  if (cpu >= cpus_.size()) return AccessResult::kBadAccess;
  return kRedistributor.Write(
      offset % kRedistributorStride, width_bytes, value,
      [this, cpu](RedistributorReg reg, uint32_t index) {
        return RedistributorRegister(cpu, reg, index);
      },
      [this, cpu](RedistributorReg reg, uint32_t index, uint64_t whole) {
        SetRedistributorRegister(cpus_[cpu], reg, index, whole);
        Update(cpus_[cpu]);
      });
}

uint64_t Gicv3::RedistributorRegister(uint32_t number, RedistributorReg reg, uint32_t index) const {
  const Cpu& cpu = cpus_[number];
  if (const auto in_bank = InBank(reg)) return cpu.bank.Read(*in_bank, index);
  switch (reg) {
    case RedistributorReg::kCtlr:
      return kRedistributorCanDisableLpis |
             (cpu.lpis.is_enabled() ? kRedistributorEnableLpis : uint32_t{0});
    case RedistributorReg::kIidr:
      return kIidr;
    case RedistributorReg::kTyper:
      return uint64_t{number} << kTyperAffinityShift | kTyperCommonLpiAffinity |
             number << kTyperNumberShift | kTyperPhysicalLpis |
             (number + 1 == cpus_.size() ? kTyperLast : 0);
    case RedistributorReg::kWaker:
      return cpu.is_asleep ? kWakerSleep | kWakerChildrenAsleep : 0;
    case RedistributorReg::kPropertyBase:
      return cpu.lpis.property_base();
    case RedistributorReg::kPendingBase:
      return cpu.lpis.pending_base();
    case RedistributorReg::kIdentification:
    case RedistributorReg::kSgiIdentification:
      return IdentificationByte(index, kRedistributorPidr0);
    case RedistributorReg::kSync:           // writes are done at once
    case RedistributorReg::kGroupModifier:  // there is one security state
    case RedistributorReg::kNonSecureAccess:
    case RedistributorReg::kGroup:  // in the bank, as are the rest
    case RedistributorReg::kSetEnable:
    case RedistributorReg::kClearEnable:
    case RedistributorReg::kSetPending:
    case RedistributorReg::kClearPending:
    case RedistributorReg::kSetActive:
    case RedistributorReg::kClearActive:
    case RedistributorReg::kPriority:
    case RedistributorReg::kConfig:
      return 0;
  }
  return 0;
}

void Gicv3::SetRedistributorRegister(Cpu& cpu, RedistributorReg reg, uint32_t index,
                                     uint64_t value) {
  if (const auto in_bank = InBank(reg)) {
    cpu.bank.Write(*in_bank, index, static_cast<uint32_t>(value));
    cpu.bank.edge |= gic::kSgiMask;
    return;
  }
  if (reg == RedistributorReg::kCtlr) {
    cpu.lpis.SetEnabled((value & kRedistributorEnableLpis) != 0);
  } else if (reg == RedistributorReg::kWaker) {
    cpu.is_asleep = (value & kWakerSleep) != 0;
  } else if (reg == RedistributorReg::kPropertyBase) {
    cpu.lpis.SetPropertyBase(value);
  } else if (reg == RedistributorReg::kPendingBase) {
    cpu.lpis.SetPendingBase(value);
  }
}

}  // namespace emu
