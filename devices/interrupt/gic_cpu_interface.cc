#include "devices/interrupt/gic_cpu_interface.h"

#include <algorithm>
#include <bit>

namespace emu::gic {
namespace {

constexpr uint32_t kLevelShift = 8 - kPriorityBits;

}  // namespace

uint32_t CpuInterface::RunningPriority() const {
  const uint32_t levels = active_priorities[0] | active_priorities[1];
  if (levels == 0) return kIdlePriority;
  return static_cast<uint32_t>(std::countr_zero(levels)) << kLevelShift;
}

// s. 4.8.3: the part of a priority that decides about preemption.
uint32_t CpuInterface::GroupPriority(const Candidate& candidate) const {
  const uint32_t point =
      candidate.group == 0 || common_binary_point ? binary_point[0] : binary_point[1] - 1;
  return candidate.priority & ~((uint32_t{2} << point) - 1);
}

bool CpuInterface::LetsThrough(const Candidate& candidate) const {
  return enabled[candidate.group] && candidate.priority < priority_mask &&
         GroupPriority(candidate) < RunningPriority();
}

void CpuInterface::Activate(const Candidate& candidate) {
  active_priorities[candidate.group] |= uint32_t{1} << (GroupPriority(candidate) >> kLevelShift);
}

bool CpuInterface::DropPriority(uint32_t group) {
  const uint32_t mine = active_priorities[group];
  const uint32_t other = active_priorities[1 - group];
  if (mine == 0 || (other != 0 && std::countr_zero(other) < std::countr_zero(mine))) return false;
  active_priorities[group] &= mine - 1;
  return true;
}

uint8_t CpuInterface::BinaryPoint(uint32_t group) const {
  if (group == 0 || !common_binary_point) return binary_point[group];
  return std::min<uint8_t>(binary_point[0] + 1, kMaxBinaryPoint);
}

void CpuInterface::SetBinaryPoint(uint32_t group, uint64_t value) {
  if (group == 1 && common_binary_point) return;
  binary_point[group] =
      std::max(static_cast<uint8_t>(value & kMaxBinaryPoint), kMinBinaryPoint[group]);
}

void CpuInterface::VisitState(StateVisitor& visitor) {
  visitor.Small(1, "priority_mask", priority_mask);
  for (uint32_t group = 0; group < 2; ++group) {
    visitor.BeginGroup(2 + group, "group");
    visitor.Small(1, "binary_point", binary_point[group]);
    visitor.Small(2, "active_priorities", active_priorities[group]);
    visitor.Small(3, "enabled", enabled[group]);
    visitor.EndGroup();
  }
  visitor.Small(4, "common_binary_point", common_binary_point);
  visitor.Small(5, "split_end", split_end);
}

void CpuInterface::AfterRestore() {
  priority_mask &= kPriorityMask;
  for (uint32_t group = 0; group < 2; ++group) {
    binary_point[group] = std::clamp(binary_point[group], kMinBinaryPoint[group], kMaxBinaryPoint);
  }
}

}  // namespace emu::gic
