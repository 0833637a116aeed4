#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/commands/image_sending.h"
#include "client/commands/manifest_steps.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/file_digest.h"
#include "client/format/message_format.h"
#include "client/line_diff.h"
#include "emud/v1/image.grpc.pb.h"
#include "emud/v1/operation.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Image;
using emud::v1::ImageManifest;
using emud::v1::ImageService;
using emud::v1::ImportImageRequest;

constexpr std::string_view kSha256 = "sha256:";

grpc::Status Invalid(const std::string& why) { return {grpc::StatusCode::INVALID_ARGUMENT, why}; }

grpc::Status Get(const Target& target, const std::string& name, Image& image) {
  emud::v1::GetImageRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  return ImageService::NewStub(target.channel)->GetImage(&context, request, &image);
}

// All parts, the disk first.
std::vector<ImageManifest::Part> PartsOf(const ImageManifest& manifest) {
  ImageManifest::Part disk;
  disk.set_role(Image::DISK);
  disk.set_path(manifest.spec().source().path());
  disk.set_digest(manifest.spec().source().digest());
  std::vector<ImageManifest::Part> parts = {disk};
  parts.insert(parts.end(), manifest.spec().parts().begin(), manifest.spec().parts().end());
  return parts;
}

grpc::Status Check(const ImageManifest& manifest) {
  const ImageManifest::Spec& spec = manifest.spec();
  const std::string& pull = spec.source().pull();
  if (pull.empty() == spec.source().path().empty()) {
    return Invalid("spec.source: give a path or what to pull");
  }
  if (!pull.empty()) {
    if (manifest.metadata().name() != pull) {
      return Invalid("metadata.name: what is pulled is called as its recipe; write " + pull);
    }
    ImageManifest::Spec alone;
    alone.mutable_source()->set_pull(pull);
    if (ToYaml(spec) == ToYaml(alone)) return grpc::Status::OK;
    return Invalid("spec: a recipe says what the image is; leave all but source.pull out");
  }
  for (const ImageManifest::Part& part : PartsOf(manifest)) {
    if (!part.digest().empty() && !part.digest().starts_with(kSha256)) {
      return Invalid("digest: " + part.digest() + ": write sha256: and 64 hexadecimal digits");
    }
    std::error_code error;
    if (!std::filesystem::is_regular_file(part.path(), error)) {
      return Invalid(part.path() + ": is no file; check the path");
    }
  }
  return grpc::Status::OK;
}

// Adds to `others` what is not as the file says.
grpc::Status CompareParts(const Image& image, const ImageManifest& manifest,
                          std::vector<std::string>& others) {
  const std::vector<ImageManifest::Part> wanted = PartsOf(manifest);
  if (wanted.size() != static_cast<size_t>(image.parts_size())) others.emplace_back("parts");
  for (const ImageManifest::Part& part : wanted) {
    const std::string name = Image::Role_Name(part.role());
    const auto there = std::ranges::find(image.parts(), part.role(), &Image::Part::role);
    if (there == image.parts().end()) {
      others.push_back(name);
      continue;
    }
    std::string digest = part.digest();
    std::string error;
    std::error_code ignored;
    const bool is_as_long = std::filesystem::file_size(part.path(), ignored) == there->size_bytes();
    if (digest.empty() && is_as_long && !DigestOfFile(part.path(), digest, error)) {
      return Invalid(error);
    }
    if (digest != there->digest()) others.push_back(name);
  }
  return grpc::Status::OK;
}

// An image never changes, but for its labels: what is there is what is wanted, or can't become it.
grpc::Status Compare(const Image& image, const ImageManifest& manifest) {
  const ImageManifest::Spec& spec = manifest.spec();
  if (!spec.source().pull().empty()) return grpc::Status::OK;
  std::vector<std::string> others;
  if (spec.format() != Image::FORMAT_UNSPECIFIED && spec.format() != image.format()) {
    others.emplace_back("format");
  }
  if (!spec.arch().empty() && spec.arch() != image.arch()) others.emplace_back("arch");
  if (!spec.cmdline().empty() && spec.cmdline() != image.cmdline()) others.emplace_back("cmdline");
  if (spec.memory_mib() != 0 && spec.memory_mib() != image.memory_mib()) {
    others.emplace_back("memoryMib");
  }
  if (auto status = CompareParts(image, manifest, others); !status.ok()) return status;
  if (others.empty()) return grpc::Status::OK;
  return {grpc::StatusCode::FAILED_PRECONDITION,
          "image " + image.name() + " is there and is another (" + absl::StrJoin(others, ", ") +
              "); an image stays what it is: delete it first, or give this one another name"};
}

int Import(const Target& target, const ImageManifest& manifest) {
  ImportImageRequest request;
  request.set_name(manifest.metadata().name());
  *request.mutable_labels() = manifest.metadata().labels();
  request.set_format(manifest.spec().format());
  request.set_arch(manifest.spec().arch());
  request.set_cmdline(manifest.spec().cmdline());
  request.set_memory_mib(manifest.spec().memory_mib());
  for (const ImageManifest::Part& part : PartsOf(manifest)) {
    ImportImageRequest::Source& source = *request.add_sources();
    source.set_role(part.role());
    source.set_path(part.path());
    if (!part.digest().empty()) source.set_sha256(part.digest().substr(kSha256.size()));
  }
  Image image;
  return SendAndImport(*ImageService::NewStub(target.channel), request, target.options, image);
}

grpc::Status SetLabels(const Target& target, const Image& current, const ImageManifest& manifest) {
  emud::v1::UpdateImageRequest request;
  request.mutable_image()->set_name(current.name());
  request.mutable_image()->set_etag(current.etag());
  *request.mutable_image()->mutable_labels() = manifest.metadata().labels();
  request.mutable_update_mask()->add_paths("labels");
  grpc::ClientContext context;
  Image image;
  return ImageService::NewStub(target.channel)->UpdateImage(&context, request, &image);
}

grpc::Status Pull(const Target& target, const ImageManifest& manifest) {
  emud::v1::PullImageRequest request;
  request.set_name(manifest.spec().source().pull());
  emud::v1::Operation operation;
  grpc::ClientContext begin;
  grpc::Status status =
      ImageService::NewStub(target.channel)->PullImage(&begin, request, &operation);
  if (!status.ok()) return status;
  const auto operations = emud::v1::OperationService::NewStub(target.channel);
  status = FollowOperation(*operations, target.options, -1, operation);
  if (!status.ok()) return status;
  if (operation.has_error()) {
    return {static_cast<grpc::StatusCode>(operation.error().code()), operation.error().message()};
  }
  if (manifest.metadata().labels().empty()) return status;
  Image image;
  status = Get(target, request.name(), image);
  return status.ok() ? SetLabels(target, image, manifest) : status;
}

}  // namespace

grpc::Status Plan(const Target& target, const ImageManifest& manifest, Step& step) {
  if (auto status = Check(manifest); !status.ok()) return status;
  Image current;
  grpc::Status status = Get(target, manifest.metadata().name(), current);
  const bool is_pulled = !manifest.spec().source().pull().empty();
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    step.kind = Step::Kind::kCreate;
    step.diff = LineDiff("", ToYaml(manifest));
    step.execute = [&target, manifest, is_pulled] {
      return is_pulled ? Report(Pull(target, manifest), target.options.endpoint)
                       : Import(target, manifest);
    };
    return grpc::Status::OK;
  }
  if (status.ok()) status = Compare(current, manifest);
  if (!status.ok()) return status;
  ImageManifest before = manifest;
  *before.mutable_metadata()->mutable_labels() = current.labels();
  step.diff = LineDiff(ToYaml(before), ToYaml(manifest));
  step.kind = step.diff.empty() ? Step::Kind::kNone : Step::Kind::kUpdate;
  step.execute = [&target, current, manifest] {
    return Report(SetLabels(target, current, manifest), target.options.endpoint);
  };
  return grpc::Status::OK;
}

grpc::Status Remove(const Target& target, const ImageManifest& manifest, Removal removal) {
  Image image;
  if (removal == Removal::kOnlyLook) return Get(target, manifest.metadata().name(), image);
  emud::v1::DeleteImageRequest request;
  request.set_name(manifest.metadata().name());
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  return ImageService::NewStub(target.channel)->DeleteImage(&context, request, &nothing);
}

}  // namespace emu::client
