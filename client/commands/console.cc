#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "client/commands/commands.h"
#include "client/escape_filter.h"
#include "client/exit_code.h"
#include "client/raw_terminal.h"
#include "emud/v1/console.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"

namespace emu::client {
namespace {

struct Flags {
  std::string name;
  bool log = false;
  bool follow = false;
  bool read_only = false;
  bool take = false;
  uint64_t offset = 0;
};

// Tells on stderr what was overwritten before it came here; `next` is the offset of the byte
// expected.
void MarkGap(const emud::v1::ConsoleOutput& output, std::optional<uint64_t>& next) {
  if (next.has_value() && output.offset() > *next) {
    std::fprintf(stderr, "\r\n[%llu bytes were lost here]\r\n",
                 static_cast<unsigned long long>(output.offset() - *next));
  }
  next = output.offset() + output.data().size();
}

int ReadLog(const Flags& flags, const Options& options) {
  const auto stub = emud::v1::ConsoleService::NewStub(Connect(options));
  grpc::ClientContext context;
  emud::v1::ReadLogRequest request;
  request.set_vm(flags.name);
  request.set_follow(flags.follow);
  request.set_offset(flags.offset);
  const auto reader = stub->ReadLog(&context, request);
  emud::v1::ConsoleOutput output;
  std::optional<uint64_t> next;
  while (reader->Read(&output)) {
    MarkGap(output, next);
    WriteAll(STDOUT_FILENO, output.data());
  }
  return Report(reader->Finish(), options.endpoint);
}

// What the server sends, printed by a thread of its own until the stream ends.
class Printer {
 public:
  using Stream = grpc::ClientReaderWriter<emud::v1::AttachRequest, emud::v1::AttachResponse>;

  // `may_type` follows what the server says of the keyboard.
  Printer(Stream& stream, std::atomic<bool>& may_type)
      : may_type_(may_type),
        done_event_(eventfd(0, EFD_CLOEXEC)),
        thread_([this, &stream] { Main(stream); }) {}
  ~Printer() { close(done_event_); }

  // Readable once nothing comes any more.
  int done_event() const { return done_event_; }
  // Waits for that; why the console has ended, if the server told.
  std::string Join() {
    thread_.join();
    return farewell_;
  }

 private:
  void Main(Stream& stream) {
    emud::v1::AttachResponse message;
    std::optional<uint64_t> next;
    while (farewell_.empty() && stream.Read(&message)) {
      if (message.has_output()) MarkGap(message.output(), next);
      WriteAll(STDOUT_FILENO, message.output().data());
      if (message.has_keyboard()) TellKeyboard(message.keyboard());
      farewell_ = message.ended().message();
    }
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(done_event_, &one, sizeof(one));
    // A client has to read to the end of a stream.
    while (stream.Read(&message)) {
    }
  }

  void TellKeyboard(const emud::v1::AttachResponse::KeyboardState& keyboard) {
    may_type_ = keyboard.held();
    if (keyboard.held()) return;
    std::fprintf(stderr, "\r\n%s has taken the keyboard. You may read on; ~t takes it back.\r\n",
                 keyboard.holder().c_str());
  }

  std::atomic<bool>& may_type_;
  const int done_event_;
  std::string farewell_;
  std::thread thread_;
};

// Tells the person at the terminal, once, that the VM does not run: a console outlives that, and
// would just be silent.
class EndTeller {
 public:
  EndTeller(const std::string& name, const Options& options)
      : stub_(emud::v1::VmService::NewStub(Connect(options))),
        thread_([this, name] { Main(name); }) {}
  ~EndTeller() { Join(); }

  bool has_told() const { return has_told_; }
  void Join() {
    context_.TryCancel();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Main(const std::string& name) {
    emud::v1::WaitVmRequest request;
    request.set_name(name);
    request.add_states(emud::v1::Vm::STOPPED);
    request.add_states(emud::v1::Vm::CRASHED);
    emud::v1::Vm vm;
    if (!stub_->WaitVm(&context_, request, &vm).ok()) return;
    has_told_ = true;
    std::fprintf(stderr, "\r\n%s is %s (%s). ~. leaves; emuctl vm start %s boots it again.\r\n",
                 name.c_str(), emud::v1::Vm::State_Name(vm.state()).c_str(),
                 vm.state_reason().c_str(), name.c_str());
  }

  const std::unique_ptr<emud::v1::VmService::Stub> stub_;
  grpc::ClientContext context_;
  std::atomic<bool> has_told_ = false;
  std::thread thread_;
};

// Sends what is typed until its end, ~. or the stream's end; true after ~.
bool SendTyped(Printer::Stream& stream, int done_event, bool has_escapes,
               std::atomic<bool>& may_type) {
  EscapeFilter escapes(has_escapes);
  char typed[4096];
  while (true) {
    pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {done_event, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents != 0) return false;
    const ssize_t got = read(STDIN_FILENO, typed, sizeof(typed));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    const EscapeFilter::Result result =
        escapes.Filter(std::string_view(typed, static_cast<size_t>(got)));
    if (result.wants_help) {
      std::fputs("\r\n~.  leave    ~t  take the keyboard    ~?  this help    ~~  send ~\r\n",
                 stderr);
    }
    emud::v1::AttachRequest request;
    if (result.wants_keyboard) {
      request.mutable_take_keyboard();
      may_type = true;
      if (!stream.Write(request)) return false;
    }
    if (!result.bytes.empty() && may_type) {
      request.set_input(result.bytes);
      if (!stream.Write(request)) return false;
    }
    if (result.wants_to_leave) return true;
  }
}

int Attach(const Flags& flags, const Options& options) {
  const auto stub = emud::v1::ConsoleService::NewStub(Connect(options));
  grpc::ClientContext context;
  const auto stream = stub->Attach(&context);
  emud::v1::AttachRequest start;
  start.mutable_start()->set_vm(flags.name);
  if (flags.take) start.mutable_start()->set_keyboard(emud::v1::AttachRequest::TAKE);
  if (flags.read_only) start.mutable_start()->set_keyboard(emud::v1::AttachRequest::READ_ONLY);
  stream->Write(start);
  emud::v1::AttachResponse response;
  if (!stream->Read(&response)) return Report(stream->Finish(), options.endpoint);
  bool left = false;
  std::atomic<bool> may_type = !flags.read_only;
  bool runs_on = true;
  std::string farewell;
  {
    const RawTerminal terminal;
    if (terminal.is_terminal()) {
      std::fprintf(stderr, "Attached to %s. ~. at the start of a line leaves, ~? helps.\r\n",
                   flags.name.c_str());
    }
    std::optional<EndTeller> end_teller;
    if (terminal.is_terminal()) end_teller.emplace(flags.name, options);
    Printer printer(*stream, may_type);
    left = SendTyped(*stream, printer.done_event(), terminal.is_terminal(), may_type);
    // The server delivers what was typed, then ends the call.
    stream->WritesDone();
    farewell = printer.Join();
    if (end_teller.has_value()) {
      end_teller->Join();
      runs_on = !end_teller->has_told();
    }
  }
  const grpc::Status status = stream->Finish();
  if (left) {
    std::fputs(runs_on ? "\nLeft the console; the VM runs on.\n" : "\nLeft the console.\n", stderr);
  } else if (!farewell.empty()) {
    std::fprintf(stderr, "\nemuctl: the console ended: %s\n", farewell.c_str());
  }
  return Report(status, options.endpoint);
}

}  // namespace

void AddConsole(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("console", "Attach the terminal to a VM's console");
  auto flags = std::make_shared<Flags>();
  command->require_subcommand(0, 1);
  command->add_option("NAME", flags->name, "the VM");
  command->add_flag("--log", flags->log, "print what the console has said, and leave");
  command->add_flag("--follow", flags->follow, "with --log: go on as more comes");
  command->add_flag("--read-only", flags->read_only, "look, and let others type");
  command->add_flag("--take", flags->take, "take the keyboard from who has it");
  command->add_option("--offset", flags->offset,
                      "with --log: begin with this byte of all there ever were (default 0)");
  command->footer(
      "At the start of a line: ~. leaves, ~t takes the keyboard, ~? helps, ~~ sends a tilde. From "
      "a\n"
      "pipe: types what comes and leaves when the VM has it. Many may look; the first that types "
      "has\n"
      "the keyboard until it leaves or another takes it.\n"
      "Examples:\n"
      "  emuctl console web1\n"
      "  emuctl console web1 --log --follow\n"
      "  emuctl console web1 --log --follow --offset 123456\n"
      "  echo poweroff | emuctl console web1");
  AddConsoleScripting(*command, session);
  command->callback([command, flags, &session] {
    if (!command->get_subcommands().empty()) return;  // that one has been called
    if (flags->name.empty()) {
      std::fputs("emuctl: NAME is required\nSee emuctl console --help\n", stderr);
      session.code = kUsage;
      return;
    }
    session.code = flags->log || flags->follow ? ReadLog(*flags, session.options)
                                               : Attach(*flags, session.options);
  });
}

}  // namespace emu::client
