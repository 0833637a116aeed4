#include "daemon/handlers/image_handlers.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/handlers/begin_once.h"
#include "daemon/handlers/list_page.h"
#include "daemon/host_paths.h"
#include "daemon/images/image_checks.h"
#include "daemon/images/images.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Image;
using emud::v1::Upload;

std::string ProjectOrHome(const CallContext& call, const std::string& project) {
  return project.empty() ? call.caller.home_project : project;
}

// Only the host's administrator names any file.
absl::Status CheckPaths(const CallContext& call, const emud::v1::ImportImageRequest& request) {
  if (call.caller.IsHostAdmin()) return absl::OkStatus();
  std::vector<NamedPath> files;
  for (int i = 0; i < request.sources_size(); ++i) {
    files.emplace_back(absl::StrCat("sources[", i, "].path"), request.sources(i).path());
  }
  return CheckBelow(files, call.file_root);
}

absl::Status CheckUploads(const CallContext& call, const emud::v1::ImportImageRequest& request) {
  for (const emud::v1::ImportImageRequest::Source& source : request.sources()) {
    if (!source.upload_id().empty()) RETURN_IF_ERROR(CheckUpload(call, source.upload_id()));
  }
  return absl::OkStatus();
}

// Once for its id; `execute(origin)` answers with an image.
template <typename Request, typename Execute>
absl::StatusOr<Image> ChangeImageOnce(CallContext& call, const Request& request,
                                      const Execute& execute) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto answer_with = [](const ImagePtr& image) {
    return RequestIds::Answer{image->uid(), image->SerializeAsString()};
  };
  const auto execute_now = [&]() -> absl::StatusOr<RequestIds::Answer> {
    ASSIGN_OR_RETURN(const ImagePtr image, execute(origin));
    return answer_with(image);
  };
  const auto recall = [&](const std::string& uid) -> absl::StatusOr<RequestIds::Answer> {
    const ImagePtr image = call.images.FindByUid(uid);
    if (image == nullptr) return errors::ImageNotFound(uid);
    return answer_with(image);
  };
  ASSIGN_OR_RETURN(const std::string answer,
                   call.vms.request_ids().Once(origin, execute_now, recall));
  Image image;
  image.ParseFromString(answer);
  return image;
}

}  // namespace

absl::Status CheckUpload(const CallContext& call, const std::string& id) {
  ASSIGN_OR_RETURN(const std::string project, call.images.uploads().ProjectOf(id));
  return call.caller.RoleIn(project) < emud::v1::EDITOR ? errors::UploadNotFound(id)
                                                        : absl::OkStatus();
}

absl::StatusOr<Upload> BeginUpload(CallContext& call, const emud::v1::BeginUploadRequest& request) {
  emud::v1::BeginUploadRequest wanted = request;
  wanted.set_project(ProjectOrHome(call, request.project()));
  return call.images.uploads().Begin(wanted);
}

absl::StatusOr<Upload> UploadImage(CallContext& call, const emud::v1::UploadImageRequest& first,
                                   grpc::ServerReader<emud::v1::UploadImageRequest>& stream) {
  ASSIGN_OR_RETURN(Uploads::Writer writer, call.images.uploads().Open(first.id(), first.offset()));
  RETURN_IF_ERROR(writer.Append(first.data()));
  emud::v1::UploadImageRequest next;
  while (stream.Read(&next)) {
    const bool is_other = !next.id().empty() && next.id() != first.id();
    if (is_other || next.offset() != 0) {
      return errors::InvalidField("offset", "only the first message says where it begins",
                                  "send data alone");
    }
    RETURN_IF_ERROR(writer.Append(next.data()));
  }
  return writer.Finish();
}

absl::StatusOr<Upload> GetUpload(CallContext& call, const emud::v1::GetUploadRequest& request) {
  return call.images.uploads().Find(request.id());
}

absl::Status DeleteUpload(CallContext& call, const emud::v1::DeleteUploadRequest& request) {
  return call.images.uploads().Delete(request.id());
}

absl::StatusOr<Image> ImportImage(CallContext& call, const emud::v1::ImportImageRequest& request) {
  RETURN_IF_ERROR(CheckImport(request));
  RETURN_IF_ERROR(CheckPaths(call, request));
  emud::v1::ImportImageRequest wanted = request;
  wanted.set_project(ProjectOrHome(call, request.project()));
  const auto import = [&](const RequestOrigin& origin) -> absl::StatusOr<ImagePtr> {
    RETURN_IF_ERROR(CheckUploads(call, wanted));
    return call.images.Import(wanted, origin, call.is_cancelled);
  };
  if (!request.validate_only()) return ChangeImageOnce(call, request, import);
  ASSIGN_OR_RETURN(const ImagePtr image, import({}));
  return *image;
}

absl::StatusOr<Image> GetImage(CallContext& call, const emud::v1::GetImageRequest& request) {
  ASSIGN_OR_RETURN(const ImagePtr image, call.images.Find(request.name()));
  return *image;
}

absl::StatusOr<emud::v1::ListImagesResponse> ListImages(
    CallContext& call, const emud::v1::ListImagesRequest& request) {
  ASSIGN_OR_RETURN(ListPage<Image> page, PageOf(call.images.List(), request, call.vms.page_tokens(),
                                                [&call](const Image& image) {
                                                  return call.caller.Sees(image.project());
                                                }));
  emud::v1::ListImagesResponse response;
  for (const ImagePtr& image : page.items) *response.add_images() = *image;
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

absl::StatusOr<Image> UpdateImage(CallContext& call, const emud::v1::UpdateImageRequest& request) {
  return ChangeImageOnce(call, request, [&](const RequestOrigin& origin) {
    return call.images.Update(request, origin);
  });
}

absl::Status DeleteImage(CallContext& call, const emud::v1::DeleteImageRequest& request) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto execute = [&]() -> absl::StatusOr<RequestIds::Answer> {
    RETURN_IF_ERROR(call.images.Delete(request, origin));
    return RequestIds::Answer{};
  };
  // It is gone as soon as it is noted that it shall be.
  const auto recall = [](const std::string&) -> absl::StatusOr<RequestIds::Answer> {
    return RequestIds::Answer{};
  };
  return call.vms.request_ids().Once(origin, execute, recall).status();
}

absl::Status DownloadImage(CallContext& call, const emud::v1::DownloadImageRequest& request,
                           grpc::ServerWriter<emud::v1::DownloadImageResponse>& stream) {
  ASSIGN_OR_RETURN(const ImagePtr image, call.images.Find(request.name()));
  const Image::Role role = request.role() == Image::ROLE_UNSPECIFIED ? Image::DISK : request.role();
  const Image::Part* const part = FindPart(image->parts(), role);
  if (part == nullptr) {
    return errors::InvalidField("role", absl::StrCat(request.name(), " has no such part"),
                                "give one that the image has");
  }
  if (request.offset() > part->size_bytes()) {
    return errors::InvalidField("offset", "it is behind the end", "give a smaller one");
  }
  ASSIGN_OR_RETURN(const UniqueFd blob, call.images.blobs().OpenBlob(part->digest()));
  emud::v1::DownloadImageResponse chunk;
  chunk.set_size_bytes(part->size_bytes());
  uint64_t offset = request.offset();
  do {
    std::string& data = *chunk.mutable_data();
    data.resize(Uploads::kMaxChunkBytes);
    const ssize_t got = pread(blob.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (got < 0) return errors::Host("reading an image", errno);
    data.resize(static_cast<size_t>(got));
    chunk.set_offset(offset);
    offset += static_cast<uint64_t>(got);
    if (!stream.Write(chunk)) return absl::CancelledError("the caller has gone");
    chunk.clear_size_bytes();
    if (got == 0) break;
  } while (offset < part->size_bytes());
  return absl::OkStatus();
}

absl::StatusOr<emud::v1::Operation> PullImage(CallContext& call,
                                              const emud::v1::PullImageRequest& request) {
  const auto begin = [&](const RequestOrigin& origin) -> absl::StatusOr<OperationPtr> {
    ASSIGN_OR_RETURN(const std::vector<std::string> known, call.builds.Recipes());
    if (std::ranges::find(known, request.name()) == known.end()) {
      return errors::RecipeNotFound(request.name(), known);
    }
    if (call.images.Find(request.name()).ok()) {
      return errors::AlreadyExists("image", request.name());
    }
    emud::v1::OperationMetadata wanted;
    wanted.set_verb(emud::v1::PULL_IMAGE);
    wanted.set_target(request.name());
    wanted.set_project(ProjectOrHome(call, request.project()));
    return call.operations.Begin(wanted, {}, origin);
  };
  return BeginOnce(call, request, begin);
}

absl::StatusOr<emud::v1::ListImageRecipesResponse> ListImageRecipes(
    CallContext& call, const emud::v1::ListImageRecipesRequest& /*request*/) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, call.builds.Recipes());
  emud::v1::ListImageRecipesResponse response;
  response.mutable_names()->Assign(names.begin(), names.end());
  return response;
}

absl::StatusOr<emud::v1::CollectImagesResponse> CollectImages(
    CallContext& call, const emud::v1::CollectImagesRequest& request) {
  return call.images.Collect(request.validate_only() ? Images::Collecting::kOnlyLook
                                                     : Images::Collecting::kFree);
}

}  // namespace emu::daemon
