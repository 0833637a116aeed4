#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <cstdio>
#include <memory>
#include <string>

#include "client/commands/commands.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "emud/v1/event.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  bool follow = false;
  uint64_t after = 0;
};

// A line each, so that a reader of a stream has all of an event.
std::string ToLine(const emud::v1::Event& event) {
  std::string line = google::protobuf::util::TimeUtil::ToString(event.time());
  line += "  " + std::to_string(event.revision()) + "  " +
          emud::v1::Event::Type_Name(event.type()) + "  " + event.vm();
  if (event.type() == emud::v1::Event::VM_STATE_CHANGED) {
    line += "  " + emud::v1::Vm::State_Name(event.state());
    if (!event.state_reason().empty()) line += " (" + event.state_reason() + ")";
  }
  if (!event.principal().empty()) line += "  by " + event.principal();
  return line + "\n";
}

void Show(const emud::v1::Event& event, const std::string& output) {
  std::string text = ToLine(event);
  if (output == "json") {
    text.clear();
    (void)google::protobuf::util::MessageToJsonString(event, &text);
    text += "\n";
  } else if (output == "yaml") {
    text = "---\n" + ToYaml(event);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int ShowEvents(const Flags& flags, const Options& options) {
  const auto stub = emud::v1::EventService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::WatchEventsRequest request;
  request.set_resume_revision(flags.after);
  const auto stream = stub->WatchEvents(&context, request);
  emud::v1::WatchEventsResponse response;
  while (stream->Read(&response)) {
    if (response.has_event()) Show(response.event(), options.output);
    if (response.has_synced() && !flags.follow) {
      context.TryCancel();
      (void)stream->Finish();
      return kDone;
    }
  }
  return Report(stream->Finish(), options.endpoint);
}

}  // namespace

void AddEvents(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("events", "Show what has happened to VMs");
  auto flags = std::make_shared<Flags>();
  command->add_flag("--follow", flags->follow, "go on with what happens, until Ctrl-C");
  command->add_option("--after", flags->after, "only what came after this revision");
  command->footer(
      "Examples:\n"
      "  emuctl events\n"
      "  emuctl events --follow -o json\n"
      "The last 10,000 are kept. The second column is the revision, for --after.");
  command->callback([flags, &session] { session.code = ShowEvents(*flags, session.options); });
}

}  // namespace emu::client
