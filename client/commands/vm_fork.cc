#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/operation_follow.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/snapshot.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  emud::v1::ForkVmRequest request;
  bool no_wait = false;
};

int Fork(const Flags& flags, const Options& options) {
  const auto channel = Connect(options);
  const auto stub = emud::v1::SnapshotService::NewStub(channel);
  grpc::ClientContext begin;
  emud::v1::Operation operation;
  if (const auto status = stub->ForkVm(&begin, flags.request, &operation); !status.ok()) {
    return Report(status, options.endpoint);
  }
  if (const auto code = FollowToSuccess(channel, options, flags.no_wait, operation)) return *code;
  const auto vms = emud::v1::VmService::NewStub(channel);
  emud::v1::ListVmsResponse made;
  for (uint32_t i = 1; i <= operation.metadata().count(); ++i) {
    emud::v1::GetVmRequest request;
    request.set_name(operation.metadata().name_prefix() + "-" + std::to_string(i));
    grpc::ClientContext context;
    if (const auto status = vms->GetVm(&context, request, made.add_vms()); !status.ok()) {
      return Report(status, options.endpoint);
    }
  }
  const std::vector<emud::v1::Vm> shown(made.vms().begin(), made.vms().end());
  PrintVms(options.output, made, shown, VmTable(shown));
  return kDone;
}

}  // namespace

void AddVmFork(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("fork", "Make VMs that go on where this one is, which goes on, too");
  auto flags = std::make_shared<Flags>();
  emud::v1::ForkVmRequest& request = flags->request;
  command
      ->add_option_function<std::string>(
          "VM", [&request](const std::string& name) { request.set_vm(name); },
          "the VM; a stopped one's forks start with its disks")
      ->required();
  command->add_option_function<uint32_t>(
      "--count", [&request](uint32_t count) { request.set_count(count); },
      "how many, 1 to 100 (default 1)");
  command->add_option_function<std::string>(
      "--name-prefix", [&request](const std::string& prefix) { request.set_name_prefix(prefix); },
      "they are called PREFIX-1 and so on (default: the VM's name)");
  command->add_flag("--no-wait", flags->no_wait,
                    "leave as soon as it is begun, and show the operation (emuctl op)");
  AddRequestId(*command, request, flags);
  command->footer("Example:\n  emuctl vm fork web1 --count 3 --name-prefix ci");
  command->callback([flags, &session] { session.code = Fork(*flags, session.options); });
}

}  // namespace emu::client
