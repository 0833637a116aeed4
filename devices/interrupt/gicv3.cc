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
  for (CpuLines& lines : cpus) cpus_.emplace_back(std::move(lines), dma_);
}

void Gicv3::Reset() {
  ResetBanks();
  route_ = {};
  for (Cpu& cpu : cpus_) {
    cpu.ResetCore();
    cpu.lpis.Reset();
    cpu.is_asleep = true;
  }
  UpdateAll();
}

// s. 4.1.
std::optional<Candidate> Gicv3::Best(const Cpu& cpu) const {
  const auto affinity = static_cast<uint64_t>(&cpu - cpus_.data());
  const std::optional<Candidate> best =
      BestOfBanks(cpu, [this, affinity](uint32_t intid) { return route_[intid] == affinity; });
  if (!LetsGroup(cpu, 1)) return best;
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
  visitor.Field(2, "route", std::as_writable_bytes(std::span(route_)));
  VisitCore(visitor, [&visitor](Cpu& cpu) {
    visitor.Small(1, "asleep", cpu.is_asleep);
    visitor.BeginGroup(4, "lpis");
    cpu.lpis.VisitState(visitor);
    visitor.EndGroup();
  });
}

absl::Status Gicv3::AfterRestore() {
  MaskCore();
  for (uint64_t& route : route_) route &= kRouterMask;
  for (Cpu& cpu : cpus_) RETURN_IF_ERROR(cpu.lpis.AfterRestore());
  RedriveLines();
  return absl::OkStatus();
}

}  // namespace emu
