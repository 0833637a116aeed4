#include <functional>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Vm;
using emud::v1::VmService;

template <typename Request>
using Method = grpc::Status (VmService::Stub::*)(grpc::ClientContext*, const Request&, Vm*);

template <typename Request>
int Call(Method<Request> method, const Request& request, const Options& options) {
  const auto stub = VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  Vm vm;
  if (const auto status = (stub.get()->*method)(&context, request, &vm); !status.ok()) {
    return Report(status, options.endpoint);
  }
  PrintVms(options.output, vm, {vm}, VmTable({vm}));
  return kDone;
}

template <typename Request>
void AddVerb(CLI::App& parent, Session& session, const char* verb, const char* help,
             Method<Request> method) {
  auto* command = parent.add_subcommand(verb, help);
  auto request = std::make_shared<Request>();
  command
      ->add_option_function<std::string>(
          "NAME", [request](const std::string& name) { request->set_name(name); }, "the VM")
      ->required();
  if constexpr (std::is_same_v<Request, emud::v1::StopVmRequest>) {
    command->add_flag_callback(
        "--force", [request] { request->set_force(true); }, "end the process without asking it");
  }
  AddRequestId(*command, *request, request);
  std::string examples = std::string("Example:\n  emuctl vm ") + verb + " web1";
  if constexpr (std::is_same_v<Request, emud::v1::StopVmRequest>) {
    examples += "\n  emuctl vm stop web1 --force";
  }
  command->footer(examples);
  command->callback(
      [request, method, &session] { session.code = Call(method, *request, session.options); });
}

}  // namespace

void AddVmLifecycle(CLI::App& parent, Session& session) {
  AddVerb<emud::v1::StartVmRequest>(parent, session, "start", "Start a VM that is stopped",
                                    &VmService::Stub::StartVm);
  AddVerb<emud::v1::StopVmRequest>(parent, session, "stop", "Stop a VM", &VmService::Stub::StopVm);
  AddVerb<emud::v1::PauseVmRequest>(parent, session, "pause", "Hold a VM; its time stops",
                                    &VmService::Stub::PauseVm);
  AddVerb<emud::v1::ResumeVmRequest>(parent, session, "resume", "Let a paused VM go on",
                                     &VmService::Stub::ResumeVm);
  AddVerb<emud::v1::ResetVmRequest>(parent, session, "reset", "Reset a VM, as its button would",
                                    &VmService::Stub::ResetVm);
}

}  // namespace emu::client
