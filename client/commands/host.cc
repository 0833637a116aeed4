// host: what emud runs on, and what becomes of the VMs when that is shut down.
#include <memory>
#include <optional>
#include <string>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/host.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::string grace, request_id;
  bool no_wait = false;
};

int ShowHost(const Options& options) {
  const auto stub = emud::v1::HostService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::Host host;
  if (const auto status = stub->GetHost(&context, {}, &host); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, host,
        ToTable({"HOST", "KERNEL", "ARCH", "CPUS", "MEMORY", "FREE", "VMS", "RUNNING"},
                {{host.hostname(), host.kernel(), host.arch(), std::to_string(host.cpus()),
                  std::to_string(host.memory_mib()) + "M",
                  std::to_string(host.memory_available_mib()) + "M", std::to_string(host.vms()),
                  std::to_string(host.vms_running())}}) +
            "sandbox of a VM here: " + SandboxText(host) +
            (host.sandbox_required() ? "; VMs that can't have all of it are refused" : "") + "\n" +
            (host.draining() ? "drained: no VM starts until emuctl host undrain\n" : ""));
  return kDone;
}

// Follows what was begun and shows what has become of each VM.
int Finish(const std::shared_ptr<grpc::Channel>& channel, const grpc::Status& begun,
           const Flags& flags, const Options& options, emud::v1::Operation& operation) {
  if (!begun.ok()) return Report(begun, options.endpoint);
  const std::optional<int> ended = FollowToSuccess(channel, options, flags.no_wait, operation);
  return ended.has_value() ? *ended : ShowOperation(operation, options);
}

int Drain(const Flags& flags, const Options& options) {
  emud::v1::DrainHostRequest request;
  request.set_request_id(flags.request_id);
  if (!flags.grace.empty()) {
    int64_t seconds = 0;
    if (!ParseSeconds(flags.grace, seconds)) {
      std::fprintf(stderr, "emuctl: --grace %s: give 90s or 2m\n", flags.grace.c_str());
      return kUsage;
    }
    request.mutable_grace_period()->set_seconds(seconds);
  }
  const auto channel = Connect(options);
  const auto stub = emud::v1::HostService::NewStub(channel);
  grpc::ClientContext context;
  emud::v1::Operation operation;
  const grpc::Status begun = stub->DrainHost(&context, request, &operation);
  return Finish(channel, begun, flags, options, operation);
}

int Undrain(const Flags& flags, const Options& options) {
  emud::v1::UndrainHostRequest request;
  request.set_request_id(flags.request_id);
  const auto channel = Connect(options);
  const auto stub = emud::v1::HostService::NewStub(channel);
  grpc::ClientContext context;
  emud::v1::Operation operation;
  const grpc::Status begun = stub->UndrainHost(&context, request, &operation);
  return Finish(channel, begun, flags, options, operation);
}

void AddOperationFlags(CLI::App& command, Flags& flags) {
  command.add_flag("--no-wait", flags.no_wait,
                   "leave as soon as it is begun, and show the operation (emuctl op)");
  command.add_option("--request-id", flags.request_id,
                     "an id of yours, best a UUID: asked for again with it, nothing is done twice");
}

void AddInfo(CLI::App& host, Session& session) {
  auto* info = host.add_subcommand("info",
                                   "Show its processors, its memory, what runs on it, and how far "
                                   "it lets VMs be confined");
  info->footer(
      "Example:\n  emuctl host info -o yaml\n"
      "The sandbox is FULL, or PARTIAL with the steps that the host refuses.");
  info->callback([&session] { session.code = ShowHost(session.options); });
}

void AddDrain(CLI::App& host, Session& session) {
  auto* drain = host.add_subcommand(
      "drain", "Suspend, stop or delete all VMs, as each wants it, and let none start");
  auto flags = std::make_shared<Flags>();
  drain->add_option("--grace", flags->grace,
                    "how long a guest that is asked to power off may take (default 1m)");
  AddOperationFlags(*drain, *flags);
  drain->footer(
      "Example:\n  emuctl host drain && systemctl reboot\n"
      "What a VM wants is its --on-host-shutdown (lifecycle.onHostShutdown). Until undrain, which "
      "may\n"
      "come after a reboot, no VM starts. The package's emud-vms.service does both by itself.");
  drain->callback([flags, &session] { session.code = Drain(*flags, session.options); });
}

void AddUndrain(CLI::App& host, Session& session) {
  auto* undrain = host.add_subcommand("undrain", "Start again what drain suspended or stopped");
  auto flags = std::make_shared<Flags>();
  AddOperationFlags(*undrain, *flags);
  undrain->footer(
      "Example:\n  emuctl host undrain\nVMs that somebody has moved since stay as they are.");
  undrain->callback([flags, &session] { session.code = Undrain(*flags, session.options); });
}

}  // namespace

void AddHost(CLI::App& parent, Session& session) {
  auto* host = parent.add_subcommand("host", "The machine that emud runs on");
  host->require_subcommand(1);
  host->footer("Examples:\n  emuctl host info\n  emuctl host drain");
  AddInfo(*host, session);
  AddDrain(*host, session);
  AddUndrain(*host, session);
}

}  // namespace emu::client
