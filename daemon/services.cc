#include "daemon/services.h"

#include <utility>

#include "daemon/access/authorizer.h"
#include "daemon/errors.h"
#include "daemon/handlers/access_handlers.h"
#include "daemon/handlers/audit_handlers.h"
#include "daemon/handlers/call_recorder.h"
#include "daemon/handlers/console_handlers.h"
#include "daemon/handlers/debug_handlers.h"
#include "daemon/handlers/guest_handlers.h"
#include "daemon/handlers/host_handlers.h"
#include "daemon/handlers/image_handlers.h"
#include "daemon/handlers/operation_handlers.h"
#include "daemon/handlers/snapshot_handlers.h"
#include "daemon/handlers/stats_handlers.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/handlers/volume_handlers.h"
#include "daemon/host_paths.h"
#include "daemon/watch/cursor.h"
#include "daemon/watch/watch_stream.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::WatchEventsResponse;
using emud::v1::WatchVmsResponse;
using grpc::ServerContext;
using grpc::Status;

// As another cursor, for a caller from elsewhere.
template <typename Response>
class RemoteCursor final : public Cursor<Response> {
 public:
  explicit RemoteCursor(std::unique_ptr<Cursor<Response>> cursor) : cursor_(std::move(cursor)) {}
  absl::StatusOr<std::optional<Response>> Next() override {
    absl::StatusOr<std::optional<Response>> next = cursor_->Next();
    if (!next.ok()) return WithoutHostPaths(next.status(), google::protobuf::Empty());
    return next;
  }

 private:
  const std::unique_ptr<Cursor<Response>> cursor_;
};

// What every service has: the one way to a handler.
class ServiceBase {
 public:
  ServiceBase(const Backend& backend, const Authenticator& authenticator)
      : backend_(backend),
        authenticator_(authenticator),
        authorizer_(backend.vms, backend.images, backend.volumes, backend.snapshots,
                    backend.access) {}

 protected:
  // Runs `handler(call)` if the caller may make the request.
  template <typename Request, typename Handler>
  Status Guard(ServerContext* context, const Request& request, const Handler& handler) const {
    absl::StatusOr<Caller> caller = authenticator_.CallerOf(*context);
    if (!caller.ok()) return errors::ToGrpc(caller.status());
    CallContext call = {backend_.vms,
                        backend_.images,
                        backend_.volumes,
                        backend_.snapshots,
                        backend_.access,
                        backend_.audit,
                        backend_.file_root,
                        backend_.operations,
                        backend_.builds,
                        backend_.sampler,
                        *std::move(caller),
                        [context] { return context->IsCancelled(); },
                        [context] { context->TryCancel(); }};
    const CallRecorder recorder(call, request);
    absl::Status status = authorizer_.Authorize(call.caller, request);
    if (status.ok()) status = handler(call);
    recorder.End(status);
    if (call.caller.origin == Origin::kRemote) status = WithoutHostPaths(status, request);
    return errors::ToGrpc(status);
  }

  // Likewise, for a handler that answers with nothing but a status, or on a stream.
  template <typename Request, typename Handler, typename... Stream>
  Status Pass(ServerContext* context, const Request& request, const Handler& handler,
              Stream&... stream) const {
    return Guard(context, request,
                 [&](CallContext& call) { return handler(call, request, stream...); });
  }

  // Likewise, for a handler that answers with a message.
  template <typename Request, typename Response, typename Handler>
  Status Unary(ServerContext* context, const Request& request, Response* response,
               const Handler& handler) const {
    return Guard(context, request, [&](CallContext& call) -> absl::Status {
      ASSIGN_OR_RETURN(*response, handler(call, request));
      return absl::OkStatus();
    });
  }

  // Streams what a cursor of `make(sight)` tells, if the caller may make the request.
  template <typename Response, typename Request, typename Make>
  grpc::ServerWriteReactor<Response>* Watch(grpc::CallbackServerContext* context,
                                            const Request& request, const Make& make) const {
    absl::StatusOr<Caller> caller = authenticator_.CallerOf(*context);
    absl::Status status = caller.status();
    if (status.ok()) status = authorizer_.Authorize(*caller, request);
    if (!status.ok()) return WatchStream<Response>::Refuse(status);
    std::unique_ptr<Cursor<Response>> cursor =
        make([caller = *caller](const std::string& project) { return caller.Sees(project); });
    if (caller->origin == Origin::kRemote) {
      cursor = std::make_unique<RemoteCursor<Response>>(std::move(cursor));
    }
    return WatchStream<Response>::Start(backend_.hub, std::move(cursor));
  }

  const Backend backend_;

 private:
  const Authenticator& authenticator_;
  const Authorizer authorizer_;
};

using VmServiceBase =
    emud::v1::VmService::WithCallbackMethod_WatchVms<emud::v1::VmService::Service>;

class VmServiceAdapter final : public VmServiceBase, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status CreateVm(ServerContext* context, const emud::v1::CreateVmRequest* request,
                  emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::CreateVm);
  }
  Status GetVm(ServerContext* context, const emud::v1::GetVmRequest* request,
               emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::GetVm);
  }
  Status ListVms(ServerContext* context, const emud::v1::ListVmsRequest* request,
                 emud::v1::ListVmsResponse* response) override {
    return Unary(context, *request, response, daemon::ListVms);
  }
  Status UpdateVm(ServerContext* context, const emud::v1::UpdateVmRequest* request,
                  emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::UpdateVm);
  }
  Status StartVm(ServerContext* context, const emud::v1::StartVmRequest* request,
                 emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::StartVm);
  }
  Status StopVm(ServerContext* context, const emud::v1::StopVmRequest* request,
                emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::StopVm);
  }
  Status PauseVm(ServerContext* context, const emud::v1::PauseVmRequest* request,
                 emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::PauseVm);
  }
  Status SuspendVm(ServerContext* context, const emud::v1::SuspendVmRequest* request,
                   emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::SuspendVm);
  }
  Status ResumeVm(ServerContext* context, const emud::v1::ResumeVmRequest* request,
                  emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::ResumeVm);
  }
  Status ResetVm(ServerContext* context, const emud::v1::ResetVmRequest* request,
                 emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::ResetVm);
  }
  Status WaitVm(ServerContext* context, const emud::v1::WaitVmRequest* request,
                emud::v1::Vm* response) override {
    return Unary(context, *request, response, daemon::WaitVm);
  }
  Status DeleteVm(ServerContext* context, const emud::v1::DeleteVmRequest* request,
                  google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteVm);
  }
  grpc::ServerWriteReactor<WatchVmsResponse>* WatchVms(
      grpc::CallbackServerContext* context, const emud::v1::WatchVmsRequest* request) override {
    return Watch<WatchVmsResponse>(context, *request, [&](Sight sees) {
      return WatchVmsFrom(backend_.vms.records(), request->resume_revision(), std::move(sees));
    });
  }
};

using EventServiceBase =
    emud::v1::EventService::WithCallbackMethod_WatchEvents<emud::v1::EventService::Service>;

class EventServiceAdapter final : public EventServiceBase, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  grpc::ServerWriteReactor<WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const emud::v1::WatchEventsRequest* request) override {
    return Watch<WatchEventsResponse>(context, *request, [&](Sight sees) {
      return WatchEventsFrom(backend_.vms.records(), request->resume_revision(), std::move(sees));
    });
  }
};

class ConsoleServiceAdapter final : public emud::v1::ConsoleService::Service, private ServiceBase {
 public:
  ConsoleServiceAdapter(const Backend& backend, const Authenticator& authenticator)
      : ServiceBase(backend, authenticator), consoles_(backend.vms) {}

  Status Attach(ServerContext* context,
                grpc::ServerReaderWriter<emud::v1::AttachResponse, emud::v1::AttachRequest>* stream)
      override {
    // Which console it is about, the stream's first message says.
    emud::v1::AttachRequest first;
    const bool has_start = stream->Read(&first) && first.has_start();
    return Guard(context, first, [&](CallContext& call) -> absl::Status {
      if (!has_start) {
        return errors::InvalidField("start", "the first message must be start", "send it");
      }
      CallRecorder(call, first).Begin();
      return AttachConsole(call, consoles_, first.start(), *stream);
    });
  }
  Status ReadLog(ServerContext* context, const emud::v1::ReadLogRequest* request,
                 grpc::ServerWriter<emud::v1::ConsoleOutput>* stream) override {
    return Guard(context, *request, [&](CallContext& call) {
      return ReadConsoleLog(call, consoles_, *request, *stream);
    });
  }
  Status WaitForOutput(ServerContext* context, const emud::v1::WaitForOutputRequest* request,
                       emud::v1::WaitForOutputResponse* response) override {
    return Unary(context, *request, response, [this](CallContext& call, const auto& asked) {
      return daemon::WaitForOutput(call, consoles_, asked);
    });
  }
  Status GetConsole(ServerContext* context, const emud::v1::GetConsoleRequest* request,
                    emud::v1::ConsoleStatus* response) override {
    return Unary(context, *request, response, [this](CallContext& call, const auto& asked) {
      return daemon::GetConsole(call, consoles_, asked);
    });
  }

 private:
  Consoles consoles_;
};

class GuestServiceAdapter final : public emud::v1::GuestService::Service, private ServiceBase {
 public:
  GuestServiceAdapter(const Backend& backend, const Authenticator& authenticator)
      : ServiceBase(backend, authenticator), agents_(backend.vms) {}

  Status Exec(
      ServerContext* context,
      grpc::ServerReaderWriter<emud::v1::ExecResponse, emud::v1::ExecRequest>* stream) override {
    // Which VM it is about, the stream's first message says.
    emud::v1::ExecRequest first;
    const bool has_start = stream->Read(&first) && (first.has_start() || first.has_attach());
    return Guard(context, first, [&](CallContext& call) -> absl::Status {
      if (!has_start) {
        return errors::InvalidField("start", "the first message must be start or attach",
                                    "send it");
      }
      CallRecorder(call, first).Begin();
      return daemon::Exec(call, agents_, first, *stream);
    });
  }
  Status ListExecs(ServerContext* context, const emud::v1::ListExecsRequest* request,
                   emud::v1::ListExecsResponse* response) override {
    return Unary(context, *request, response, [this](CallContext& call, const auto& asked) {
      return daemon::ListExecs(call, agents_, asked);
    });
  }
  Status SignalExec(ServerContext* context, const emud::v1::SignalExecRequest* request,
                    google::protobuf::Empty*) override {
    return Pass(context, *request, [this](CallContext& call, const auto& asked) {
      return daemon::SignalExec(call, agents_, asked);
    });
  }
  Status DeleteExec(ServerContext* context, const emud::v1::DeleteExecRequest* request,
                    google::protobuf::Empty*) override {
    return Pass(context, *request, [this](CallContext& call, const auto& asked) {
      return daemon::DeleteExec(call, agents_, asked);
    });
  }
  Status GetGuestInfo(ServerContext* context, const emud::v1::GetGuestInfoRequest* request,
                      emud::v1::GuestInfo* response) override {
    return Unary(context, *request, response, [this](CallContext& call, const auto& asked) {
      return daemon::GetGuestInfo(call, agents_, asked);
    });
  }
  Status SyncGuestTime(ServerContext* context, const emud::v1::SyncGuestTimeRequest* request,
                       emud::v1::SyncGuestTimeResponse* response) override {
    return Unary(context, *request, response, [this](CallContext& call, const auto& asked) {
      return daemon::SyncGuestTime(call, agents_, asked);
    });
  }
  Status FreezeGuest(ServerContext* context, const emud::v1::FreezeGuestRequest* request,
                     google::protobuf::Empty*) override {
    return Pass(context, *request, [this](CallContext& call, const auto& asked) {
      return daemon::FreezeGuest(call, agents_, asked);
    });
  }
  Status ThawGuest(ServerContext* context, const emud::v1::ThawGuestRequest* request,
                   google::protobuf::Empty*) override {
    return Pass(context, *request, [this](CallContext& call, const auto& asked) {
      return daemon::ThawGuest(call, agents_, asked);
    });
  }

 private:
  Agents agents_;
};

class DebugServiceAdapter final : public emud::v1::DebugService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status ReadRegisters(ServerContext* context, const emud::v1::ReadRegistersRequest* request,
                       emud::v1::ReadRegistersResponse* response) override {
    return Unary(context, *request, response, daemon::ReadRegisters);
  }
  Status ReadMemory(ServerContext* context, const emud::v1::ReadMemoryRequest* request,
                    emud::v1::ReadMemoryResponse* response) override {
    return Unary(context, *request, response, daemon::ReadMemory);
  }
  Status ReadDevices(ServerContext* context, const emud::v1::ReadDevicesRequest* request,
                     emud::v1::ReadDevicesResponse* response) override {
    return Unary(context, *request, response, daemon::ReadDevices);
  }
  Status GetVmStats(ServerContext* context, const emud::v1::GetVmStatsRequest* request,
                    emud::v1::VmStats* response) override {
    return Unary(context, *request, response, daemon::GetVmStats);
  }
  Status OpenGdb(ServerContext* context, const emud::v1::OpenGdbRequest* request,
                 emud::v1::OpenGdbResponse* response) override {
    return Unary(context, *request, response, daemon::OpenGdb);
  }
  Status Trace(ServerContext* context, const emud::v1::TraceRequest* request,
               grpc::ServerWriter<emud::v1::TraceChunk>* stream) override {
    return Pass(context, *request, daemon::Trace, *stream);
  }
};

class HostServiceAdapter final : public emud::v1::HostService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status GetServerInfo(ServerContext* context, const emud::v1::GetServerInfoRequest* request,
                       emud::v1::ServerInfo* response) override {
    return Unary(context, *request, response, daemon::GetServerInfo);
  }
  Status GetHost(ServerContext* context, const emud::v1::GetHostRequest* request,
                 emud::v1::Host* response) override {
    return Unary(context, *request, response, daemon::GetHost);
  }
};

class AccessServiceAdapter final : public emud::v1::AccessService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status WhoAmI(ServerContext* context, const emud::v1::WhoAmIRequest* request,
                emud::v1::WhoAmIResponse* response) override {
    return Unary(context, *request, response, daemon::WhoAmI);
  }
  Status CreateProject(ServerContext* context, const emud::v1::CreateProjectRequest* request,
                       emud::v1::Project* response) override {
    return Unary(context, *request, response, daemon::CreateProject);
  }
  Status GetProject(ServerContext* context, const emud::v1::GetProjectRequest* request,
                    emud::v1::Project* response) override {
    return Unary(context, *request, response, daemon::GetProject);
  }
  Status ListProjects(ServerContext* context, const emud::v1::ListProjectsRequest* request,
                      emud::v1::ListProjectsResponse* response) override {
    return Unary(context, *request, response, daemon::ListProjects);
  }
  Status UpdateProject(ServerContext* context, const emud::v1::UpdateProjectRequest* request,
                       emud::v1::Project* response) override {
    return Unary(context, *request, response, daemon::UpdateProject);
  }
  Status BindRole(ServerContext* context, const emud::v1::BindRoleRequest* request,
                  emud::v1::RoleBinding* response) override {
    return Unary(context, *request, response, daemon::BindRole);
  }
  Status ListRoleBindings(ServerContext* context, const emud::v1::ListRoleBindingsRequest* request,
                          emud::v1::ListRoleBindingsResponse* response) override {
    return Unary(context, *request, response, daemon::ListRoleBindings);
  }
  Status CreateToken(ServerContext* context, const emud::v1::CreateTokenRequest* request,
                     emud::v1::CreateTokenResponse* response) override {
    return Unary(context, *request, response, daemon::CreateToken);
  }
  Status ListTokens(ServerContext* context, const emud::v1::ListTokensRequest* request,
                    emud::v1::ListTokensResponse* response) override {
    return Unary(context, *request, response, daemon::ListTokens);
  }
  Status DeleteProject(ServerContext* context, const emud::v1::DeleteProjectRequest* request,
                       google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteProject);
  }
  Status UnbindRole(ServerContext* context, const emud::v1::UnbindRoleRequest* request,
                    google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::UnbindRole);
  }
  Status RevokeToken(ServerContext* context, const emud::v1::RevokeTokenRequest* request,
                     google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::RevokeToken);
  }
};

class AuditServiceAdapter final : public emud::v1::AuditService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status ListAuditEntries(ServerContext* context, const emud::v1::ListAuditEntriesRequest* request,
                          grpc::ServerWriter<emud::v1::AuditEntry>* stream) override {
    return Pass(context, *request, daemon::ListAuditEntries, *stream);
  }
  Status VerifyAuditLog(ServerContext* context, const emud::v1::VerifyAuditLogRequest* request,
                        emud::v1::VerifyAuditLogResponse* response) override {
    return Unary(context, *request, response, daemon::VerifyAuditLog);
  }
};

class OperationServiceAdapter final : public emud::v1::OperationService::Service,
                                      private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status BeginOperation(ServerContext* context, const emud::v1::BeginOperationRequest* request,
                        emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::BeginOperation);
  }
  Status GetOperation(ServerContext* context, const emud::v1::GetOperationRequest* request,
                      emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::GetOperation);
  }
  Status ListOperations(ServerContext* context, const emud::v1::ListOperationsRequest* request,
                        emud::v1::ListOperationsResponse* response) override {
    return Unary(context, *request, response, daemon::ListOperations);
  }
  Status WaitOperation(ServerContext* context, const emud::v1::WaitOperationRequest* request,
                       emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::WaitOperation);
  }
  Status CancelOperation(ServerContext* context, const emud::v1::CancelOperationRequest* request,
                         emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::CancelOperation);
  }
  Status DeleteOperation(ServerContext* context, const emud::v1::DeleteOperationRequest* request,
                         google::protobuf::Empty*) override {
    return Pass(context, *request, daemon::DeleteOperation);
  }
};

class StatsServiceAdapter final : public emud::v1::StatsService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status WatchVmStats(ServerContext* context, const emud::v1::WatchVmStatsRequest* request,
                      grpc::ServerWriter<emud::v1::WatchVmStatsResponse>* stream) override {
    return Pass(context, *request, daemon::WatchVmStats, *stream);
  }
};

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
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeServices(const Backend& backend,
                                                         const Authenticator& authenticator) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<VmServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<EventServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<ConsoleServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<GuestServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<DebugServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<HostServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<ImageServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<VolumeServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<SnapshotServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<OperationServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<StatsServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<AccessServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<AuditServiceAdapter>(backend, authenticator));
  return services;
}

}  // namespace emu::daemon
