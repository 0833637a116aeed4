#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::WatchVmsResponse;

std::string ToLine(const WatchVmsResponse& change) {
  std::string line =
      std::to_string(change.revision()) + "  " + WatchVmsResponse::Type_Name(change.type());
  if (change.type() != WatchVmsResponse::SYNCED) line += "  " + change.vm().name();
  if (change.type() == WatchVmsResponse::CHANGED) {
    line += "  " + emud::v1::Vm::State_Name(change.vm().state());
    if (!change.vm().state_reason().empty()) line += " (" + change.vm().state_reason() + ")";
  }
  return line + "\n";
}

int Watch(uint64_t after, const Options& options) {
  const auto stub = emud::v1::VmService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::WatchVmsRequest request;
  request.set_resume_revision(after);
  const auto stream = stub->WatchVms(&context, request);
  WatchVmsResponse change;
  while (stream->Read(&change)) {
    std::string json;
    if (options.output == "json") {
      (void)google::protobuf::util::MessageToJsonString(change, &json);
      json += "\n";  // a line each
    }
    const std::string text = options.output == "json"   ? json
                             : options.output == "yaml" ? "---\n" + ToYaml(change)
                                                        : ToLine(change);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
  return Report(stream->Finish(), options.endpoint);
}

}  // namespace

void AddVmWatch(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("watch", "Show all VMs, then each change, until Ctrl-C");
  auto after = std::make_shared<uint64_t>(0);
  command->add_option("--after", *after, "only what changed after this revision");
  command->footer(
      "Examples:\n"
      "  emuctl vm watch\n"
      "  emuctl vm watch --after 1234 -o json\n"
      "The first column is the revision, for --after. SYNCED: what follows is new.");
  command->callback([after, &session] { session.code = Watch(*after, session.options); });
}

}  // namespace emu::client
