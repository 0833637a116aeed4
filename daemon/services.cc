#include "daemon/services.h"

#include <utility>

#include "daemon/errors.h"
#include "daemon/handlers/access_handlers.h"
#include "daemon/handlers/audit_handlers.h"
#include "daemon/handlers/call_recorder.h"
#include "daemon/handlers/console_handlers.h"
#include "daemon/handlers/debug_handlers.h"
#include "daemon/handlers/guest_handlers.h"
#include "daemon/handlers/host_handlers.h"
#include "daemon/handlers/operation_handlers.h"
#include "daemon/handlers/stats_handlers.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/service_base.h"

namespace emu::daemon {
namespace {

using emud::v1::WatchEventsResponse;
using emud::v1::WatchVmsResponse;
using grpc::ServerContext;
using grpc::Status;

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
      : ServiceBase(backend, authenticator), agents_(backend.agents) {}

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
  Agents& agents_;
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
  Status DrainHost(ServerContext* context, const emud::v1::DrainHostRequest* request,
                   emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::DrainHost);
  }
  Status UndrainHost(ServerContext* context, const emud::v1::UndrainHostRequest* request,
                     emud::v1::Operation* response) override {
    return Unary(context, *request, response, daemon::UndrainHost);
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
  AddStorageServices(backend, authenticator, services);
  services.push_back(std::make_unique<OperationServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<StatsServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<AccessServiceAdapter>(backend, authenticator));
  services.push_back(std::make_unique<AuditServiceAdapter>(backend, authenticator));
  return services;
}

}  // namespace emu::daemon
