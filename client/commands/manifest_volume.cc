#include "client/commands/manifest_steps.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/line_diff.h"
#include "emud/v1/volume.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Volume;
using emud::v1::VolumeManifest;
using emud::v1::VolumeService;

grpc::Status Get(const Target& target, const std::string& name, Volume& volume) {
  emud::v1::GetVolumeRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  return VolumeService::NewStub(target.channel)->GetVolume(&context, request, &volume);
}

// A volume never changes: what is there is what is wanted, or can't become it.
grpc::Status Compare(const Volume& volume, const VolumeManifest::Spec& wanted) {
  const bool is_as_large = wanted.size_mib() == 0 || wanted.size_mib() == volume.size_mib();
  if (is_as_large && wanted.image() == volume.image()) return grpc::Status::OK;
  return {grpc::StatusCode::FAILED_PRECONDITION,
          "volume " + volume.name() + " is there and has " + std::to_string(volume.size_mib()) +
              " MiB of " + (volume.image().empty() ? "zeros" : "image " + volume.image()) +
              "; a volume stays what it is: delete it first, or give this one another name"};
}

}  // namespace

grpc::Status Plan(const Target& target, const VolumeManifest& manifest, Step& step) {
  const VolumeManifest::Spec& wanted = manifest.spec();
  Volume current;
  grpc::Status status = Get(target, manifest.metadata().name(), current);
  if (status.ok()) return Compare(current, wanted);
  if (status.error_code() != grpc::StatusCode::NOT_FOUND) return status;
  emud::v1::CreateVolumeRequest create;
  create.set_name(manifest.metadata().name());
  create.set_size_mib(wanted.size_mib());
  create.set_image(wanted.image());
  step.kind = Step::Kind::kCreate;
  step.diff = LineDiff("", ToYaml(manifest));
  step.execute = [&target, create] {
    grpc::ClientContext context;
    Volume volume;
    return Report(VolumeService::NewStub(target.channel)->CreateVolume(&context, create, &volume),
                  target.options.endpoint);
  };
  if (target.images.contains(wanted.image())) return grpc::Status::OK;
  create.set_validate_only(true);
  grpc::ClientContext context;
  return VolumeService::NewStub(target.channel)->CreateVolume(&context, create, &current);
}

grpc::Status Remove(const Target& target, const VolumeManifest& manifest, Removal removal) {
  Volume volume;
  if (removal == Removal::kOnlyLook) return Get(target, manifest.metadata().name(), volume);
  emud::v1::DeleteVolumeRequest request;
  request.set_name(manifest.metadata().name());
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  return VolumeService::NewStub(target.channel)->DeleteVolume(&context, request, &nothing);
}

}  // namespace emu::client
