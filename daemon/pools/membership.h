// What a VM's record says of its pool.
#pragma once

#include "daemon/vm_states.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Nobody's yet: it waits, or is about to, or can't any more. Its guest has not run since it was
// made.
inline bool IsInPool(const emud::v1::Vm& vm) {
  return !vm.pool_uid().empty() && !vm.has_acquire_time();
}

// Whoever comes may have it.
inline bool IsWaiting(const emud::v1::Vm& vm) {
  return IsInPool(vm) && vm.state() == emud::v1::Vm::PAUSED && vm.state_reason() == kWaiting;
}

}  // namespace emu::daemon
