#include <functional>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::Vm;
using emud::v1::VmService;

template <typename Request>
using Method = grpc::Status (VmService::Stub::*)(grpc::ClientContext*, const Request&, Vm*);

template <typename Request>
int Call(const char* verb, Method<Request> method, const Request& request, const Options& options) {
  const auto stub = VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  Vm vm;
  grpc::Status status;
  {
    const Progress progress(options.progress, verb, request.name());
    status = (stub.get()->*method)(&context, request, &vm);
  }
  if (!status.ok()) return Report(status, options.endpoint);
  PrintVms(options.output, vm, {vm}, VmTable({vm}));
  return kDone;
}

// A verb for one VM.
template <typename Request>
void AddVerb(CLI::App& parent, Session& session, const char* verb, const char* help,
             Method<Request> method) {
  auto* command = parent.add_subcommand(verb, help);
  auto request = std::make_shared<Request>();
  command
      ->add_option_function<std::string>(
          "NAME", [request](const std::string& name) { request->set_name(name); }, "the VM")
      ->required();
  AddRequestId(*command, *request, request);
  command->footer(std::string("Example:\n  emuctl vm ") + verb + " web1");
  command->callback([request, verb, method, &session] {
    session.code = Call(verb, method, *request, session.options);
  });
}

// A verb for one VM or many.
template <typename Request>
CLI::App* AddBatchVerb(CLI::App& parent, Session& session, const char* verb, const char* help,
                       emud::v1::Verb of_operation, Method<Request> method) {
  auto* command = parent.add_subcommand(verb, help);
  auto flags = std::make_shared<BatchFlags>();
  flags->request.set_verb(of_operation);
  AddBatchFlags(*command, *flags);
  if constexpr (std::is_same_v<Request, emud::v1::StopVmRequest>) {
    command->add_flag_callback(
        "--force", [flags] { flags->request.set_force(true); },
        "end the process without asking it");
  }
  command->callback([flags, verb, method, &session] {
    if (NeedsOperation(*flags)) {
      session.code = RunOperation(*flags, session.options);
      return;
    }
    Request request;
    request.set_name(flags->request.vms(0));
    request.set_request_id(flags->request.request_id());
    if constexpr (std::is_same_v<Request, emud::v1::StopVmRequest>) {
      request.set_force(flags->request.force());
    }
    session.code = Call(verb, method, request, session.options);
  });
  return command;
}

}  // namespace

void AddVmLifecycle(CLI::App& parent, Session& session) {
  AddBatchVerb<emud::v1::StartVmRequest>(parent, session, "start", "Start VMs that are stopped",
                                         emud::v1::START, &VmService::Stub::StartVm)
      ->footer(
          "Examples:\n"
          "  emuctl vm start web1\n"
          "  emuctl vm start web1 web2 web3 --no-wait");
  AddBatchVerb<emud::v1::StopVmRequest>(parent, session, "stop", "Stop VMs", emud::v1::STOP,
                                        &VmService::Stub::StopVm)
      ->footer(
          "Examples:\n"
          "  emuctl vm stop web1\n"
          "  emuctl vm stop web1 --force\n"
          "  emuctl vm stop --filter 'labels.course=\"os\" AND state=RUNNING' --no-wait");
  AddVerb<emud::v1::PauseVmRequest>(parent, session, "pause", "Hold a VM; its time stops",
                                    &VmService::Stub::PauseVm);
  AddVerb<emud::v1::ResumeVmRequest>(parent, session, "resume", "Let a paused VM go on",
                                     &VmService::Stub::ResumeVm);
  AddVerb<emud::v1::ResetVmRequest>(parent, session, "reset", "Reset a VM, as its button would",
                                    &VmService::Stub::ResetVm);
}

}  // namespace emu::client
