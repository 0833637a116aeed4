// The CPU interfaces' registers of Gicv2.
#include <bit>

#include "devices/core/register_bank.h"
#include "devices/interrupt/gicv2.h"

namespace emu {

using namespace gicv2;
using gic::Candidate;

namespace {

constexpr RegisterBank<CpuReg> kCpuInterface(kCpuRegisters);

}  // namespace

AccessResult Gicv2::ReadCpuInterface(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                     uint64_t* value) {
  if (cpu >= cpus_.size()) return AccessResult::kBadAccess;
  return kCpuInterface.Read(offset, width_bytes, value, [this, cpu](CpuReg reg, uint32_t index) {
    return CpuRegister(cpus_[cpu], reg, index);
  });
}

AccessResult Gicv2::WriteCpuInterface(uint32_t cpu, uint64_t offset, uint32_t width_bytes,
                                      uint64_t value) {
  if (cpu >= cpus_.size()) return AccessResult::kBadAccess;
  return kCpuInterface.Write(
      offset, width_bytes, value, [](CpuReg, uint32_t) { return 0; },
      [this, cpu](CpuReg reg, uint32_t index, uint64_t whole) {
        SetCpuRegister(cpus_[cpu], reg, index, static_cast<uint32_t>(whole));
        UpdateAll();
      });
}

// s. 4.4.4, 4.4.11: group 1 is seen by the registers for group 0 only if AckCtl says so.
uint32_t Gicv2::NumberOf(const Cpu& cpu, const std::optional<Candidate>& best,
                         bool is_aliased) const {
  if (!best || (is_aliased && best->group == 0)) return gic::kNoInterrupt;
  if (!is_aliased && best->group == 1 && (cpu.control & kCtlrAckCtl) == 0) return kOtherGroup;
  if (best->intid >= kSoftwareCount) return best->intid;
  const auto sender = static_cast<uint32_t>(std::countr_zero(cpu.senders[best->intid]));
  return best->intid | sender << kSenderShift;
}

uint32_t Gicv2::Acknowledge(Cpu& cpu, bool is_aliased) {
  std::optional<Candidate> best = Best(cpu);
  if (best && !cpu.interface.LetsThrough(*best)) best = std::nullopt;
  const uint32_t number = NumberOf(cpu, best, is_aliased);
  if (number == gic::kNoInterrupt || number == kOtherGroup) return number;
  cpu.interface.Activate(*best);
  BankOf(cpu, best->intid)->Acknowledge(best->intid % 32);
  if (best->intid < kSoftwareCount) {
    uint8_t& senders = cpu.senders[best->intid];
    senders &= static_cast<uint8_t>(senders - 1);
    LatchSoftwareInterrupts(cpu);
  }
  UpdateAll();
  return number;
}

// s. 4.4.5.
void Gicv2::End(Cpu& cpu, bool is_aliased, uint32_t intid) {
  const gic::Bank* bank = BankOf(cpu, intid);
  if (bank == nullptr) return;
  const bool is_group1 = (bank->group >> (intid % 32) & 1) != 0;
  const bool ends_group1 = is_aliased || (is_group1 && (cpu.control & kCtlrAckCtl) != 0);
  if (!cpu.interface.DropPriority(ends_group1 ? 1 : 0)) return;
  if (!cpu.interface.split_end) Deactivate(cpu, intid);
}

uint32_t Gicv2::Control(const Cpu& cpu) {
  const gic::CpuInterface& interface = cpu.interface;
  return cpu.control | uint32_t{interface.enabled[0]} | uint32_t{interface.enabled[1]} << 1 |
         (interface.common_binary_point ? kCtlrCommonBinaryPoint : 0) |
         (interface.split_end ? kCtlrSplitEnd : 0);
}

void Gicv2::SetControl(Cpu& cpu, uint32_t value) {
  cpu.control = value & kCtlrOfOurs;
  cpu.interface.enabled = {(value & 1) != 0, (value & 2) != 0};
  cpu.interface.common_binary_point = (value & kCtlrCommonBinaryPoint) != 0;
  cpu.interface.split_end = (value & kCtlrSplitEnd) != 0;
}

uint32_t Gicv2::CpuRegister(Cpu& cpu, CpuReg reg, uint32_t index) {
  const gic::CpuInterface& interface = cpu.interface;
  switch (reg) {
    case CpuReg::kCtlr:
      return Control(cpu);
    case CpuReg::kPmr:
      return interface.priority_mask;
    case CpuReg::kBpr:
      return interface.BinaryPoint(0);
    case CpuReg::kAliasedBpr:
      return interface.BinaryPoint(1);
    case CpuReg::kIar:
      return Acknowledge(cpu, false);
    case CpuReg::kAliasedIar:
      return Acknowledge(cpu, true);
    case CpuReg::kHppir:
      return NumberOf(cpu, Best(cpu), false);
    case CpuReg::kAliasedHppir:
      return NumberOf(cpu, Best(cpu), true);
    case CpuReg::kRpr:
      return interface.RunningPriority();
    case CpuReg::kApr:  // the 32 levels there are fit one word
      return index == 0 ? interface.active_priorities[0] : 0;
    case CpuReg::kNonSecureApr:
      return index == 0 ? interface.active_priorities[1] : 0;
    case CpuReg::kIidr:
      return kCpuIidr;
    case CpuReg::kEoir:  // write-only
    case CpuReg::kAliasedEoir:
    case CpuReg::kDir:
      return 0;
  }
  return 0;
}

void Gicv2::SetCpuRegister(Cpu& cpu, CpuReg reg, uint32_t index, uint32_t value) {
  gic::CpuInterface& interface = cpu.interface;
  switch (reg) {
    case CpuReg::kCtlr:
      return SetControl(cpu, value);
    case CpuReg::kPmr:
      interface.priority_mask = static_cast<uint8_t>(value & gic::kPriorityMask);
      return;
    case CpuReg::kBpr:
      return interface.SetBinaryPoint(0, value);
    case CpuReg::kAliasedBpr:
      return interface.SetBinaryPoint(1, value);
    case CpuReg::kEoir:
      return End(cpu, false, value & kIntidMask);
    case CpuReg::kAliasedEoir:
      return End(cpu, true, value & kIntidMask);
    case CpuReg::kDir:
      if (interface.split_end) Deactivate(cpu, value & kIntidMask);
      return;
    case CpuReg::kApr:
      if (index == 0) interface.active_priorities[0] = value;
      return;
    case CpuReg::kNonSecureApr:
      if (index == 0) interface.active_priorities[1] = value;
      return;
    case CpuReg::kIar:  // read-only
    case CpuReg::kAliasedIar:
    case CpuReg::kHppir:
    case CpuReg::kAliasedHppir:
    case CpuReg::kRpr:
    case CpuReg::kIidr:
      return;
  }
}

}  // namespace emu
