// One free function for each RPC of VolumeService.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/volume.pb.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::Volume> CreateVolume(CallContext& call,
                                              const emud::v1::CreateVolumeRequest& request);
absl::StatusOr<emud::v1::Volume> GetVolume(CallContext& call,
                                           const emud::v1::GetVolumeRequest& request);
absl::StatusOr<emud::v1::ListVolumesResponse> ListVolumes(
    CallContext& call, const emud::v1::ListVolumesRequest& request);
absl::Status DeleteVolume(CallContext& call, const emud::v1::DeleteVolumeRequest& request);

}  // namespace emu::daemon
