#include <chrono>
#include <string>
#include <vector>

#include "daemon/handlers/grace_period.h"
#include "daemon/handlers/mutation.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/host_paths.h"

namespace emu::daemon {
namespace {

constexpr std::chrono::seconds kRecallTimeout(20);
constexpr std::chrono::seconds kSaveTimeout(600);

// Images of projects that the caller does not see are none to him.
absl::Status CheckImages(const CallContext& call, const emud::v1::VmSpec& spec) {
  std::vector<std::string> names = {spec.boot().image()};
  for (const emud::v1::Disk& disk : spec.disks()) names.push_back(disk.image());
  for (const std::string& name : names) {
    const absl::StatusOr<ImagePtr> image = call.images.Find(name);
    if (image.ok() && !call.caller.Sees((*image)->project())) return errors::ImageNotFound(name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFiles(const CallContext& call, const emud::v1::VmSpec& spec) {
  return call.caller.IsHostAdmin() ? absl::OkStatus() : CheckBelow(spec, call.file_root);
}

absl::StatusOr<emud::v1::Vm> CreateVm(CallContext& call, const emud::v1::CreateVmRequest& request) {
  RETURN_IF_ERROR(CheckFiles(call, request.spec()));
  RETURN_IF_ERROR(CheckImages(call, request.spec()));
  emud::v1::CreateVmRequest wanted = request;
  if (wanted.project().empty()) wanted.set_project(call.caller.home_project);
  const auto create = [&](const RequestOrigin& origin) -> absl::StatusOr<VmPtr> {
    SnapshotPtr source;
    if (!wanted.source_snapshot().empty()) {
      ASSIGN_OR_RETURN(source,
                       call.snapshots.FindReady(wanted.source_snapshot(), wanted.project()));
    }
    return call.vms.Create(wanted, origin, source.get());
  };
  if (!request.validate_only()) return ChangeOnce(call, request, create);
  ASSIGN_OR_RETURN(const VmPtr vm, create({}));
  return *vm;
}

absl::StatusOr<emud::v1::Vm> UpdateVm(CallContext& call, const emud::v1::UpdateVmRequest& request) {
  RETURN_IF_ERROR(CheckFiles(call, request.vm().spec()));
  RETURN_IF_ERROR(CheckImages(call, request.vm().spec()));
  if (request.validate_only()) {
    ASSIGN_OR_RETURN(const VmPtr vm, call.vms.Update(request, {}));
    return *vm;
  }
  return ChangeOnce(call, request,
                    [&](const RequestOrigin& origin) { return call.vms.Update(request, origin); });
}

absl::StatusOr<emud::v1::Vm> StartVm(CallContext& call, const emud::v1::StartVmRequest& request) {
  // A new daemon goes on with a start by itself.
  const auto wait_for_start = [&](const VmPtr& vm, const RequestOrigin&) {
    const auto has_settled = [](const emud::v1::Vm& now) {
      return now.state() != emud::v1::Vm::STARTING && now.state() != emud::v1::Vm::RESTORING;
    };
    return call.vms.records().Wait(vm->uid(), has_settled, VmRecords::Clock::now() + kRecallTimeout,
                                   call.is_cancelled);
  };
  const auto changed_disks =
      request.force() ? VmTable::ChangedDisks::kAccept : VmTable::ChangedDisks::kRefuse;
  return ChangeOnce(
      call, request,
      [&](const RequestOrigin& origin) {
        return call.vms.Start(request.name(), changed_disks, origin);
      },
      wait_for_start);
}

absl::StatusOr<emud::v1::Vm> SuspendVm(CallContext& call,
                                       const emud::v1::SuspendVmRequest& request) {
  // The VM goes on with it by itself.
  const auto wait_for_end = [&](const VmPtr& vm, const RequestOrigin&) {
    return call.vms.records().Wait(
        vm->uid(), [](const emud::v1::Vm& now) { return now.state() != emud::v1::Vm::SUSPENDING; },
        VmRecords::Clock::now() + kSaveTimeout, call.is_cancelled);
  };
  return ChangeOnce(
      call, request,
      [&](const RequestOrigin& origin) { return call.vms.Suspend(request.name(), origin); },
      wait_for_end);
}

absl::StatusOr<emud::v1::Vm> StopVm(CallContext& call, const emud::v1::StopVmRequest& request) {
  ASSIGN_OR_RETURN(const std::chrono::milliseconds grace, GracePeriodOf(request));
  const auto stop = [&](const RequestOrigin& origin) {
    return call.vms.Stop(request.name(), {request.force(), grace}, origin);
  };
  // Unless it is running again, which somebody else has wanted since.
  const auto stop_if_stopping = [&](const VmPtr& vm,
                                    const RequestOrigin& origin) -> absl::StatusOr<VmPtr> {
    if (vm->state() == emud::v1::Vm::STOPPING) return stop(origin);
    return vm;
  };
  return ChangeOnce(call, request, stop, stop_if_stopping);
}

absl::StatusOr<emud::v1::Vm> PauseVm(CallContext& call, const emud::v1::PauseVmRequest& request) {
  return ChangeOnce(call, request,
                    [&](const RequestOrigin&) { return call.vms.Pause(request.name()); });
}

absl::StatusOr<emud::v1::Vm> ResumeVm(CallContext& call, const emud::v1::ResumeVmRequest& request) {
  return ChangeOnce(call, request,
                    [&](const RequestOrigin&) { return call.vms.Resume(request.name()); });
}

absl::StatusOr<emud::v1::Vm> ResetVm(CallContext& call, const emud::v1::ResetVmRequest& request) {
  return ChangeOnce(call, request,
                    [&](const RequestOrigin&) { return call.vms.Reset(request.name()); });
}

absl::Status DeleteVm(CallContext& call, const emud::v1::DeleteVmRequest& request) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto execute = [&]() -> absl::StatusOr<RequestIds::Answer> {
    RETURN_IF_ERROR(call.vms.Delete(request, origin));
    return RequestIds::Answer{};
  };
  // A new daemon ends a deletion before it serves; a VM that is there was only stopped yet.
  const auto recall = [&](const std::string& vm_uid) -> absl::StatusOr<RequestIds::Answer> {
    return call.vms.records().Find(vm_uid) == nullptr ? RequestIds::Answer{} : execute();
  };
  return call.vms.request_ids().Once(origin, execute, recall).status();
}

}  // namespace emu::daemon
