// What a spec says to cloud-init in the guest, and the disk that it is told on.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "daemon/vm_process.h"
#include "emud/v1/vm.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// INVALID_ARGUMENT that names the first bad field and the remedy.
absl::Status CheckCloudInit(const emud::v1::VmSpec& spec);
// cloud-init's documentation, "NoCloud": files of a disk with the label CIDATA.
struct SeedFiles {
  std::string meta_data;
  std::string user_data;
  std::string network_config;  // empty: there is no such file
};
SeedFiles MakeSeedFiles(const emud::v1::Vm& vm);
// An ISO 9660 image in place of what `path` was, if anything.
absl::Status WriteSeed(const SeedFiles& files, const std::string& path);
// Behind the other disks: on the bus of the last one, or on the other bus if that is full.
void AddSeedDisk(const emud::v1::VmSpec& spec, UniqueFd seed, VmLaunch& launch);

}  // namespace emu::daemon
