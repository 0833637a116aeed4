// The file of a volume: <state-dir>/volumes/<name>.qcow2, over the image that it began as, if any.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "emud/v1/vm.pb.h"
#include "emud/v1/volume.pb.h"
#include "vmm/disk_files/image_format.h"

namespace emu::daemon {

std::string VolumePath(const std::string& state_dir, const std::string& name);

// Makes it, whole on the disk when this returns; where that fails, there is none.
absl::Status WriteVolumeFile(const std::string& state_dir, const emud::v1::Volume& volume);

// The files of a disk that is a volume, opened and locked: the volume's, and its image. `field`
// names the disk. FAILED_PRECONDITION where another VM runs with it.
absl::StatusOr<std::vector<ImageLayer>> OpenVolumeDisk(const std::string& state_dir,
                                                       const emud::v1::Disk& disk,
                                                       const std::string& field);

}  // namespace emu::daemon
