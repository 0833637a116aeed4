// The states of a VM and the one table of legal moves.
//
//   CREATING -> STOPPED -> STARTING -> RUNNING <-> PAUSED
//                  ^          |           |          |
//                  |<---------+           v          |
//                  |<------------------ STOPPING <---+
//   any with a process -> CRASHED -> STARTING
//   RUNNING, PAUSED -> UNKNOWN -> what its process says, or its end
//   RUNNING, PAUSED -> SUSPENDING -> SUSPENDED -> RESTORING -> RUNNING, PAUSED
//                  ^-- it failed --'    |  ^-- it failed --'
//                                       '-- discarded -> STOPPED
//   CREATING, STOPPED -> SUSPENDED and CRASHED -> STOPPED: as a snapshot was
//   CREATING -> FAILED
//   STOPPED, SUSPENDED, CRASHED, FAILED -> DELETING -> gone
#pragma once

#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// The state_reason of a VM in STOPPING whose process is not asked but killed.
inline constexpr char kByForce[] = "FORCE";
// Of one that is stopped or suspended because nobody used it or its time was over, and then of what
// it is.
inline constexpr char kByIdleness[] = "IDLE_TIMEOUT";
inline constexpr char kByTtl[] = "TTL";
// Likewise, because its host was to be shut down: it is started again afterwards.
inline constexpr char kByDrain[] = "HOST_DRAIN";
// Of a STOPPED one that is about to become what a snapshot was.
inline constexpr char kGoingBack[] = "GOING_BACK";
// Of one that starts to wait in its pool, and then of it, PAUSED.
inline constexpr char kWaiting[] = "POOL";
// Of a PAUSED one of a pool that is about to go on as somebody's, and of one that is about to be
// deleted.
inline constexpr char kAcquired[] = "ACQUIRED";
inline constexpr char kRetired[] = "RETIRED";

bool IsLegalMove(emud::v1::Vm::State from, emud::v1::Vm::State to);
// True while a process may belong to the VM.
bool HasProcess(emud::v1::Vm::State state);

}  // namespace emu::daemon
