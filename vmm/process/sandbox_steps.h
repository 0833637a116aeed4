// Which steps of the sandbox a VM process has reached.
#pragma once

#include <cstdint>
#include <span>

#include "vm/v1/vm_control.pb.h"

namespace emu {

// A set of vm.v1.SandboxStep. A step that the host refuses is left out, and no other with it.
class SandboxSteps {
 public:
  void Add(vm::v1::SandboxStep step) { steps_ |= Bit(step); }
  void Add(std::span<const vm::v1::SandboxStep> steps) {
    for (const vm::v1::SandboxStep step : steps) Add(step);
  }
  void Add(SandboxSteps others) { steps_ |= others.steps_; }
  bool Has(vm::v1::SandboxStep step) const { return (steps_ & Bit(step)) != 0; }
  // All the steps there are, but those reached, in `missing`.
  void ListMissing(vm::v1::Response::Sandbox& missing) const {
    for (int step = vm::v1::SandboxStep_MIN + 1; step <= vm::v1::SandboxStep_MAX; ++step) {
      const auto known = static_cast<vm::v1::SandboxStep>(step);
      if (!Has(known)) missing.add_missing(known);
    }
  }

 private:
  static uint32_t Bit(vm::v1::SandboxStep step) { return uint32_t{1} << step; }
  uint32_t steps_ = 0;
};

}  // namespace emu
