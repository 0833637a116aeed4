// What a spec says of the host: checked when a VM is created, opened when it starts.
#pragma once

#include "absl/status/statusor.h"
#include "daemon/vm_process.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Fills in the defaults.
void ApplyDefaults(emud::v1::VmSpec& spec);
// INVALID_ARGUMENT that names the first bad field and the remedy.
// Of a VM, or what else `field` names.
absl::Status CheckName(const std::string& name, const std::string& field = "name");
absl::Status CheckSpec(const emud::v1::VmSpec& spec);
// Opens every file of `vm`. INVALID_ARGUMENT names the field; a writable disk that another VM has
// is FAILED_PRECONDITION.
absl::StatusOr<VmLaunch> OpenFiles(const emud::v1::Vm& vm);
// That its disks have together, each rounded up.
uint64_t DiskMib(const VmLaunch& launch);

uint64_t HostMemoryMib();

}  // namespace emu::daemon
