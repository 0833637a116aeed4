#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {

void AddVmRemove(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("rm", "Delete a VM (not its disks)");
  auto request = std::make_shared<emud::v1::DeleteVmRequest>();
  command
      ->add_option_function<std::string>(
          "NAME", [request](const std::string& name) { request->set_name(name); }, "the VM")
      ->required();
  command->add_flag_callback(
      "--force", [request] { request->set_force(true); }, "even while it runs");
  command->add_option_function<std::string>(
      "--etag", [request](const std::string& etag) { request->set_etag(etag); },
      "only if the VM still has this one");
  AddRequestId(*command, *request, request);
  command->footer(
      "Examples:\n"
      "  emuctl vm rm web1 --force\n"
      "A VM whose spec.lifecycle.protected is set stays: emuctl vm update web1 --set \\\n"
      "    spec.lifecycle.protected=false");
  command->callback([request, &session] {
    const auto stub = emud::v1::VmService::NewStub(Connect(session.options));
    grpc::ClientContext context;
    google::protobuf::Empty nothing;
    session.code = Report(stub->DeleteVm(&context, *request, &nothing), session.options.endpoint);
    if (session.code == kDone) Print(session.options.output, nothing, "");
  });
}

}  // namespace emu::client
