#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

int Get(const std::string& name, const Options& options) {
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::GetVmRequest request;
  request.set_name(name);
  emud::v1::Vm vm;
  if (const auto status = stub->GetVm(&context, request, &vm); !status.ok()) {
    return Report(status, options.endpoint);
  }
  PrintVms(options.output, vm, {vm}, VmDetails(vm));
  return kDone;
}

}  // namespace

void AddVmGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one VM, and how it last ended");
  auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "the VM")->required();
  command->footer("Example:\n  emuctl vm get web1 -o yaml");
  command->callback([name, &session] { session.code = Get(*name, session.options); });
}

}  // namespace emu::client
