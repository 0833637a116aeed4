// The firmware calls by which an Arm guest turns its processors and itself on and off.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "devices/core/device.h"
#include "devices/power/psci_spec.h"

namespace emu {

// Processor n has affinity 0.0.0.n; after a reset only the first is on. Suspending is waiting for
// an interrupt, whatever depth was asked for, which s. 5.4 allows.
class Psci final : public Device {
 public:
  enum class Request : uint8_t { kPowerOff, kReset };
  // All with the device lock held, on the calling processor's thread; they must not wait.
  struct Actions {
    // Starts processor `cpu` at `pc` with `context` as its first argument.
    std::function<void(uint32_t cpu, uint64_t pc, uint64_t context)> power_on;
    // `cpu` stops at the end of its call.
    std::function<void(uint32_t cpu)> power_off;
    std::function<void(Request request)> request;
  };

  // At most 32.
  Psci(uint32_t cpu_count, Actions actions) : cpu_count_(cpu_count), actions_(std::move(actions)) {}

  // A call by processor `cpu`, its function and arguments in `registers` (x0 to x3). What is no
  // function of ours is answered "not supported".
  struct Answer {
    uint64_t value;
    bool waits_for_interrupt;
  };
  Answer Call(uint32_t cpu, const std::array<uint64_t, 4>& registers);

  void Reset() override { on_ = 1; }
  void VisitState(StateVisitor& visitor) override { visitor.Small(1, "on", on_); }

 private:
  uint64_t PowerOn(uint64_t target, uint64_t pc, uint64_t context);
  uint64_t AffinityInfo(uint64_t target, uint64_t lowest_level) const;
  void PowerOff(uint32_t cpu);
  bool IsOn(uint64_t cpu) const { return (on_ >> cpu & 1) != 0; }

  const uint32_t cpu_count_;
  Actions actions_;
  uint32_t on_ = 1;  // a bit for each processor
};

}  // namespace emu
