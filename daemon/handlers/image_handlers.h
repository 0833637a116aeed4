// One free function for each RPC of ImageService.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/image.grpc.pb.h"

namespace emu::daemon {

// Uploads are taken by who may write to them. UPLOAD_NOT_FOUND.
absl::Status CheckUpload(const CallContext& call, const std::string& id);

absl::StatusOr<emud::v1::Upload> BeginUpload(CallContext& call,
                                             const emud::v1::BeginUploadRequest& request);
// `first`: the stream's first message, which has been read.
absl::StatusOr<emud::v1::Upload> UploadImage(
    CallContext& call, const emud::v1::UploadImageRequest& first,
    grpc::ServerReader<emud::v1::UploadImageRequest>& stream);
absl::StatusOr<emud::v1::Upload> GetUpload(CallContext& call,
                                           const emud::v1::GetUploadRequest& request);
absl::Status DeleteUpload(CallContext& call, const emud::v1::DeleteUploadRequest& request);
absl::StatusOr<emud::v1::Image> ImportImage(CallContext& call,
                                            const emud::v1::ImportImageRequest& request);
absl::StatusOr<emud::v1::Image> GetImage(CallContext& call,
                                         const emud::v1::GetImageRequest& request);
absl::StatusOr<emud::v1::ListImagesResponse> ListImages(CallContext& call,
                                                        const emud::v1::ListImagesRequest& request);
absl::StatusOr<emud::v1::Image> UpdateImage(CallContext& call,
                                            const emud::v1::UpdateImageRequest& request);
absl::Status DeleteImage(CallContext& call, const emud::v1::DeleteImageRequest& request);
absl::Status DownloadImage(CallContext& call, const emud::v1::DownloadImageRequest& request,
                           grpc::ServerWriter<emud::v1::DownloadImageResponse>& stream);
absl::StatusOr<emud::v1::Operation> PullImage(CallContext& call,
                                              const emud::v1::PullImageRequest& request);
absl::StatusOr<emud::v1::ListImageRecipesResponse> ListImageRecipes(
    CallContext& call, const emud::v1::ListImageRecipesRequest& request);
absl::StatusOr<emud::v1::CollectImagesResponse> CollectImages(
    CallContext& call, const emud::v1::CollectImagesRequest& request);

}  // namespace emu::daemon
