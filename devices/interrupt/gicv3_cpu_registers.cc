// The system registers of Gicv3's CPU interfaces.
#include "devices/interrupt/gicv3.h"
#include "devices/interrupt/gicv3_cpu_spec.h"
#include "vmm/base/bits.h"

namespace emu {

using namespace gicv3;
using gic::Candidate;
using gic::CpuInterface;

// The INTID that IAR of `group` would give now; gic::kNoInterrupt if there is none.
uint32_t Gicv3::Pending(const Cpu& cpu, uint32_t group) const {
  const std::optional<Candidate> best = Best(cpu);
  return best && best->group == group ? best->intid : gic::kNoInterrupt;
}

// s. 4.1.2: LPIs have no active state.
uint32_t Gicv3::Acknowledge(Cpu& cpu, uint32_t group) {
  const std::optional<Candidate> best = Best(cpu);
  if (!best || best->group != group || !cpu.interface.LetsThrough(*best)) return gic::kNoInterrupt;
  cpu.interface.Activate(*best);
  if (gic::Bank* bank = BankOf(cpu, best->intid)) {
    bank->Acknowledge(best->intid % 32);
    UpdateAll();
  } else {
    cpu.lpis.TakePending(best->intid);
    Update(cpu);
  }
  return best->intid;
}

void Gicv3::End(Cpu& cpu, uint32_t group, uint64_t intid) {
  if (intid >= kFirstSpecial && intid < kFirstLpi) return;
  if (!cpu.interface.DropPriority(group)) return;
  if (!cpu.interface.split_end) Deactivate(cpu, intid);
  Update(cpu);
}

// s. 12.1.10: to all others, or to a list of processors of one cluster; to those only that have
// the interrupt in this group.
void Gicv3::SendSoftwareInterrupt(const Cpu& from, uint32_t group, uint64_t value) {
  const bool to_all_others = (value & kSgiToAllOthers) != 0;
  if (!to_all_others && (value & kSgiAffinities) != 0) return;  // our cluster is 0.0.0
  const uint32_t bit = uint32_t{1} << ExtractBits(value, kSgiIntidShift, 4);
  for (size_t i = 0; i < cpus_.size(); ++i) {
    Cpu& cpu = cpus_[i];
    const bool is_target = to_all_others ? &cpu != &from : (value >> i & 1) != 0;
    if (!is_target || ((cpu.bank.group & bit) != 0) != (group == 1)) continue;
    cpu.bank.latched |= bit;
    Update(cpu);
  }
}

std::optional<uint64_t> Gicv3::ReadCpuRegister(uint32_t number, uint32_t reg) {
  Cpu& cpu = cpus_[number];
  const CpuInterface& interface = cpu.interface;
  switch (static_cast<CpuReg>(reg)) {
    case CpuReg::kPmr:
      return interface.priority_mask;
    case CpuReg::kIar0:
      return Acknowledge(cpu, 0);
    case CpuReg::kIar1:
      return Acknowledge(cpu, 1);
    case CpuReg::kHppir0:
      return Pending(cpu, 0);
    case CpuReg::kHppir1:
      return Pending(cpu, 1);
    case CpuReg::kBpr0:
      return interface.BinaryPoint(0);
    case CpuReg::kBpr1:
      return interface.BinaryPoint(1);
    case CpuReg::kAp0r0:
      return interface.active_priorities[0];
    case CpuReg::kAp1r0:
      return interface.active_priorities[1];
    case CpuReg::kRpr:
      return interface.RunningPriority();
    case CpuReg::kCtlr:
      return kCtlrFixed | (interface.common_binary_point ? kCtlrCommonBinaryPoint : 0) |
             (interface.split_end ? kCtlrSplitEnd : 0);
    case CpuReg::kSre:
      return kSreFixed;
    case CpuReg::kIgrpen0:
      return interface.enabled[0];
    case CpuReg::kIgrpen1:
      return interface.enabled[1];
    case CpuReg::kEoir0:  // write-only
    case CpuReg::kEoir1:
    case CpuReg::kDir:
    case CpuReg::kSgi0r:
    case CpuReg::kSgi1r:
    case CpuReg::kAsgi1r:
      return std::nullopt;
  }
  return std::nullopt;
}

bool Gicv3::WriteCpuRegister(uint32_t number, uint32_t reg, uint64_t value) {
  Cpu& cpu = cpus_[number];
  if (!SetCpuRegister(cpu, static_cast<CpuReg>(reg), value)) return false;
  Update(cpu);
  return true;
}

bool Gicv3::SetCpuRegister(Cpu& cpu, CpuReg reg, uint64_t value) {
  CpuInterface& interface = cpu.interface;
  switch (reg) {
    case CpuReg::kPmr:
      interface.priority_mask = static_cast<uint8_t>(value & gic::kPriorityMask);
      return true;
    case CpuReg::kEoir0:
      End(cpu, 0, value & kIntidMask);
      return true;
    case CpuReg::kEoir1:
      End(cpu, 1, value & kIntidMask);
      return true;
    case CpuReg::kDir:
      if (interface.split_end) Deactivate(cpu, value & kIntidMask);
      return true;
    case CpuReg::kSgi0r:
      SendSoftwareInterrupt(cpu, 0, value);
      return true;
    case CpuReg::kSgi1r:
      SendSoftwareInterrupt(cpu, 1, value);
      return true;
    case CpuReg::kAsgi1r:  // of the other security state, which is not there
      return true;
    case CpuReg::kBpr0:
      interface.SetBinaryPoint(0, value);
      return true;
    case CpuReg::kBpr1:
      interface.SetBinaryPoint(1, value);
      return true;
    case CpuReg::kAp0r0:
      interface.active_priorities[0] = static_cast<uint32_t>(value);
      return true;
    case CpuReg::kAp1r0:
      interface.active_priorities[1] = static_cast<uint32_t>(value);
      return true;
    case CpuReg::kCtlr:
      interface.common_binary_point = (value & kCtlrCommonBinaryPoint) != 0;
      interface.split_end = (value & kCtlrSplitEnd) != 0;
      return true;
    case CpuReg::kSre:
      return true;
    case CpuReg::kIgrpen0:
      interface.enabled[0] = (value & 1) != 0;
      return true;
    case CpuReg::kIgrpen1:
      interface.enabled[1] = (value & 1) != 0;
      return true;
    case CpuReg::kIar0:  // read-only
    case CpuReg::kIar1:
    case CpuReg::kHppir0:
    case CpuReg::kHppir1:
    case CpuReg::kRpr:
      return false;
  }
  return false;
}

}  // namespace emu
