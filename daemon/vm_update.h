// What UpdateVm may change of a VM (AIP-134), and what labels may be.
#pragma once

#include "absl/status/status.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Writes the fields of `request` that its mask names into `vm`. INVALID_FIELD of a path that is
// none, or that only the daemon writes.
absl::Status ApplyUpdate(const emud::v1::UpdateVmRequest& request, emud::v1::Vm& vm);
// Whether a VM process would have to be told: the specs differ in more than lifecycle.
bool IsOtherMachine(const emud::v1::VmSpec& left, const emud::v1::VmSpec& right);
bool AreEqual(const emud::v1::Vm& left, const emud::v1::Vm& right);
// Labels and annotations of a VM that is made or updated.
absl::Status CheckNotes(const emud::v1::Vm& vm);

}  // namespace emu::daemon
