// Which VMs are started again when they have ended, and how soon.
#pragma once

#include <chrono>

#include "emud/v1/vm.pb.h"

namespace emu::daemon {

inline constexpr std::chrono::seconds kFirstBackoff{1};
inline constexpr std::chrono::seconds kLongestBackoff{60};
// One that has run for so long was well: its back-off begins anew.
inline constexpr std::chrono::seconds kGoodRun{60};

// Notes in `vm`, which has just ended, when its policy starts it again. `was_stopping`: somebody
// wanted it to end.
void PlanRestart(emud::v1::Vm& vm, bool was_stopping, std::chrono::system_clock::time_point now);
// It is not to be started again by itself.
void CancelRestart(emud::v1::Vm& vm);

}  // namespace emu::daemon
