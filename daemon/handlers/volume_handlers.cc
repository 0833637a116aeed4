#include "daemon/handlers/volume_handlers.h"

#include <string>
#include <utility>

#include "daemon/errors.h"
#include "daemon/handlers/list_page.h"
#include "daemon/volumes/volumes.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Volume;

// With the VMs that name it. They are of its project, so that who sees it sees them.
Volume WithVms(const CallContext& call, const Volume& volume) {
  Volume shown = volume;
  for (const VmPtr& vm : call.vms.records().List().vms) {
    if (HasVolume(*vm, volume.name())) shown.add_vms(vm->name());
  }
  return shown;
}

// Images of projects that the caller does not see are none to him.
absl::Status CheckImage(const CallContext& call, const std::string& name) {
  const absl::StatusOr<ImagePtr> image = call.images.Find(name);
  if (image.ok() && !call.caller.Sees((*image)->project())) return errors::ImageNotFound(name);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Volume> CreateVolume(CallContext& call,
                                    const emud::v1::CreateVolumeRequest& request) {
  RETURN_IF_ERROR(CheckImage(call, request.image()));
  emud::v1::CreateVolumeRequest wanted = request;
  if (wanted.project().empty()) wanted.set_project(call.caller.home_project);
  if (request.validate_only()) {
    ASSIGN_OR_RETURN(const VolumePtr volume, call.volumes.Create(wanted, {}));
    return *volume;
  }
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto answer_with = [](const VolumePtr& volume) {
    return RequestIds::Answer{volume->uid(), volume->SerializeAsString()};
  };
  const auto execute = [&]() -> absl::StatusOr<RequestIds::Answer> {
    ASSIGN_OR_RETURN(const VolumePtr volume, call.volumes.Create(wanted, origin));
    return answer_with(volume);
  };
  const auto recall = [&](const std::string& uid) -> absl::StatusOr<RequestIds::Answer> {
    const VolumePtr volume = call.volumes.FindByUid(uid);
    if (volume == nullptr) return errors::VolumeNotFound(request.name());
    return answer_with(volume);
  };
  ASSIGN_OR_RETURN(const std::string answer, call.vms.request_ids().Once(origin, execute, recall));
  Volume volume;
  volume.ParseFromString(answer);
  return volume;
}

absl::StatusOr<Volume> GetVolume(CallContext& call, const emud::v1::GetVolumeRequest& request) {
  ASSIGN_OR_RETURN(const VolumePtr volume, call.volumes.Find(request.name()));
  return WithVms(call, *volume);
}

absl::StatusOr<emud::v1::ListVolumesResponse> ListVolumes(
    CallContext& call, const emud::v1::ListVolumesRequest& request) {
  ASSIGN_OR_RETURN(
      ListPage<Volume> page,
      PageOf(call.volumes.List(), request, call.vms.page_tokens(),
             [&call](const Volume& volume) { return call.caller.Sees(volume.project()); }));
  emud::v1::ListVolumesResponse response;
  for (const VolumePtr& volume : page.items) *response.add_volumes() = WithVms(call, *volume);
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

absl::Status DeleteVolume(CallContext& call, const emud::v1::DeleteVolumeRequest& request) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto execute = [&]() -> absl::StatusOr<RequestIds::Answer> {
    RETURN_IF_ERROR(call.volumes.Delete(request, origin));
    return RequestIds::Answer{};
  };
  // It is gone as soon as it is noted that it shall be.
  const auto recall = [](const std::string&) -> absl::StatusOr<RequestIds::Answer> {
    return RequestIds::Answer{};
  };
  return call.vms.request_ids().Once(origin, execute, recall).status();
}

}  // namespace emu::daemon
