// role bind, unbind and list, and whoami.
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/roles.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/access.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::AccessService;

struct Flags {
  std::string principal;
  std::string role;
};

template <typename Bindings>
std::string BindingTable(const Bindings& bindings) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(static_cast<size_t>(bindings.size()));
  for (const emud::v1::RoleBinding& binding : bindings) {
    rows.push_back({binding.principal(), binding.project(), RoleName(binding.role())});
  }
  return ToTable({"PRINCIPAL", "PROJECT", "ROLE"}, rows);
}

int Bind(const Flags& flags, const Options& options) {
  emud::v1::BindRoleRequest request;
  request.mutable_binding()->set_principal(flags.principal);
  request.mutable_binding()->set_project(options.connection.project);
  request.mutable_binding()->set_role(kRoles.at(flags.role));
  grpc::ClientContext context;
  emud::v1::RoleBinding binding;
  const auto stub = AccessService::NewStub(Connect(options));
  if (const auto status = stub->BindRole(&context, request, &binding); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, binding, BindingTable(std::vector<emud::v1::RoleBinding>{binding}));
  return kDone;
}

int Unbind(const Flags& flags, const Options& options) {
  emud::v1::UnbindRoleRequest request;
  request.set_principal(flags.principal);
  request.set_project(options.connection.project);
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  const auto stub = AccessService::NewStub(Connect(options));
  const int code = Report(stub->UnbindRole(&context, request, &nothing), options.endpoint);
  if (code == kDone) Print(options.output, nothing, "");
  return code;
}

int List(const Options& options) {
  grpc::ClientContext context;
  emud::v1::ListRoleBindingsResponse response;
  const auto stub = AccessService::NewStub(Connect(options));
  if (const auto status = stub->ListRoleBindings(&context, {}, &response); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, response, BindingTable(response.bindings()));
  return kDone;
}

int WhoAmI(const Options& options) {
  grpc::ClientContext context;
  emud::v1::WhoAmIResponse response;
  const auto stub = AccessService::NewStub(Connect(options));
  if (const auto status = stub->WhoAmI(&context, {}, &response); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, response,
        response.principal() + "\n" +
            (response.roles().empty() ? "" : BindingTable(response.roles())));
  return kDone;
}

}  // namespace

void AddRole(CLI::App& parent, Session& session) {
  auto* role = parent.add_subcommand("role", "Who may do what in a project");
  role->require_subcommand(1);
  role->footer(
      "Examples:\n"
      "  emuctl role bind unix:1000 editor --project lab\n"
      "  emuctl role list\n"
      "A viewer sees VMs, an operator starts and stops them and types at them, an editor makes,\n"
      "changes, deletes and debugs them, an admin gives roles and tokens. Tokens have the role "
      "that\n"
      "they were made with.");
  auto flags = std::make_shared<Flags>();
  auto* bind = role->add_subcommand("bind", "Give a role, in place of the one there was");
  bind->add_option("PRINCIPAL", flags->principal, "unix:UID, or cert:NAME as a certificate has it")
      ->required();
  bind->add_option("ROLE", flags->role, "viewer, operator, editor or admin")
      ->required()
      ->check(CLI::IsMember(RoleWords()));
  bind->footer(
      "Examples:\n"
      "  emuctl role bind unix:1000 editor --project lab\n"
      "  emuctl role bind cert:ci.example.org viewer --project '*'");
  bind->callback([flags, &session] { session.code = Bind(*flags, session.options); });
  auto* unbind = role->add_subcommand("unbind", "Take a role away");
  unbind->add_option("PRINCIPAL", flags->principal, "as role list has it")->required();
  unbind->footer("Example:\n  emuctl role unbind unix:1000 --project lab");
  unbind->callback([flags, &session] { session.code = Unbind(*flags, session.options); });
  auto* list = role->add_subcommand("list", "Show the roles of the projects that you administer");
  list->footer("Example:\n  emuctl role list -o json");
  list->callback([&session] { session.code = List(session.options); });
  for (CLI::App* command : role->get_subcommands({})) command->fallthrough();
}

void AddWhoAmI(CLI::App& parent, Session& session) {
  parent.add_subcommand("whoami", "Show whom the daemon takes you for, and your roles")
      ->footer("Examples:\n  emuctl whoami\n  emuctl whoami --context lab -o json")
      ->callback([&session] { session.code = WhoAmI(session.options); });
}

}  // namespace emu::client
