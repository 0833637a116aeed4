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

void Gicv2::Reset() {
  ResetBanks();
  targets_ = {};
  for (Cpu& cpu : cpus_) {
    cpu.ResetCore();
    cpu.control = 0;
    cpu.senders = {};
  }
  UpdateAll();
}

// s. 3.2: each of the shared ones may have several targets.
std::optional<Candidate> Gicv2::Best(const Cpu& cpu) const {
  const bool is_alone = cpus_.size() == 1;
  return BestOfBanks(cpu, [this, is_alone, bit = BitOf(cpu)](uint32_t intid) {
    return is_alone || (targets_[intid] & bit) != 0;
  });
}

void Gicv2::Update(Cpu& cpu) {
  const std::optional<Candidate> best = Best(cpu);
  const bool wanted = best && cpu.interface.LetsThrough(*best);
  const bool is_fiq = wanted && best->group == 0 && (cpu.control & kCtlrFiq) != 0;
  cpu.lines.irq.Set(wanted && !is_fiq);
  cpu.lines.fiq.Set(is_fiq);
}

void Gicv2::LatchSoftwareInterrupts(Cpu& cpu) {
  cpu.bank.latched &= ~kSgiMask;
  for (uint32_t i = 0; i < kSoftwareCount; ++i) {
    cpu.bank.latched |= uint32_t{cpu.senders[i] != 0} << i;
  }
}

void Gicv2::VisitState(StateVisitor& visitor) {
  visitor.Field(2, "targets", std::as_writable_bytes(std::span(targets_)));
  VisitCore(visitor, [&visitor](Cpu& cpu) {
    visitor.Small(1, "control", cpu.control);
    visitor.Field(4, "senders", std::as_writable_bytes(std::span(cpu.senders)));
  });
}

absl::Status Gicv2::AfterRestore() {
  MaskCore();
  for (uint8_t& targets : targets_) targets &= all_cpus_;
  for (Cpu& cpu : cpus_) {
    cpu.control &= kCtlrOfOurs;
    for (uint8_t& senders : cpu.senders) senders &= all_cpus_;
    LatchSoftwareInterrupts(cpu);
  }
  RedriveLines();
  return absl::OkStatus();
}

}  // namespace emu
