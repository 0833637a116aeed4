#include "devices/interrupt/gicv2.h"

#include <bit>
#include <span>

namespace emu {

using namespace gicv2;
using gic::Candidate;
using gic::kSgiMask;

Gicv2::Gicv2(std::vector<CpuLines> cpus) : all_cpus_(static_cast<uint8_t>((1 << cpus.size()) - 1)) {
  cpus_.reserve(cpus.size());
  for (CpuLines& lines : cpus) cpus_.emplace_back(std::move(lines));
}

InterruptLine Gicv2::SharedInput(uint32_t number) {
  const uint32_t intid = kPrivateCount + number;
  return InterruptLine([this, intid](bool level) {
    banks_[intid / 32].SetLevel(intid % 32, level);
    UpdateAll();
  });
}

void Gicv2::SetPrivateInput(uint32_t cpu, uint32_t intid, bool level) {
  cpus_[cpu].bank.SetLevel(intid, level);
  Update(cpus_[cpu]);
}

// The levels are the devices' and stay.
void Gicv2::Reset() {
  enabled_groups_ = 0;
  targets_ = {};
  for (gic::Bank& bank : banks_) bank = {.level = bank.level};
  for (Cpu& cpu : cpus_) {
    cpu.bank = {.edge = kSgiMask, .level = cpu.bank.level};
    cpu.interface = {};
    cpu.control = 0;
    cpu.senders = {};
  }
  UpdateAll();
}

// The bank that holds `intid` as `cpu` sees it; nullptr for what is no interrupt.
gic::Bank* Gicv2::BankOf(Cpu& cpu, uint32_t intid) {
  if (intid < kPrivateCount) return &cpu.bank;
  return intid < kIntidCount ? &banks_[intid / 32] : nullptr;
}

// What is pending, enabled, not active, of a group that is enabled on both sides, and for this
// processor among others (s. 3.2).
std::optional<Candidate> Gicv2::Best(const Cpu& cpu) const {
  const bool group0 = (enabled_groups_ & 1) != 0 && cpu.interface.enabled[0];
  const bool group1 = (enabled_groups_ & 2) != 0 && cpu.interface.enabled[1];
  std::optional<Candidate> best;
  Consider(cpu.bank, 0, cpu.bank.Ready(group0, group1), best);
  const bool is_alone = cpus_.size() == 1;
  for (uint32_t i = 1; i < kBankCount; ++i) {
    const uint32_t ready = banks_[i].Ready(group0, group1);
    uint32_t mine = 0;
    for (uint32_t bits = ready; bits != 0; bits &= bits - 1) {
      const uint32_t intid = 32 * i + static_cast<uint32_t>(std::countr_zero(bits));
      if (is_alone || (targets_[intid] & BitOf(cpu)) != 0) mine |= bits & -bits;
    }
    Consider(banks_[i], 32 * i, mine, best);
  }
  return best;
}

void Gicv2::Update(Cpu& cpu) {
  const std::optional<Candidate> best = Best(cpu);
  const bool wanted = best && cpu.interface.LetsThrough(*best);
  const bool is_fiq = wanted && best->group == 0 && (cpu.control & kCtlrFiq) != 0;
  cpu.lines.irq.Set(wanted && !is_fiq);
  cpu.lines.fiq.Set(is_fiq);
}

void Gicv2::UpdateAll() {
  for (Cpu& cpu : cpus_) Update(cpu);
}

void Gicv2::LatchSoftwareInterrupts(Cpu& cpu) {
  cpu.bank.latched &= ~kSgiMask;
  for (uint32_t i = 0; i < kSoftwareCount; ++i) {
    cpu.bank.latched |= uint32_t{cpu.senders[i] != 0} << i;
  }
}

void Gicv2::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "enabled_groups", enabled_groups_);
  visitor.Field(2, "targets", std::as_writable_bytes(std::span(targets_)));
  for (uint32_t i = 1; i < kBankCount; ++i) {
    visitor.BeginGroup(16 + i, "bank");
    banks_[i].VisitState(visitor);
    visitor.EndGroup();
  }
  for (uint32_t i = 0; i < cpus_.size(); ++i) {
    Cpu& cpu = cpus_[i];
    visitor.BeginGroup(64 + i, "cpu");
    visitor.Small(1, "control", cpu.control);
    visitor.BeginGroup(2, "bank");
    cpu.bank.VisitState(visitor);
    visitor.EndGroup();
    visitor.BeginGroup(3, "interface");
    cpu.interface.VisitState(visitor);
    visitor.EndGroup();
    visitor.Field(4, "senders", std::as_writable_bytes(std::span(cpu.senders)));
    visitor.EndGroup();
  }
}

absl::Status Gicv2::AfterRestore() {
  enabled_groups_ &= kCtlrEnableGroups;
  for (uint8_t& targets : targets_) targets &= all_cpus_;
  for (gic::Bank& bank : banks_) bank.MaskPriorities();
  for (Cpu& cpu : cpus_) {
    cpu.bank.MaskPriorities();
    cpu.bank.edge |= kSgiMask;
    cpu.interface.AfterRestore();
    cpu.control &= kCtlrOfOurs;
    for (uint8_t& senders : cpu.senders) senders &= all_cpus_;
    LatchSoftwareInterrupts(cpu);
  }
  UpdateAll();
  for (Cpu& cpu : cpus_) {
    cpu.lines.irq.Redrive();
    cpu.lines.fiq.Redrive();
  }
  return absl::OkStatus();
}

}  // namespace emu
