#include "daemon/services.h"

#include <utility>

#include "daemon/errors.h"
#include "daemon/handlers/console_handlers.h"
#include "daemon/handlers/debug_handlers.h"
#include "daemon/handlers/host_handlers.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/handlers/watch_handlers.h"
#include "emud/v1/console.grpc.pb.h"
#include "emud/v1/debug.grpc.pb.h"
#include "emud/v1/event.grpc.pb.h"
#include "emud/v1/host.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::daemon {
namespace {

using grpc::ServerContext;
using grpc::Status;

template <typename Message>
Status Answer(absl::StatusOr<Message> result, Message* response) {
  if (!result.ok()) return errors::ToGrpc(result.status());
  *response = *std::move(result);
  return Status::OK;
}

// What every service has.
class ServiceBase {
 public:
  ServiceBase(VmTable& vms, PeerRegistry& peers) : vms_(vms), peers_(peers) {}

 protected:
  CallContext Context(ServerContext* context) {
    return {vms_, peers_.PrincipalOf(context->peer()), [context] { return context->IsCancelled(); },
            [context] { context->TryCancel(); }};
  }
  VmTable& vms_;
  PeerRegistry& peers_;
};

class VmServiceAdapter final : public emud::v1::VmService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status CreateVm(ServerContext* context, const emud::v1::CreateVmRequest* request,
                  emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::CreateVm(call, *request), response);
  }
  Status GetVm(ServerContext* context, const emud::v1::GetVmRequest* request,
               emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::GetVm(call, *request), response);
  }
  Status ListVms(ServerContext* context, const emud::v1::ListVmsRequest* request,
                 emud::v1::ListVmsResponse* response) override {
    CallContext call = Context(context);
    return Answer(daemon::ListVms(call, *request), response);
  }
  Status UpdateVm(ServerContext* context, const emud::v1::UpdateVmRequest* request,
                  emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::UpdateVm(call, *request), response);
  }
  Status StartVm(ServerContext* context, const emud::v1::StartVmRequest* request,
                 emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::StartVm(call, *request), response);
  }
  Status StopVm(ServerContext* context, const emud::v1::StopVmRequest* request,
                emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::StopVm(call, *request), response);
  }
  Status PauseVm(ServerContext* context, const emud::v1::PauseVmRequest* request,
                 emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::PauseVm(call, *request), response);
  }
  Status ResumeVm(ServerContext* context, const emud::v1::ResumeVmRequest* request,
                  emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::ResumeVm(call, *request), response);
  }
  Status ResetVm(ServerContext* context, const emud::v1::ResetVmRequest* request,
                 emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::ResetVm(call, *request), response);
  }
  Status DeleteVm(ServerContext* context, const emud::v1::DeleteVmRequest* request,
                  google::protobuf::Empty*) override {
    CallContext call = Context(context);
    return errors::ToGrpc(daemon::DeleteVm(call, *request));
  }
  Status WatchVms(ServerContext* context, const emud::v1::WatchVmsRequest* request,
                  grpc::ServerWriter<emud::v1::WatchVmsResponse>* stream) override {
    CallContext call = Context(context);
    return errors::ToGrpc(daemon::WatchVms(call, *request, *stream));
  }
  Status WaitVm(ServerContext* context, const emud::v1::WaitVmRequest* request,
                emud::v1::Vm* response) override {
    CallContext call = Context(context);
    return Answer(daemon::WaitVm(call, *request), response);
  }
};

class EventServiceAdapter final : public emud::v1::EventService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status WatchEvents(ServerContext* context, const emud::v1::WatchEventsRequest* request,
                     grpc::ServerWriter<emud::v1::WatchEventsResponse>* stream) override {
    CallContext call = Context(context);
    return errors::ToGrpc(daemon::WatchEvents(call, *request, *stream));
  }
};

class ConsoleServiceAdapter final : public emud::v1::ConsoleService::Service, private ServiceBase {
 public:
  ConsoleServiceAdapter(VmTable& vms, PeerRegistry& peers)
      : ServiceBase(vms, peers), consoles_(vms) {}

  Status Attach(ServerContext* context,
                grpc::ServerReaderWriter<emud::v1::AttachResponse, emud::v1::AttachRequest>* stream)
      override {
    CallContext call = Context(context);
    return errors::ToGrpc(AttachConsole(call, consoles_, *stream));
  }
  Status ReadLog(ServerContext* context, const emud::v1::ReadLogRequest* request,
                 grpc::ServerWriter<emud::v1::ConsoleOutput>* stream) override {
    CallContext call = Context(context);
    return errors::ToGrpc(ReadConsoleLog(call, consoles_, *request, *stream));
  }
  Status WaitForOutput(ServerContext* context, const emud::v1::WaitForOutputRequest* request,
                       emud::v1::WaitForOutputResponse* response) override {
    CallContext call = Context(context);
    return Answer(daemon::WaitForOutput(call, consoles_, *request), response);
  }
  Status GetConsole(ServerContext*, const emud::v1::GetConsoleRequest* request,
                    emud::v1::ConsoleStatus* response) override {
    return Answer(daemon::GetConsole(consoles_, *request), response);
  }

 private:
  Consoles consoles_;
};

class DebugServiceAdapter final : public emud::v1::DebugService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status ReadRegisters(ServerContext* context, const emud::v1::ReadRegistersRequest* request,
                       emud::v1::ReadRegistersResponse* response) override {
    CallContext call = Context(context);
    return Answer(daemon::ReadRegisters(call, *request), response);
  }
  Status ReadMemory(ServerContext* context, const emud::v1::ReadMemoryRequest* request,
                    emud::v1::ReadMemoryResponse* response) override {
    CallContext call = Context(context);
    return Answer(daemon::ReadMemory(call, *request), response);
  }
  Status ReadDevices(ServerContext* context, const emud::v1::ReadDevicesRequest* request,
                     emud::v1::ReadDevicesResponse* response) override {
    CallContext call = Context(context);
    return Answer(daemon::ReadDevices(call, *request), response);
  }
  Status GetVmStats(ServerContext* context, const emud::v1::GetVmStatsRequest* request,
                    emud::v1::VmStats* response) override {
    CallContext call = Context(context);
    return Answer(daemon::GetVmStats(call, *request), response);
  }
  Status Trace(ServerContext* context, const emud::v1::TraceRequest* request,
               grpc::ServerWriter<emud::v1::TraceChunk>* stream) override {
    CallContext call = Context(context);
    return errors::ToGrpc(daemon::Trace(call, *request, *stream));
  }
  Status OpenGdb(ServerContext* context, const emud::v1::OpenGdbRequest* request,
                 emud::v1::OpenGdbResponse* response) override {
    CallContext call = Context(context);
    return Answer(daemon::OpenGdb(call, *request), response);
  }
};

class HostServiceAdapter final : public emud::v1::HostService::Service, private ServiceBase {
 public:
  using ServiceBase::ServiceBase;

  Status GetServerInfo(ServerContext* context, const emud::v1::GetServerInfoRequest*,
                       emud::v1::ServerInfo* response) override {
    CallContext call = Context(context);
    return Answer(daemon::GetServerInfo(call), response);
  }
  Status GetHost(ServerContext* context, const emud::v1::GetHostRequest*,
                 emud::v1::Host* response) override {
    CallContext call = Context(context);
    return Answer(daemon::GetHost(call), response);
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeServices(VmTable& vms, PeerRegistry& peers) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<VmServiceAdapter>(vms, peers));
  services.push_back(std::make_unique<EventServiceAdapter>(vms, peers));
  services.push_back(std::make_unique<ConsoleServiceAdapter>(vms, peers));
  services.push_back(std::make_unique<DebugServiceAdapter>(vms, peers));
  services.push_back(std::make_unique<HostServiceAdapter>(vms, peers));
  return services;
}

}  // namespace emu::daemon
