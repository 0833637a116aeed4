#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/duration.h"
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

// Asks again and again how much of a VM has been saved, and tells `progress`, while it exists.
class SaveWatcher {
 public:
  SaveWatcher(VmService::Stub& stub, const std::string& name, Progress& progress)
      : stub_(stub), progress_(progress), thread_([this, name] { Watch(name); }) {}
  ~SaveWatcher() {
    {
      std::lock_guard lock(mutex_);
      has_ended_ = true;
    }
    ended_.notify_all();
    thread_.join();
  }

 private:
  void Watch(const std::string& name) {
    emud::v1::GetVmRequest request;
    request.set_name(name);
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::milliseconds(200), [this] { return has_ended_; })) {
      grpc::ClientContext context;
      Vm vm;
      if (!stub_.GetVm(&context, request, &vm).ok() || vm.saving().total_bytes() == 0) continue;
      const uint64_t done = vm.saving().done_bytes() >> 20;
      const uint64_t total = vm.saving().total_bytes() >> 20;
      progress_.Update({.stage = "suspend " + name + ": " + std::to_string(done) + " of " +
                                 std::to_string(total) + " MiB",
                        .percent = static_cast<int>(100 * done / std::max<uint64_t>(total, 1)),
                        .vms_done = 0,
                        .vms_total = 1});
    }
  }

  VmService::Stub& stub_;
  Progress& progress_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::thread thread_;
};

template <typename Request>
int Call(const char* verb, Method<Request> method, const Request& request, const Options& options) {
  const auto stub = VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  Vm vm;
  grpc::Status status;
  {
    Progress progress(options.progress, verb, request.name());
    std::optional<SaveWatcher> watcher;
    if constexpr (std::is_same_v<Request, emud::v1::SuspendVmRequest>) {
      watcher.emplace(*stub, request.name(), progress);
    }
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
  constexpr bool kHasForce = requires(Request request) { request.set_force(true); };
  if constexpr (kHasForce) {
    constexpr bool kStops = std::is_same_v<Request, emud::v1::StopVmRequest>;
    command->add_flag_callback(
        "--force", [flags] { flags->request.set_force(true); },
        kStops ? "end the process without asking it; discard what a suspended VM has saved"
               : "have a suspended VM go on although a disk has changed since");
  }
  constexpr bool kHasGrace = requires(Request request) { request.mutable_grace_period(); };
  if constexpr (kHasGrace) {
    command->add_option_function<std::string>(
        "--grace",
        [flags](const std::string& text) {
          int64_t seconds = 0;
          if (!ParseSeconds(text, seconds)) {
            throw CLI::ValidationError("--grace", text + ": give 90s, or 5m");
          }
          flags->request.mutable_grace_period()->set_seconds(seconds);
        },
        "press the power button first, and wait so long for the guest to power off: 90s, 5m");
  }
  command->callback([flags, verb, method, &session] {
    if (NeedsOperation(*flags)) {
      session.code = RunOperation(*flags, session.options);
      return;
    }
    Request request;
    request.set_name(flags->request.vms(0));
    request.set_request_id(flags->request.request_id());
    if constexpr (kHasForce) request.set_force(flags->request.force());
    if constexpr (kHasGrace) *request.mutable_grace_period() = flags->request.grace_period();
    session.code = Call(verb, method, request, session.options);
  });
  return command;
}

}  // namespace

void AddVmLifecycle(CLI::App& parent, Session& session) {
  AddBatchVerb<emud::v1::StartVmRequest>(parent, session, "start",
                                         "Start VMs that are stopped or suspended", emud::v1::START,
                                         &VmService::Stub::StartVm)
      ->footer(
          "Examples:\n"
          "  emuctl vm start web1\n"
          "  emuctl vm start web1 web2 web3 --no-wait\n"
          "One that is suspended goes on where it was.");
  AddBatchVerb<emud::v1::StopVmRequest>(parent, session, "stop", "Stop VMs", emud::v1::STOP,
                                        &VmService::Stub::StopVm)
      ->footer(
          "Examples:\n"
          "  emuctl vm stop web1\n"
          "  emuctl vm stop web1 --force\n"
          "  emuctl vm stop arm1 --grace 60s\n"
          "  emuctl vm stop --filter 'labels.course=\"os\" AND state=RUNNING' --no-wait");
  AddBatchVerb<emud::v1::SuspendVmRequest>(parent, session, "suspend",
                                           "Save VMs with their memory, and end their processes",
                                           emud::v1::SUSPEND, &VmService::Stub::SuspendVm)
      ->footer(
          "Examples:\n"
          "  emuctl vm suspend web1\n"
          "  emuctl vm suspend --filter 'labels.course=\"os\" AND state=RUNNING' --no-wait\n"
          "emuctl vm start has it go on where it was; emuctl vm stop --force discards what was "
          "saved.\n"
          "Its disks stay where they are: nobody may write to them meanwhile.");
  AddVerb<emud::v1::PauseVmRequest>(parent, session, "pause", "Hold a VM; its time stops",
                                    &VmService::Stub::PauseVm);
  AddVerb<emud::v1::ResumeVmRequest>(parent, session, "resume", "Let a paused VM go on",
                                     &VmService::Stub::ResumeVm);
  AddVerb<emud::v1::ResetVmRequest>(parent, session, "reset", "Reset a VM, as its button would",
                                    &VmService::Stub::ResetVm);
}

}  // namespace emu::client
