// One processor's CPU interface: which interrupts get through to it, by priority.
#pragma once

#include <array>
#include <cstdint>

#include "devices/interrupt/gic_bank.h"
#include "vmm/base/state_visitor.h"

namespace emu::gic {

inline constexpr uint32_t kPriorityBits = 5;
inline constexpr uint32_t kIdlePriority = 0xff;
// Of group 0 and 1: the smallest that 5 bits allow; group 1 counts from one bit further up.
inline constexpr uint8_t kMinBinaryPoint[2] = {2, 3};
inline constexpr uint8_t kMaxBinaryPoint = 7;

// Registers and the arithmetic of priorities (GICv3, IHI 0069H, s. 4.8; the same in GICv2). Lower
// numbers are higher priorities.
struct CpuInterface {
  uint8_t priority_mask = 0;
  std::array<uint8_t, 2> binary_point = {kMinBinaryPoint[0], kMinBinaryPoint[1]};  // by group
  std::array<uint32_t, 2> active_priorities = {};  // a bit for each level that is being served
  std::array<bool, 2> enabled = {};
  bool common_binary_point = false;
  bool split_end = false;  // the end of an interrupt drops its priority only

  uint32_t RunningPriority() const;
  // True if `candidate` interrupts what the processor is doing.
  bool LetsThrough(const Candidate& candidate) const;
  void Activate(const Candidate& candidate);
  // Ends what runs with the highest priority; false if that is not of `group`.
  bool DropPriority(uint32_t group);

  // BPR as it reads.
  uint8_t BinaryPoint(uint32_t group) const;
  void SetBinaryPoint(uint32_t group, uint64_t value);

  void VisitState(StateVisitor& visitor);
  void AfterRestore();

 private:
  uint32_t GroupPriority(const Candidate& candidate) const;
};

}  // namespace emu::gic
