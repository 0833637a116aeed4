// The distributor's registers of Gicv2.
#include <utility>

#include "devices/core/register_bank.h"
#include "devices/interrupt/gicv2.h"
#include "vmm/base/bits.h"

namespace emu {

using namespace gicv2;

namespace {

constexpr RegisterBank<DistributorReg> kDistributor(kDistributorRegisters);

constexpr uint32_t kInWord = 4;  // bytes, each of one interrupt

template <typename Bytes>
uint32_t WordOf(const Bytes& bytes, uint32_t index) {
  uint32_t word = 0;
  for (uint32_t i = 0; i < kInWord; ++i) word |= uint32_t{bytes[kInWord * index + i]} << (8 * i);
  return word;
}

}  // namespace

AccessResult Gicv2::ReadDistributor(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                    uint64_t* value) {
  if (cpu >= cpus_.size()) return AccessResult::kBadAccess;
  return kDistributor.Read(offset, width_bytes, value,
                           [this, cpu](DistributorReg reg, uint32_t index) {
                             return DistributorRegister(cpus_[cpu], reg, index);
                           });
}

AccessResult Gicv2::WriteDistributor(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                     uint64_t value) {
  if (cpu >= cpus_.size()) return AccessResult::kBadAccess;
  return kDistributor.Write(
      offset, width_bytes, value,
      [this, cpu](DistributorReg reg, uint32_t index) -> uint64_t {
        // Bits that are not written to clear or set nobody.
        const bool is_senders =
            reg == DistributorReg::kClearSenders || reg == DistributorReg::kSetSenders;
        return is_senders ? 0 : DistributorRegister(cpus_[cpu], reg, index);
      },
      [this, cpu](DistributorReg reg, uint32_t index, uint64_t whole) {
        SetDistributorRegister(cpus_[cpu], reg, index, static_cast<uint32_t>(whole));
        UpdateAll();
      });
}

// What is not implemented reads as zero (s. 4.1.3).
uint32_t Gicv2::DistributorRegister(const Cpu& cpu, DistributorReg reg, uint32_t index) const {
  if (const auto in_bank = gic::InBank(reg)) {
    const uint32_t words = gic::WordsInBank(*in_bank);
    if (index / words >= gic::kBankCount) return 0;
    const gic::Bank& bank = index < words ? cpu.bank : banks_[index / words];
    return bank.Read(*in_bank, index % words);
  }
  if (reg == DistributorReg::kCtlr) return enabled_groups_;
  if (reg == DistributorReg::kTyper) {
    return static_cast<uint32_t>(cpus_.size() - 1) << kTyperCpusShift | (gic::kBankCount - 1);
  }
  if (reg == DistributorReg::kIidr) return kIidr;
  if (reg == DistributorReg::kTargets) return Targets(cpu, index);
  if (reg == DistributorReg::kClearSenders || reg == DistributorReg::kSetSenders) {
    return WordOf(cpu.senders, index);
  }
  return reg == DistributorReg::kIdentification ? kIdentification[index] : 0;
}

void Gicv2::SetDistributorRegister(Cpu& cpu, DistributorReg reg, uint32_t index, uint32_t value) {
  if (const auto in_bank = gic::InBank(reg)) {
    const uint32_t words = gic::WordsInBank(*in_bank);
    if (index / words >= gic::kBankCount) return;
    gic::Bank& bank = index < words ? cpu.bank : banks_[index / words];
    bank.Write(*in_bank, index % words, value);
    // Software's interrupts stay edges, and are pending by their senders alone.
    cpu.bank.edge |= gic::kSgiMask;
    LatchSoftwareInterrupts(cpu);
    return;
  }
  if (reg == DistributorReg::kCtlr) enabled_groups_ = value & gic::kCtlrEnableGroups;
  if (reg == DistributorReg::kTargets) SetTargets(index, value);
  if (reg == DistributorReg::kSoftware) SendSoftwareInterrupt(cpu, value);
  if (reg == DistributorReg::kClearSenders) ChangeSenders(cpu, index, value, false);
  if (reg == DistributorReg::kSetSenders) ChangeSenders(cpu, index, value, true);
}

// s. 4.3.12: of its own interrupts each processor is the only target; with one processor there is
// nothing to tell.
uint32_t Gicv2::Targets(const Cpu& cpu, uint32_t index) const {
  if (cpus_.size() == 1 || index >= gic::kIntidCount / kInWord) return 0;
  if (index < gic::kPrivateCount / kInWord) return 0x0101'0101U * BitOf(cpu);
  return WordOf(targets_, index);
}

void Gicv2::SetTargets(uint32_t index, uint32_t value) {
  if (cpus_.size() == 1 || index < gic::kPrivateCount / kInWord ||
      index >= gic::kIntidCount / kInWord) {
    return;
  }
  for (uint32_t i = 0; i < kInWord; ++i) {
    targets_[kInWord * index + i] = static_cast<uint8_t>(value >> (8 * i)) & all_cpus_;
  }
}

// s. 4.3.15.
void Gicv2::SendSoftwareInterrupt(const Cpu& from, uint32_t value) {
  const auto listed = static_cast<uint8_t>(value >> kSgiTargetsShift);
  const uint32_t filter = value >> kSgiFilterShift & 3;
  for (Cpu& cpu : cpus_) {
    const bool is_target = filter == kSgiToListed      ? (listed & BitOf(cpu)) != 0
                           : filter == kSgiToAllOthers ? &cpu != &from
                                                       : filter == kSgiToSelf && &cpu == &from;
    if (!is_target) continue;
    cpu.senders[value % kSoftwareCount] |= BitOf(from);
    LatchSoftwareInterrupts(cpu);
  }
}

void Gicv2::ChangeSenders(Cpu& cpu, uint32_t index, uint32_t value, bool set) {
  for (uint32_t i = 0; i < kInWord; ++i) {
    const auto bits = static_cast<uint8_t>(static_cast<uint8_t>(value >> (8 * i)) & all_cpus_);
    uint8_t& senders = cpu.senders[kInWord * index + i];
    senders = static_cast<uint8_t>(set ? senders | bits : senders & ~bits);
  }
  LatchSoftwareInterrupts(cpu);
}

}  // namespace emu
