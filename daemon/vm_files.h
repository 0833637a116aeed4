// What a spec says of the host: checked when a VM is created, opened when it starts.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/vm_process.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Gives disks without an id one.
void NameDisks(emud::v1::VmSpec& spec);
// Fills in the defaults; those that images decide are theirs.
void ApplyDefaults(emud::v1::VmSpec& spec);
// INVALID_ARGUMENT that names the first bad field and the remedy.
// Of a VM, or what else `field` names.
absl::Status CheckName(const std::string& name, const std::string& field = "name");
absl::Status CheckSpec(const emud::v1::VmSpec& spec);
enum class Overlays : uint8_t {
  kOpen,
  kNotMadeYet,  // a disk that has one is left without files
};
// Opens every file of `vm`, which lies in the state directory where it is of an image.
// INVALID_ARGUMENT names the field; a writable disk that another VM has is FAILED_PRECONDITION.
absl::StatusOr<VmLaunch> OpenFiles(const emud::v1::Vm& vm, const std::string& state_dir,
                                   Overlays overlays);
// That its disks have together, each rounded up; of images what may be written. Volumes count by
// themselves.
uint64_t DiskMib(const emud::v1::VmSpec& spec, const VmLaunch& launch);
// Whether its files can be opened, and what its disks have; they are closed again.
absl::StatusOr<uint64_t> MeasureDisks(const emud::v1::Vm& vm, const std::string& state_dir);

uint64_t HostMemoryMib();

}  // namespace emu::daemon
