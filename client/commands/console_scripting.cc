// console wait, console send and console info: consoles for scripts.
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/duration.h"
#include "client/exit_code.h"
#include "client/format/message_format.h"
#include "client/key_names.h"
#include "client/number.h"
#include "emud/v1/console.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::ConsoleService;

constexpr size_t kMaxInputBytes = 32 * 1024;  // of one message

struct WaitFlags {
  std::string name, regex, timeout;
  std::string from = "start";
};

struct SendFlags {
  std::string name, text, file;
  std::vector<std::string> keys;
  bool take = false;
};

grpc::Status GetStatus(ConsoleService::Stub& stub, const std::string& name,
                       emud::v1::ConsoleStatus& status) {
  grpc::ClientContext context;
  emud::v1::GetConsoleRequest request;
  request.set_vm(name);
  return stub.GetConsole(&context, request, &status);
}

int Wait(const WaitFlags& flags, const Options& options) {
  const auto stub = ConsoleService::NewStub(Connect(options));
  emud::v1::WaitForOutputRequest request;
  request.set_vm(flags.name);
  request.set_regex(flags.regex);
  uint64_t offset = 0;
  if (flags.from == "now") {
    emud::v1::ConsoleStatus console;
    if (const auto status = GetStatus(*stub, flags.name, console); !status.ok()) {
      return Report(status, options.endpoint);
    }
    request.set_offset(console.head());
  } else if (flags.from != "start") {
    if (!ParseNumber(flags.from, offset)) {
      std::fprintf(stderr, "emuctl: --from %s: give start, now or an offset\n", flags.from.c_str());
      return kUsage;
    }
    request.set_offset(offset);
  }
  int64_t seconds = 0;
  if (!flags.timeout.empty()) {
    if (!ParseSeconds(flags.timeout, seconds)) {
      std::fprintf(stderr, "emuctl: --timeout %s: give 30s, 5m or 1h\n", flags.timeout.c_str());
      return kUsage;
    }
    request.mutable_timeout()->set_seconds(seconds);
  }
  grpc::ClientContext context;
  emud::v1::WaitForOutputResponse match;
  if (const auto status = stub->WaitForOutput(&context, request, &match); !status.ok()) {
    const int code = Report(status, options.endpoint);
    return status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ? int{kConditionFalse} : code;
  }
  Print(options.output, match, match.match() + "\n");
  return kDone;
}

// What is to be typed; false, and said why, if that is not to be had.
bool CollectInput(const SendFlags& flags, std::string& input) {
  input = flags.text;
  if (!flags.file.empty()) {
    std::ifstream file(flags.file == "-" ? "/dev/stdin" : flags.file);
    if (!file) {
      std::fprintf(stderr, "emuctl: --file %s can't be read; check the path\n", flags.file.c_str());
      return false;
    }
    input.append(std::istreambuf_iterator<char>(file), {});
  }
  for (const std::string& key : flags.keys) {
    const std::string bytes = BytesOfKey(key);
    if (bytes.empty()) {
      std::string names;
      for (const KeyName& known : kKeyNames) names.append(" ").append(known.name);
      std::fprintf(stderr, "emuctl: --key %s: there are ctrl-a to ctrl-z and%s\n", key.c_str(),
                   names.c_str());
      return false;
    }
    input += bytes;
  }
  if (input.empty()) std::fputs("emuctl: give TEXT, --file or --key\n", stderr);
  return !input.empty();
}

int Send(const SendFlags& flags, const Options& options) {
  std::string input;
  if (!CollectInput(flags, input)) return kUsage;
  const auto stub = ConsoleService::NewStub(Connect(options));
  grpc::ClientContext context;
  const auto stream = stub->Attach(&context);
  emud::v1::AttachRequest request;
  request.mutable_start()->set_vm(flags.name);
  request.mutable_start()->set_offset(UINT64_MAX);  // nothing of what has been said
  if (flags.take) request.mutable_start()->set_keyboard(emud::v1::AttachRequest::TAKE);
  bool is_open = stream->Write(request);
  for (size_t at = 0; is_open && at < input.size(); at += kMaxInputBytes) {
    request.set_input(input.substr(at, kMaxInputBytes));
    is_open = stream->Write(request);
  }
  stream->WritesDone();
  emud::v1::AttachResponse ignored;
  while (stream->Read(&ignored)) {
  }
  return Report(stream->Finish(), options.endpoint);
}

int ShowInfo(const std::string& name, const Options& options) {
  const auto stub = ConsoleService::NewStub(Connect(options));
  emud::v1::ConsoleStatus console;
  if (const auto status = GetStatus(*stub, name, console); !status.ok()) {
    return Report(status, options.endpoint);
  }
  const std::string& holder = console.keyboard_holder();
  Print(options.output, console,
        ToTable({"NAME", "BYTES", "KEPT-FROM", "LOGGED", "DROPPED", "CLIENTS", "KEYBOARD"},
                {{name, std::to_string(console.head()), std::to_string(console.oldest_offset()),
                  std::to_string(console.log_bytes()), std::to_string(console.dropped_bytes()),
                  std::to_string(console.clients()), holder.empty() ? "-" : holder}}));
  return kDone;
}

void AddWait(CLI::App& console, Session& session) {
  auto* command = console.add_subcommand("wait", "Wait until the console says something");
  auto flags = std::make_shared<WaitFlags>();
  command->add_option("NAME", flags->name, "the VM")->required();
  command->add_option("REGEX", flags->regex, "what to wait for, in RE2's syntax")->required();
  command->add_option("--timeout", flags->timeout, "30s, 5m, 1h (default: for ever)");
  command->add_option("--from", flags->from, "start of what is kept, now, or an offset")
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  emuctl console wait web1 'login: $' --timeout 2m\n"
      "  emuctl console wait web1 'exit=(\\d+)' --from now -o json\n"
      "Prints the match. ^ and $ are ends of lines. Exits 8 when the time is over and nothing has\n"
      "matched. A match is found if it is at most 64 KiB long.");
  command->callback([flags, &session] { session.code = Wait(*flags, session.options); });
}

void AddSend(CLI::App& console, Session& session) {
  auto* command = console.add_subcommand("send", "Type into the console");
  auto flags = std::make_shared<SendFlags>();
  command->add_option("NAME", flags->name, "the VM")->required();
  command->add_option("TEXT", flags->text, "what to type first");
  command->add_option("--file", flags->file, "then what this file holds, - is standard input")
      ->type_name("FILE");
  command->add_option("--key", flags->keys, "then these keys: enter, tab, up, ctrl-c, ...")
      ->delimiter(',');
  command->add_flag("--take", flags->take, "take the keyboard from who has it");
  command->footer(
      "Examples:\n"
      "  emuctl console send web1 'uname -a' --key enter\n"
      "  emuctl console send web1 --key ctrl-c,enter\n"
      "Exits 4 when somebody else has the keyboard, or the VM does not run.");
  command->callback([flags, &session] { session.code = Send(*flags, session.options); });
}

}  // namespace

void AddConsoleScripting(CLI::App& console, Session& session) {
  AddWait(console, session);
  AddSend(console, session);
  auto* info = console.add_subcommand("info", "Show what is kept, what was lost, and who types");
  auto name = std::make_shared<std::string>();
  info->add_option("NAME", *name, "the VM")->required();
  info->footer("Example:\n  emuctl console info web1 -o json");
  info->callback([name, &session] { session.code = ShowInfo(*name, session.options); });
  for (CLI::App* command : console.get_subcommands({})) command->fallthrough();
}

}  // namespace emu::client
