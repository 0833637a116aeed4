#include "devices/interrupt/gicv3.h"

#include <bit>
#include <span>

#include "vmm/base/status_macros.h"

namespace emu {

using namespace gicv3;
using gic::Candidate;
using gic::kSgiMask;

Gicv3::Gicv3(GuestMemory& memory, std::vector<CpuLines> cpus) : dma_(memory) {
  cpus_.reserve(cpus.size());
  for (CpuLines& lines : cpus) cpus_.emplace_back(std::move(lines), dma_).bank.edge = kSgiMask;
}

InterruptLine Gicv3::SharedInput(uint32_t number) {
  const uint32_t intid = kPrivateCount + number;
  return InterruptLine([this, intid](bool level) {
    banks_[intid / 32].SetLevel(intid % 32, level);
    UpdateAll();
  });
}

void Gicv3::SetPrivateInput(uint32_t cpu, uint32_t intid, bool level) {
  cpus_[cpu].bank.SetLevel(intid, level);
  Update(cpus_[cpu]);
}

// The levels are the devices' and stay.
void Gicv3::Reset() {
  enabled_groups_ = 0;
  route_ = {};
  for (gic::Bank& bank : banks_) bank = {.level = bank.level};
  for (Cpu& cpu : cpus_) {
    cpu.bank = {.edge = kSgiMask, .level = cpu.bank.level};
    cpu.interface = {};
    cpu.lpis.Reset();
    cpu.is_asleep = true;
  }
  UpdateAll();
}

// The bank that holds `intid` as `cpu` sees it; nullptr for what is no such interrupt.
gic::Bank* Gicv3::BankOf(Cpu& cpu, uint64_t intid) {
  if (intid < kPrivateCount) return &cpu.bank;
  return intid < kIntidCount ? &banks_[intid / 32] : nullptr;
}

// What is pending, enabled, not active, of a group that is enabled on both sides, and for this
// processor (s. 4.1).
std::optional<Candidate> Gicv3::Best(const Cpu& cpu) const {
  const bool group0 = (enabled_groups_ & 1) != 0 && cpu.interface.enabled[0];
  const bool group1 = (enabled_groups_ & 2) != 0 && cpu.interface.enabled[1];
  std::optional<Candidate> best;
  Consider(cpu.bank, 0, cpu.bank.Ready(group0, group1), best);
  const auto affinity = static_cast<uint64_t>(&cpu - cpus_.data());
  for (uint32_t i = 1; i < kBankCount; ++i) {
    uint32_t mine = 0;
    for (uint32_t bits = banks_[i].Ready(group0, group1); bits != 0; bits &= bits - 1) {
      if (route_[32 * i + static_cast<uint32_t>(std::countr_zero(bits))] == affinity) {
        mine |= bits & -bits;
      }
    }
    Consider(banks_[i], 32 * i, mine, best);
  }
  if (!group1) return best;
  const std::optional<Candidate> message = cpu.lpis.Best();
  return message && (!best || message->priority < best->priority) ? message : best;
}

// Group 0 is signalled as FIQ, group 1 as IRQ (s. 4.6.2, one security state).
void Gicv3::Update(Cpu& cpu) {
  const std::optional<Candidate> best = Best(cpu);
  const bool wanted = best && cpu.interface.LetsThrough(*best);
  cpu.lines.irq.Set(wanted && best->group == 1);
  cpu.lines.fiq.Set(wanted && best->group == 0);
}

void Gicv3::UpdateAll() {
  for (Cpu& cpu : cpus_) Update(cpu);
}

void Gicv3::SetLpiPending(uint64_t cpu, uint32_t intid, bool pending) {
  if (cpu >= cpus_.size()) return;
  cpus_[cpu].lpis.SetPending(intid, pending);
  Update(cpus_[cpu]);
}

void Gicv3::MoveLpi(uint64_t from_cpu, uint64_t to_cpu, uint32_t intid) {
  if (from_cpu >= cpus_.size() || to_cpu >= cpus_.size()) return;
  if (cpus_[from_cpu].lpis.TakePending(intid)) cpus_[to_cpu].lpis.SetPending(intid, true);
  UpdateAll();
}

void Gicv3::MoveAllLpis(uint64_t from_cpu, uint64_t to_cpu) {
  if (from_cpu >= cpus_.size() || to_cpu >= cpus_.size()) return;
  cpus_[from_cpu].lpis.MoveTo(cpus_[to_cpu].lpis);
  UpdateAll();
}

void Gicv3::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "enabled_groups", enabled_groups_);
  visitor.Field(2, "route", std::as_writable_bytes(std::span(route_)));
  for (uint32_t i = 1; i < kBankCount; ++i) {
    visitor.BeginGroup(16 + i, "bank");
    banks_[i].VisitState(visitor);
    visitor.EndGroup();
  }
  for (uint32_t i = 0; i < cpus_.size(); ++i) {
    Cpu& cpu = cpus_[i];
    visitor.BeginGroup(64 + i, "cpu");
    visitor.Small(1, "asleep", cpu.is_asleep);
    visitor.BeginGroup(2, "bank");
    cpu.bank.VisitState(visitor);
    visitor.EndGroup();
    visitor.BeginGroup(3, "interface");
    cpu.interface.VisitState(visitor);
    visitor.EndGroup();
    visitor.BeginGroup(4, "lpis");
    cpu.lpis.VisitState(visitor);
    visitor.EndGroup();
    visitor.EndGroup();
  }
}

absl::Status Gicv3::AfterRestore() {
  enabled_groups_ &= kCtlrEnableGroups;
  for (uint64_t& route : route_) route &= kRouterMask;
  for (gic::Bank& bank : banks_) bank.MaskPriorities();
  for (Cpu& cpu : cpus_) {
    cpu.bank.MaskPriorities();
    cpu.bank.edge |= kSgiMask;
    cpu.interface.AfterRestore();
    RETURN_IF_ERROR(cpu.lpis.AfterRestore());
  }
  UpdateAll();
  for (Cpu& cpu : cpus_) {
    cpu.lines.irq.Redrive();
    cpu.lines.fiq.Redrive();
  }
  return absl::OkStatus();
}

}  // namespace emu
