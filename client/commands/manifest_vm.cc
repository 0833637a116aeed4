#include <algorithm>

#include "client/commands/manifest_steps.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/line_diff.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Vm;
using emud::v1::VmManifest;
using emud::v1::VmService;

// Of a VM what a file may say.
std::string AsManifest(const Vm& vm) {
  VmManifest manifest;
  manifest.set_api_version("emud.dev/v1");
  manifest.set_kind("Vm");
  manifest.mutable_metadata()->set_name(vm.name());
  *manifest.mutable_metadata()->mutable_labels() = vm.labels();
  *manifest.mutable_metadata()->mutable_annotations() = vm.annotations();
  *manifest.mutable_spec() = vm.spec();
  return ToYaml(manifest);
}

Vm WantedBy(const VmManifest& manifest) {
  Vm vm;
  vm.set_name(manifest.metadata().name());
  *vm.mutable_labels() = manifest.metadata().labels();
  *vm.mutable_annotations() = manifest.metadata().annotations();
  *vm.mutable_spec() = manifest.spec();
  return vm;
}

// Whether it has something that is not there yet: then the daemon can't say what it would become.
bool IsAhead(const Target& target, const emud::v1::VmSpec& spec) {
  return target.images.contains(spec.boot().image()) ||
         std::ranges::any_of(spec.disks(), [&target](const emud::v1::Disk& disk) {
           return target.images.contains(disk.image()) || target.volumes.contains(disk.volume());
         });
}

grpc::Status PlanCreation(const Target& target, const VmManifest& manifest, Step& step) {
  const Vm wanted = WantedBy(manifest);
  emud::v1::CreateVmRequest create;
  create.set_name(wanted.name());
  *create.mutable_labels() = wanted.labels();
  *create.mutable_annotations() = wanted.annotations();
  *create.mutable_spec() = wanted.spec();
  step.kind = Step::Kind::kCreate;
  step.execute = [&target, create] {
    grpc::ClientContext context;
    Vm vm;
    return Report(VmService::NewStub(target.channel)->CreateVm(&context, create, &vm),
                  target.options.endpoint);
  };
  Vm planned = wanted;
  grpc::Status status;
  if (!IsAhead(target, wanted.spec())) {
    create.set_validate_only(true);
    grpc::ClientContext context;
    status = VmService::NewStub(target.channel)->CreateVm(&context, create, &planned);
  }
  step.diff = LineDiff("", AsManifest(planned));
  return status;
}

grpc::Status PlanUpdate(const Target& target, const Vm& current, const VmManifest& manifest,
                        Step& step) {
  emud::v1::UpdateVmRequest update;
  *update.mutable_vm() = WantedBy(manifest);
  update.mutable_vm()->set_etag(current.etag());
  for (const char* path : {"labels", "annotations", "spec"}) {
    update.mutable_update_mask()->add_paths(path);
  }
  step.execute = [&target, update] {
    grpc::ClientContext context;
    Vm vm;
    return Report(VmService::NewStub(target.channel)->UpdateVm(&context, update, &vm),
                  target.options.endpoint);
  };
  Vm planned = update.vm();
  grpc::Status status;
  if (!IsAhead(target, planned.spec())) {
    update.set_validate_only(true);
    grpc::ClientContext context;
    status = VmService::NewStub(target.channel)->UpdateVm(&context, update, &planned);
  }
  step.diff = LineDiff(AsManifest(current), AsManifest(planned));
  step.kind = step.diff.empty() ? Step::Kind::kNone : Step::Kind::kUpdate;
  return status;
}

grpc::Status Get(const Target& target, const std::string& name, Vm& vm) {
  emud::v1::GetVmRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  return VmService::NewStub(target.channel)->GetVm(&context, request, &vm);
}

}  // namespace

// Asks the daemon what would become of the VM: it knows the defaults, and what is possible.
grpc::Status Plan(const Target& target, const VmManifest& manifest, Step& step) {
  Vm current;
  grpc::Status status = Get(target, manifest.metadata().name(), current);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    return PlanCreation(target, manifest, step);
  }
  return status.ok() ? PlanUpdate(target, current, manifest, step) : status;
}

grpc::Status Remove(const Target& target, const VmManifest& manifest, Removal removal) {
  Vm vm;
  if (removal == Removal::kOnlyLook) return Get(target, manifest.metadata().name(), vm);
  emud::v1::DeleteVmRequest request;
  request.set_name(manifest.metadata().name());
  request.set_force(removal == Removal::kForce);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  return VmService::NewStub(target.channel)->DeleteVm(&context, request, &nothing);
}

}  // namespace emu::client
