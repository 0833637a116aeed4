// Images, volumes, snapshots and pools: what VMs are made of and leave behind.
#include <memory>
#include <vector>

#include "daemon/errors.h"
#include "daemon/handlers/image_handlers.h"
#include "daemon/handlers/pool_handlers.h"
#include "daemon/handlers/snapshot_handlers.h"
#include "daemon/handlers/volume_handlers.h"
#include "daemon/service_base.h"
#include "daemon/services.h"

namespace emu::daemon {
namespace {

using grpc::ServerContext;
using grpc::Status;

class ImageServiceAdapter final : public emud::v1::ImageService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status BeginUpload(ServerContext* context, const emud::v1::BeginUploadRequest* request,
                     emud::v1::Upload* response) override {
    return Unary(context, *request, response, daemon::BeginUpload);
  }
  Status UploadImage(ServerContext* context,
                     grpc::ServerReader<emud::v1::UploadImageRequest>* stream,
                     emud::v1::Upload* response) override {
    // Which upload it is about, the stream's first message says.
    emud::v1::UploadImageRequest first;
    (void)stream->Read(&first);
    return Unary(context, first, response, [stream](CallContext& call, const auto& asked) {
      return daemon::UploadImage(call, asked, *stream);
    });
  }
  Status GetUpload(ServerContext* context, const emud::v1::GetUploadRequest* request,
                   emud::v1::Upload* response) override {
    return Unary(context, *request, response, daemon::GetUpload);
  }
  Status DeleteUpload(ServerContext* context, const emud::v1::DeleteUploadRequest* request,
                      google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteUpload);
  }
  Status ImportImage(ServerContext* context, const emud::v1::ImportImageRequest* request,
                     emud::v1::Image* response) override {
    return Unary(context, *request, response, daemon::ImportImage);
  }
  Status GetImage(ServerContext* context, const emud::v1::GetImageRequest* request,
                  emud::v1::Image* response) override {
    return Unary(context, *request, response, daemon::GetImage);
  }
  Status ListImages(ServerContext* context, const emud::v1::ListImagesRequest* request,
                    emud::v1::ListImagesResponse* response) override {
    return Unary(context, *request, response, daemon::ListImages);
  }
  Status UpdateImage(ServerContext* context, const emud::v1::UpdateImageRequest* request,
                     emud::v1::Image* response) override {
    return Unary(context, *request, response, daemon::UpdateImage);
  }
  Status DeleteImage(ServerContext* context, const emud::v1::DeleteImageRequest* request,
                     google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteImage);
  }
  Status DownloadImage(ServerContext* context, const emud::v1::DownloadImageRequest* request,
                       grpc::ServerWriter<emud::v1::DownloadImageResponse>* stream) override {
    return Pass(context, *request, daemon::DownloadImage, *stream);
  }
  Status PullImage(ServerContext* context, const emud::v1::PullImageRequest* request,
                   emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::PullImage);
  }
  Status ListImageRecipes(ServerContext* context, const emud::v1::ListImageRecipesRequest* request,
                          emud::v1::ListImageRecipesResponse* response) override {
    return Unary(context, *request, response, daemon::ListImageRecipes);
  }
  Status CollectImages(ServerContext* context, const emud::v1::CollectImagesRequest* request,
                       emud::v1::CollectImagesResponse* response) override {
    return Unary(context, *request, response, daemon::CollectImages);
  }
};

class VolumeServiceAdapter final : public emud::v1::VolumeService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status CreateVolume(ServerContext* context, const emud::v1::CreateVolumeRequest* request,
                      emud::v1::Volume* response) override {
    return Unary(context, *request, response, daemon::CreateVolume);
  }
  Status GetVolume(ServerContext* context, const emud::v1::GetVolumeRequest* request,
                   emud::v1::Volume* response) override {
    return Unary(context, *request, response, daemon::GetVolume);
  }
  Status ListVolumes(ServerContext* context, const emud::v1::ListVolumesRequest* request,
                     emud::v1::ListVolumesResponse* response) override {
    return Unary(context, *request, response, daemon::ListVolumes);
  }
  Status DeleteVolume(ServerContext* context, const emud::v1::DeleteVolumeRequest* request,
                      google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteVolume);
  }
};

class SnapshotServiceAdapter final : public emud::v1::SnapshotService::Service,
                                     private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status CreateSnapshot(ServerContext* context, const emud::v1::CreateSnapshotRequest* request,
                        emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::CreateSnapshot);
  }
  Status GetSnapshot(ServerContext* context, const emud::v1::GetSnapshotRequest* request,
                     emud::v1::Snapshot* response) override {
    return Unary(context, *request, response, daemon::GetSnapshot);
  }
  Status ListSnapshots(ServerContext* context, const emud::v1::ListSnapshotsRequest* request,
                       emud::v1::ListSnapshotsResponse* response) override {
    return Unary(context, *request, response, daemon::ListSnapshots);
  }
  Status UpdateSnapshot(ServerContext* context, const emud::v1::UpdateSnapshotRequest* request,
                        emud::v1::Snapshot* response) override {
    return Unary(context, *request, response, daemon::UpdateSnapshot);
  }
  Status DeleteSnapshot(ServerContext* context, const emud::v1::DeleteSnapshotRequest* request,
                        google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteSnapshot);
  }
  Status RestoreSnapshot(ServerContext* context, const emud::v1::RestoreSnapshotRequest* request,
                         emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::RestoreSnapshot);
  }
  Status ForkVm(ServerContext* context, const emud::v1::ForkVmRequest* request,
                emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::ForkVm);
  }
  Status ExportSnapshot(ServerContext* context, const emud::v1::ExportSnapshotRequest* request,
                        grpc::ServerWriter<emud::v1::ExportSnapshotResponse>* stream) override {
    return Pass(context, *request, daemon::ExportSnapshot, *stream);
  }
  Status ImportSnapshot(ServerContext* context, const emud::v1::ImportSnapshotRequest* request,
                        emud::v1::Snapshot* response) override {
    return Unary(context, *request, response, daemon::ImportSnapshot);
  }
};

class PoolServiceAdapter final : public emud::v1::PoolService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status CreatePool(ServerContext* context, const emud::v1::CreatePoolRequest* request,
                    emud::v1::Pool* response) override {
    return Unary(context, *request, response, daemon::CreatePool);
  }
  Status GetPool(ServerContext* context, const emud::v1::GetPoolRequest* request,
                 emud::v1::Pool* response) override {
    return Unary(context, *request, response, daemon::GetPool);
  }
  Status ListPools(ServerContext* context, const emud::v1::ListPoolsRequest* request,
                   emud::v1::ListPoolsResponse* response) override {
    return Unary(context, *request, response, daemon::ListPools);
  }
  Status UpdatePool(ServerContext* context, const emud::v1::UpdatePoolRequest* request,
                    emud::v1::Pool* response) override {
    return Unary(context, *request, response, daemon::UpdatePool);
  }
  Status DeletePool(ServerContext* context, const emud::v1::DeletePoolRequest* request,
                    google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeletePool);
  }
  Status AcquireVm(ServerContext* context, const emud::v1::AcquireVmRequest* request,
                   emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::AcquireVm);
  }
};

}  // namespace

void AddStorageServices(const Backend& backend, const Authenticator& authenticator,
                        std::vector<std::unique_ptr<grpc::Service>>& services) {
  services.push_back(std::make_unique<ImageServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<VolumeServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<SnapshotServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<PoolServiceAdapter>(backend, authenticator));
}

}  // namespace emu::daemon
