#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "client/commands/commands.h"
#include "client/escape_filter.h"
#include "client/exit_code.h"
#include "emud/v1/console.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::string name;
  bool log = false;
  bool follow = false;
};

void WriteOut(const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t put = write(STDOUT_FILENO, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno != EINTR) return;
    if (put > 0) done += static_cast<size_t>(put);
  }
}

// The terminal without line editing and echo, for as long as this lives.
class RawTerminal {
 public:
  RawTerminal() {
    termios mode;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &mode) != 0) return;
    saved_ = mode;
    cfmakeraw(&mode);
    tcsetattr(STDIN_FILENO, TCSANOW, &mode);
  }
  ~RawTerminal() {
    if (saved_.has_value()) tcsetattr(STDIN_FILENO, TCSADRAIN, &*saved_);
  }
  bool is_terminal() const { return saved_.has_value(); }

 private:
  std::optional<termios> saved_;
};

int ReadLog(const Flags& flags, const Options& options) {
  const auto stub = emud::v1::ConsoleService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ReadLogRequest request;
  request.set_vm(flags.name);
  request.set_follow(flags.follow);
  const auto reader = stub->ReadLog(&context, request);
  emud::v1::ConsoleOutput output;
  while (reader->Read(&output)) WriteOut(output.data());
  return Report(reader->Finish(), options.endpoint);
}

int Attach(const Flags& flags, const Options& options) {
  const auto stub = emud::v1::ConsoleService::NewStub(Connect(options));
  grpc::ClientContext context;
  const auto stream = stub->Attach(&context);
  emud::v1::AttachRequest start;
  start.mutable_start()->set_vm(flags.name);
  stream->Write(start);
  emud::v1::AttachResponse response;
  if (!stream->Read(&response)) return Report(stream->Finish(), options.endpoint);
  const RawTerminal terminal;
  if (terminal.is_terminal()) {
    std::fprintf(stderr, "Attached to %s. ~. at the start of a line leaves, ~? helps.\r\n",
                 flags.name.c_str());
  }
  std::thread printer([&stream] {
    emud::v1::AttachResponse message;
    while (stream->Read(&message)) WriteOut(message.output().data());
  });
  EscapeFilter escapes(terminal.is_terminal());
  char typed[4096];
  bool left = false;
  while (!left) {
    const ssize_t got = read(STDIN_FILENO, typed, sizeof(typed));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    emud::v1::AttachRequest request;
    const EscapeFilter::Result result =
        escapes.Filter(std::string_view(typed, static_cast<size_t>(got)));
    if (result.wants_help) {
      std::fputs("\r\n~.  leave    ~?  this help    ~~  send ~\r\n", stderr);
    }
    left = result.wants_to_leave;
    if (result.bytes.empty()) continue;
    request.set_input(result.bytes);
    if (!stream->Write(request)) break;
  }
  // The end of a pipe is not a wish to leave at once: what the guest answers is still shown.
  if (!left && !terminal.is_terminal()) std::this_thread::sleep_for(std::chrono::seconds(1));
  stream->WritesDone();
  printer.join();
  const grpc::Status status = stream->Finish();
  if (left) std::fputs("\r\nLeft the console; the VM runs on.\r\n", stderr);
  return Report(status, options.endpoint);
}

}  // namespace

void AddConsole(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("console", "Attach the terminal to a VM's console");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "the VM")->required();
  command->add_flag("--log", flags->log, "print what the console has said, and leave");
  command->add_flag("--follow", flags->follow, "with --log: go on as more comes");
  command->footer(
      "At the start of a line: ~. leaves, ~? helps, ~~ sends a tilde.\n"
      "Examples:\n  emuctl console web1\n  emuctl console web1 --log --follow");
  command->callback([flags, &session] {
    session.code = flags->log || flags->follow ? ReadLog(*flags, session.options)
                                               : Attach(*flags, session.options);
  });
}

}  // namespace emu::client
