// What a VM is made of that goes on from a snapshot.
#pragma once

#include "absl/status/statusor.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// The snapshot's spec with what `wanted` says in place of its own: lifecycle, limits, and of nics
// what is behind them. INVALID_ARGUMENT for what a guest would see change. Cards have no MAC
// address of their own and host ports that were given are to be chosen, as the snapshot's VM may
// have them still.
absl::StatusOr<emud::v1::VmSpec> CloneSpec(const emud::v1::VmSpec& snapshots,
                                           const emud::v1::VmSpec& wanted);

// The snapshot's spec for a VM that becomes what it was: lifecycle, limits and what is behind its
// cards, with their addresses, stay as they are in `before`.
emud::v1::VmSpec SpecGoneBack(const emud::v1::VmSpec& snapshots, const emud::v1::VmSpec& before);

}  // namespace emu::daemon
