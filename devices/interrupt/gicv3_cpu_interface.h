// One processor's CPU interface: which interrupts get through to it, by priority.
#pragma once

#include <array>
#include <cstdint>

#include "devices/interrupt/gicv3_cpu_spec.h"
#include "vmm/base/state_visitor.h"

namespace emu::gicv3 {

// An interrupt that wants a processor's attention.
struct Candidate {
  uint32_t intid;
  uint32_t group;
  uint8_t priority;  // the lowest number is the most urgent
};

// Registers and the arithmetic of priorities (s. 4.8). Lower numbers are higher priorities.
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

}  // namespace emu::gicv3
