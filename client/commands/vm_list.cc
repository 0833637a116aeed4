#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/list_flags.h"
#include "client/commands/list_pages.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

int List(const emud::v1::ListVmsRequest& wanted, const Options& options) {
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  emud::v1::ListVmsResponse all;
  const auto call = [&stub](auto* context, const auto& request, auto* page) {
    return stub->ListVms(context, request, page);
  };
  if (const auto status = ListPages(wanted, call, all); !status.ok()) {
    return Report(status, options.endpoint);
  }
  const std::vector<emud::v1::Vm> vms(all.vms().begin(), all.vms().end());
  PrintVms(options.output, all, vms, VmTable(vms) + NextPageHint(all));
  return kDone;
}

}  // namespace

void AddVmList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "Show VMs");
  auto request = std::make_shared<emud::v1::ListVmsRequest>();
  AddListFlags(
      *command, request,
      "those of which this is true: fields of a VM, = != < <= > >= and : (contains), AND, OR, NOT");
  command->footer(
      "Examples:\n"
      "  emuctl vm list -o json\n"
      "  emuctl vm list --filter 'state=RUNNING AND labels.course=\"os\" AND name:\"web\"'\n"
      "  emuctl vm list --filter 'spec.machine.memory_mib>=2048' --order-by 'create_time desc'\n"
      "  emuctl vm list --page-size 20");
  command->callback([request, &session] { session.code = List(*request, session.options); });
}

}  // namespace emu::client
