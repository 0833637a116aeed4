// What the versions of Arm's interrupt controller have in common.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "devices/interrupt/gic.h"
#include "devices/interrupt/gic_bank.h"
#include "devices/interrupt/gic_cpu_interface.h"

namespace emu::gic {

// What the controller keeps of each processor, whichever version.
struct CpuCore {
  explicit CpuCore(Gic::CpuLines lines) : lines(std::move(lines)) { ResetCore(); }

  // The levels are the devices' and stay.
  void ResetCore() {
    bank = {.edge = kSgiMask, .level = bank.level};
    interface = {};
  }

  Gic::CpuLines lines;
  Bank bank;  // its private interrupts
  CpuInterface interface;
};

// Shared interrupts in banks, and the processors. `Cpu` is a CpuCore with what its version adds.
template <typename Cpu>
class Core : public Gic {
 public:
  InterruptLine SharedInput(uint32_t number) final {
    const uint32_t intid = kPrivateCount + number;
    return InterruptLine([this, intid](bool level) {
      banks_[intid / 32].SetLevel(intid % 32, level);
      UpdateAll();
    });
  }

  void SetPrivateInput(uint32_t cpu, uint32_t intid, bool level) final {
    cpus_[cpu].bank.SetLevel(intid, level);
    Update(cpus_[cpu]);
  }

 protected:
  // Drives the lines of one processor.
  virtual void Update(Cpu& cpu) = 0;
  void UpdateAll() {
    for (Cpu& cpu : cpus_) Update(cpu);
  }

  // The bank that holds `intid` as `cpu` sees it; nullptr for what is in none.
  Bank* BankOf(Cpu& cpu, uint64_t intid) {
    if (intid < kPrivateCount) return &cpu.bank;
    return intid < kIntidCount ? &banks_[intid / 32] : nullptr;
  }

  void Deactivate(Cpu& cpu, uint64_t intid) {
    Bank* bank = BankOf(cpu, intid);
    if (bank == nullptr) return;
    bank->active &= ~(uint32_t{1} << (intid % 32));
    UpdateAll();
  }

  bool LetsGroup(const Cpu& cpu, uint32_t group) const {
    return (enabled_groups_ >> group & 1) != 0 && cpu.interface.enabled[group];
  }

  // What is pending, enabled, not active, of a group that is enabled on both sides, and for this
  // processor: of the shared ones those that `is_mine(intid)` says.
  template <typename IsMine>
  std::optional<Candidate> BestOfBanks(const Cpu& cpu, const IsMine& is_mine) const {
    const bool group0 = LetsGroup(cpu, 0);
    const bool group1 = LetsGroup(cpu, 1);
    std::optional<Candidate> best;
    Consider(cpu.bank, 0, cpu.bank.Ready(group0, group1), best);
    for (uint32_t i = 1; i < kBankCount; ++i) {
      uint32_t mine = 0;
      for (uint32_t bits = banks_[i].Ready(group0, group1); bits != 0; bits &= bits - 1) {
        if (is_mine(32 * i + static_cast<uint32_t>(std::countr_zero(bits)))) mine |= bits & -bits;
      }
      Consider(banks_[i], 32 * i, mine, best);
    }
    return best;
  }

  void ResetBanks() {
    enabled_groups_ = 0;
    for (Bank& bank : banks_) bank = {.level = bank.level};
  }

  // Fields 1 and 16 to 63, then 64 and more, of each processor: 2, 3 and what `visit_rest(cpu)`
  // adds.
  template <typename VisitRest>
  void VisitCore(StateVisitor& visitor, const VisitRest& visit_rest) {
    visitor.Small(1, "enabled_groups", enabled_groups_);
    for (uint32_t i = 1; i < kBankCount; ++i) {
      visitor.BeginGroup(16 + i, "bank");
      banks_[i].VisitState(visitor);
      visitor.EndGroup();
    }
    for (uint32_t i = 0; i < cpus_.size(); ++i) {
      visitor.BeginGroup(64 + i, "cpu");
      visitor.BeginGroup(2, "bank");
      cpus_[i].bank.VisitState(visitor);
      visitor.EndGroup();
      visitor.BeginGroup(3, "interface");
      cpus_[i].interface.VisitState(visitor);
      visitor.EndGroup();
      visit_rest(cpus_[i]);
      visitor.EndGroup();
    }
  }

  // Makes sense of whatever was restored.
  void MaskCore() {
    enabled_groups_ &= kCtlrEnableGroups;
    for (Bank& bank : banks_) bank.MaskPriorities();
    for (Cpu& cpu : cpus_) {
      cpu.bank.MaskPriorities();
      cpu.bank.edge |= kSgiMask;
      cpu.interface.AfterRestore();
    }
  }

  void RedriveLines() {
    UpdateAll();
    for (Cpu& cpu : cpus_) {
      cpu.lines.irq.Redrive();
      cpu.lines.fiq.Redrive();
    }
  }

  std::vector<Cpu> cpus_;
  uint32_t enabled_groups_ = 0;         // bit g: group g
  std::array<Bank, kBankCount> banks_;  // the first is not used: each processor has its own
};

}  // namespace emu::gic
