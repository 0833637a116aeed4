// How long a VM that nobody needs may be there: its time to live, and what counts as idle.
#pragma once

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// An idle guest of Debian takes 2 % of a processor for its timers.
inline constexpr double kIdleShare = 0.05;

// INVALID_FIELD of a time that is too short or too long, of an action that is none there.
absl::Status CheckLifecycle(const emud::v1::Lifecycle& lifecycle);
// Notes in `vm`, which is made, acquired, updated or started, when its time is over; of one that
// is in a pool it has not begun.
void PlanExpiry(emud::v1::Vm& vm);
// What is done then, and to one that is idle; never unspecified.
emud::v1::Lifecycle::IdleAction ExpiryAction(const emud::v1::Vm& vm);
emud::v1::Lifecycle::IdleAction IdleAction(const emud::v1::Vm& vm);
bool IsExpired(const emud::v1::Vm& vm, std::chrono::system_clock::time_point now);

// What a look at a VM that runs shows; all but `is_attached` only grows.
struct VmActivity {
  std::chrono::steady_clock::time_point time;
  uint64_t console_bytes = 0;
  uint64_t inputs = 0;  // of anybody who typed
  std::chrono::milliseconds cpu_time{0};
  bool is_attached = false;  // somebody, to its console
};

// Whether nothing happened between two looks at the same process.
bool WasIdle(const VmActivity& before, const VmActivity& now);

}  // namespace emu::daemon
