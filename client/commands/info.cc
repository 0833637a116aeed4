// version and host info.
#include <google/protobuf/struct.pb.h>

#include <cstdio>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/host.grpc.pb.h"

namespace emu::client {
namespace {

int ShowVersion(const Options& options) {
  const auto stub = emud::v1::HostService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ServerInfo info;
  const grpc::Status status = stub->GetServerInfo(&context, {}, &info);
  google::protobuf::Struct both;
  (*both.mutable_fields())["client"].set_string_value(EMU_VERSION);
  std::string text = "emuctl " EMU_VERSION "\n";
  if (status.ok()) {
    (*both.mutable_fields())["server"].set_string_value(info.version());
    (*both.mutable_fields())["endpoint"].set_string_value(options.endpoint);
    (*both.mutable_fields())["principal"].set_string_value(info.principal());
    text += "emud " + info.version() + " at " + options.endpoint + ", which knows you as " +
            info.principal() + "\n" + "guests:";
    auto& guests = *(*both.mutable_fields())["guestArchs"].mutable_list_value();
    for (const std::string& guest : info.guest_archs()) {
      guests.add_values()->set_string_value(guest);
      text += " " + guest;
    }
    text += "\n";
  }
  Print(options.output, both, text);
  std::fflush(stdout);
  return Report(status, options.endpoint);
}

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
            (host.sandbox_required() ? "; VMs that can't have all of it are refused" : "") + "\n");
  return kDone;
}

}  // namespace

void AddVersion(CLI::App& parent, Session& session) {
  parent.add_subcommand("version", "Show the versions of emuctl and emud")
      ->footer(
          "Example:\n  emuctl version -o json\n"
          "Exits 7 when no emud answers; emuctl's own version is shown all the same.")
      ->callback([&session] { session.code = ShowVersion(session.options); });
}

void AddHostInfo(CLI::App& parent, Session& session) {
  auto* host = parent.add_subcommand("host", "The machine that emud runs on");
  host->require_subcommand(1);
  host->footer("Example:\n  emuctl host info");
  auto* info = host->add_subcommand("info",
                                    "Show its processors, its memory, what runs on it, and "
                                    "how far it lets VMs be confined");
  info->footer(
      "Example:\n  emuctl host info -o yaml\n"
      "The sandbox is FULL, or PARTIAL with the steps that the host refuses.");
  info->callback([&session] { session.code = ShowHost(session.options); });
}

}  // namespace emu::client
