#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/format/progress.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::string name;
  std::vector<std::string> states;
  std::string timeout;
};

int Wait(const Flags& flags, const Options& options) {
  emud::v1::WaitVmRequest request;
  request.set_name(flags.name);
  for (std::string word : flags.states) {
    std::transform(word.begin(), word.end(), word.begin(), ::toupper);
    emud::v1::Vm::State state;
    if (!emud::v1::Vm::State_Parse(word, &state) || state == emud::v1::Vm::STATE_UNSPECIFIED) {
      std::fprintf(stderr,
                   "emuctl: --state %s: give RUNNING, STOPPED, PAUSED, SUSPENDED, CRASHED, ...\n",
                   word.c_str());
      return kUsage;
    }
    request.add_states(state);
  }
  int64_t seconds = 0;
  if (!flags.timeout.empty()) {
    if (!ParseSeconds(flags.timeout, seconds)) {
      std::fprintf(stderr, "emuctl: --timeout %s: give 30s, 5m or 1h\n", flags.timeout.c_str());
      return kUsage;
    }
    request.mutable_timeout()->set_seconds(seconds);
  }
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::Vm vm;
  grpc::Status status;
  {
    const Progress progress(options.progress, "wait", flags.name);
    status = stub->WaitVm(&context, request, &vm);
  }
  if (!status.ok()) {
    const int code = Report(status, options.endpoint);
    return status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ? int{kConditionFalse} : code;
  }
  PrintVms(options.output, vm, {vm}, VmTable({vm}));
  return kDone;
}

}  // namespace

void AddVmWait(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("wait", "Wait until a VM is in a state");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "the VM")->required();
  command->add_option("--state", flags->states, "state, or several with commas")
      ->required()
      ->delimiter(',')
      ->type_name("{STOPPED,RUNNING,PAUSED,SUSPENDED,CRASHED,FAILED,UNKNOWN}");
  command->add_option("--timeout", flags->timeout, "30s, 5m, 1h (default: for ever)");
  command->footer(
      "Example:\n  emuctl vm wait web1 --state STOPPED,CRASHED --timeout 5m\n"
      "Exits 8 when the time is over and the VM is in none of them.");
  command->callback([flags, &session] { session.code = Wait(*flags, session.options); });
}

}  // namespace emu::client
