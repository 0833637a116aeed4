// version, host info and completion.
#include <cstdio>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/host.grpc.pb.h"

namespace emu::client {
namespace {

constexpr char kBashCompletion[] = R"bash(_emuctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
  case $COMP_CWORD:$verb in
    1:*) COMPREPLY=($(compgen -W 'vm console version host completion' -- "$cur"));;
    2:vm) COMPREPLY=($(compgen -W 'create list get start stop pause resume reset rm wait' -- "$cur"));;
    2:host) COMPREPLY=($(compgen -W info -- "$cur"));;
    2:completion) COMPREPLY=($(compgen -W bash -- "$cur"));;
    3:vm|2:console) COMPREPLY=($(compgen -W "$(emuctl vm list 2>/dev/null | awk 'NR>1{print $1}')" -- "$cur"));
;
    *) COMPREPLY=($(compgen -f -- "$cur"));
    ;
    esac
    }
complete -F _emuctl emuctl
)bash";

int ShowVersion(const Options& options) {
  std::printf("emuctl " EMU_VERSION "\n");
  const auto stub = emud::v1::HostService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ServerInfo info;
  const grpc::Status status = stub->GetServerInfo(&context, {}, &info);
  if (status.ok()) {
    std::printf("emud %s at %s, which knows you as %s\n", info.version().c_str(),
                options.endpoint.c_str(), info.principal().c_str());
  } else {
    std::printf("emud does not answer at %s\n", options.endpoint.c_str());
  }
  return kDone;
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
                  std::to_string(host.vms_running())}}));
  return kDone;
}

}  // namespace

void AddVersion(CLI::App& parent, Session& session) {
  parent.add_subcommand("version", "Show the versions of emuctl and emud")->callback([&session] {
    session.code = ShowVersion(session.options);
  });
}

void AddHostInfo(CLI::App& parent, Session& session) {
  auto* host = parent.add_subcommand("host", "The machine that emud runs on");
  host->require_subcommand(1);
  host->add_subcommand("info", "Show it")->callback([&session] {
    session.code = ShowHost(session.options);
  });
}

void AddCompletion(CLI::App& parent, Session&) {
  auto* completion = parent.add_subcommand("completion", "Print a shell's completion script");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "eval \"$(emuctl completion bash)\"")->callback([] {
    std::fputs(kBashCompletion, stdout);
  });
}

}  // namespace emu::client
