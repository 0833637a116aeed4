// token create, list and revoke.
#include <google/protobuf/util/time_util.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/roles.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/access.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::AccessService;
using google::protobuf::util::TimeUtil;

struct Flags {
  emud::v1::CreateTokenRequest request;
  std::string role = "viewer";
  std::string expires;
};

std::string TokenTable(const std::vector<emud::v1::Token>& tokens) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(tokens.size());
  for (const emud::v1::Token& token : tokens) {
    rows.push_back({token.name(), token.project(), RoleName(token.role()),
                    TimeUtil::ToString(token.expire_time()), token.creator()});
  }
  return ToTable({"NAME", "PROJECT", "ROLE", "EXPIRES", "CREATOR"}, rows);
}

int Create(const Flags& flags, const Options& options) {
  emud::v1::CreateTokenRequest request = flags.request;
  request.set_role(kRoles.at(flags.role));
  // What --project says is in each call, too.
  request.set_project(options.connection.project);
  int64_t seconds = 0;
  if (!flags.expires.empty()) {
    if (!ParseSeconds(flags.expires, seconds)) {
      std::fprintf(stderr, "emuctl: --expires %s: give a time like 12h or 30d\n",
                   flags.expires.c_str());
      return kUsage;
    }
    *request.mutable_ttl() = TimeUtil::SecondsToDuration(seconds);
  }
  grpc::ClientContext context;
  emud::v1::CreateTokenResponse response;
  const auto stub = AccessService::NewStub(Connect(options));
  if (const auto status = stub->CreateToken(&context, request, &response); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, response, response.secret() + "\n");
  return kDone;
}

int List(const Options& options) {
  grpc::ClientContext context;
  emud::v1::ListTokensResponse response;
  const auto stub = AccessService::NewStub(Connect(options));
  if (const auto status = stub->ListTokens(&context, {}, &response); !status.ok()) {
    return Report(status, options.endpoint);
  }
  Print(options.output, response, TokenTable({response.tokens().begin(), response.tokens().end()}));
  return kDone;
}

int Revoke(const emud::v1::RevokeTokenRequest& request, const Options& options) {
  grpc::ClientContext context;
  google::protobuf::Empty nothing;
  const auto stub = AccessService::NewStub(Connect(options));
  const int code = Report(stub->RevokeToken(&context, request, &nothing), options.endpoint);
  if (code == kDone) Print(options.output, nothing, "");
  return code;
}

}  // namespace

void AddToken(CLI::App& parent, Session& session) {
  auto* token = parent.add_subcommand("token", "What remote clients show to be let in");
  token->require_subcommand(1);
  token->footer(
      "Examples:\n"
      "  emuctl token create ci --project lab --role operator --expires 30d > ci.token\n"
      "  emuctl token list\n"
      "  emuctl token revoke ci");
  auto flags = std::make_shared<Flags>();
  auto* create = token->add_subcommand("create", "Make a token, and print it this once");
  create
      ->add_option_function<std::string>(
          "NAME", [flags](const std::string& name) { flags->request.set_name(name); },
          "what it is called: a-z, 0-9 and -, beginning with a letter")
      ->required()
      ->type_name("NEW");
  create->add_option("--role", flags->role, "what its holder may do (default viewer)")
      ->check(CLI::IsMember(RoleWords()));
  create->add_option("--expires", flags->expires, "how long it is good, like 12h (default 90d)");
  create->footer(
      "Examples:\n"
      "  emuctl token create ci --project lab --role operator --expires 30d > ci.token\n"
      "  emuctl token create backup --project '*' --role viewer -o json\n"
      "The daemon keeps its SHA-256 only: what is lost is made anew. --project '*' is for all of\n"
      "them; the role admin there may everything on the host.");
  create->callback([flags, &session] { session.code = Create(*flags, session.options); });
  auto* list = token->add_subcommand("list", "Show the tokens of the projects that you administer");
  list->footer("Example:\n  emuctl token list -o yaml");
  list->callback([&session] { session.code = List(session.options); });
  auto request = std::make_shared<emud::v1::RevokeTokenRequest>();
  auto* revoke = token->add_subcommand("revoke", "Make a token worthless");
  revoke
      ->add_option_function<std::string>(
          "TOKEN", [request](const std::string& name) { request->set_name(name); }, "its name")
      ->required();
  revoke->footer("Example:\n  emuctl token revoke ci");
  revoke->callback([request, &session] { session.code = Revoke(*request, session.options); });
  for (CLI::App* command : token->get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
