// version.
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

}  // namespace

void AddVersion(CLI::App& parent, Session& session) {
  parent.add_subcommand("version", "Show the versions of emuctl and emud")
      ->footer(
          "Example:\n  emuctl version -o json\n"
          "Exits 7 when no emud answers; emuctl's own version is shown all the same.")
      ->callback([&session] { session.code = ShowVersion(session.options); });
}

}  // namespace emu::client
