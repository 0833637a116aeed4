#include "daemon/agent/guest/execution.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/agent/guest/user.h"

namespace emu::agent {
namespace {

constexpr char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr size_t kPieceBytes = 16 << 10;

struct Pipe {
  File read, write;
};

bool Open(Pipe& made) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return false;
  made = {File(fds[0]), File(fds[1])};
  return true;
}

bool DontBlock(const File& file) {
  return fcntl(file.get(), F_SETFL, fcntl(file.get(), F_GETFL) | O_NONBLOCK) == 0;
}

winsize ToWindow(uint32_t size) {
  return {.ws_row = static_cast<unsigned short>(size >> 16),
          .ws_col = static_cast<unsigned short>(size),
          .ws_xpixel = 0,
          .ws_ypixel = 0};
}

// What the child is given. Made before the fork: behind it only system calls are safe.
struct Child {
  User user;
  std::string folder;
  std::vector<std::string> variables;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<std::string> candidates;  // where the program may be
  bool has_terminal = false;
};

bool HasVariable(const std::vector<std::string>& variables, std::string_view name) {
  return std::ranges::any_of(variables, [name](const std::string& variable) {
    return variable.size() > name.size() && variable.starts_with(name) &&
           variable[name.size()] == '=';
  });
}

std::vector<std::string> CandidatesOf(const std::string& program,
                                      const std::vector<std::string>& variables) {
  if (program.find('/') != std::string::npos) return {program};
  std::string path = kDefaultPath;
  for (const std::string& variable : variables) {
    if (variable.starts_with("PATH=")) path = variable.substr(5);
  }
  std::vector<std::string> candidates;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find(':', begin), path.size());
    const std::string folder = path.substr(begin, end - begin);
    candidates.push_back((folder.empty() ? "." : folder) + "/" + program);
    begin = end + 1;
  }
  return candidates;
}

int Prepare(const Command& command, Child& child) {
  const std::optional<User> user = FindUser(command.user);
  if (!user.has_value()) return ESRCH;
  child.user = *user;
  child.folder = command.folder.empty() ? user->home : command.folder;
  child.variables = command.variables;
  const std::pair<const char*, std::string> defaults[] = {{"PATH", kDefaultPath},
                                                          {"HOME", user->home},
                                                          {"USER", user->name},
                                                          {"LOGNAME", user->name},
                                                          {"SHELL", user->shell}};
  for (const auto& [name, value] : defaults) {
    if (!HasVariable(child.variables, name)) {
      child.variables.push_back(std::string(name) + "=" + value);
    }
  }
  child.has_terminal = command.has_terminal;
  if (command.has_terminal && !HasVariable(child.variables, "TERM")) {
    child.variables.push_back("TERM=linux");
  }
  child.candidates = CandidatesOf(command.arguments.front(), child.variables);
  for (const std::string& argument : command.arguments) {
    child.arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  for (const std::string& variable : child.variables) {
    child.environment.push_back(const_cast<char*>(variable.c_str()));
  }
  child.arguments.push_back(nullptr);
  child.environment.push_back(nullptr);
  return 0;
}

int BecomeUser(const User& user) {
  if (setgroups(user.groups.size(), user.groups.data()) != 0 && errno != EPERM) return errno;
  if (setgid(user.gid) != 0 || setuid(user.uid) != 0) return errno;
  return 0;
}

// In the child. Returns why there is no program.
int Exec(const Child& child, int input, int output, int error) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  setsid();
  if (child.has_terminal) ioctl(input, TIOCSCTTY, 0);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) return errno;
  if (const int refused = BecomeUser(child.user); refused != 0) return refused;
  // A user's home may be missing, a folder that was asked for may not.
  if (chdir(child.folder.c_str()) != 0 && (child.folder != child.user.home || chdir("/") != 0)) {
    return errno;
  }
  int reason = ENOENT;
  for (const std::string& candidate : child.candidates) {
    execve(candidate.c_str(), child.arguments.data(), child.environment.data());
    if (errno != ENOENT && errno != ENOTDIR) reason = errno;
  }
  return reason;
}

}  // namespace

bool ParseCommand(std::span<const std::byte> data, Command& command) {
  StartRequest request;
  if (data.size() < sizeof(request)) return false;
  std::memcpy(&request, data.data(), sizeof(request));
  data = data.subspan(sizeof(request));
  const auto next = [&data](std::string& text) {
    const auto end = std::ranges::find(data, std::byte{0});
    if (end == data.end()) return false;
    // SAFETY: bytes as characters.
    text.assign(reinterpret_cast<const char*>(data.data()),
                static_cast<size_t>(end - data.begin()));
    data = data.subspan(text.size() + 1);
    return true;
  };
  const auto next_many = [&next](uint32_t count, std::vector<std::string>& texts) {
    for (uint32_t i = 0; i < count; ++i) {
      if (!next(texts.emplace_back())) return false;
    }
    return true;
  };
  command.has_terminal = request.has_terminal != 0;
  command.terminal_size = request.terminal_size;
  return next(command.folder) && next(command.user) &&
         next_many(request.argument_count, command.arguments) &&
         next_many(request.variable_count, command.variables) && !command.arguments.empty();
}

std::unique_ptr<Execution> Execution::Start(uint64_t id, const Command& command, int& error) {
  Child child;
  error = Prepare(command, child);
  if (error != 0) return nullptr;
  auto execution = std::unique_ptr<Execution>(new Execution(id));
  Pipe input, output, errors, failure;
  File terminal, line;
  const auto fail = [&error] {
    error = errno;
    return nullptr;
  };
  if (!Open(failure)) return fail();
  if (command.has_terminal) {
    terminal = File(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal || grantpt(terminal.get()) != 0 || unlockpt(terminal.get()) != 0) return fail();
    line = File(ioctl(terminal.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    const winsize window = ToWindow(command.terminal_size);
    if (!line || (command.terminal_size != 0 && ioctl(line.get(), TIOCSWINSZ, &window) != 0)) {
      return fail();
    }
  } else if (!Open(input) || !Open(output) || !Open(errors)) {
    return fail();
  }

  const pid_t pid = fork();
  if (pid < 0) return fail();
  if (pid == 0) {
    const int reason = command.has_terminal
                           ? Exec(child, line.get(), line.get(), line.get())
                           : Exec(child, input.read.get(), output.write.get(), errors.write.get());
    (void)!write(failure.write.get(), &reason, sizeof(reason));
    _exit(127);
  }
  failure.write.Close();
  if (read(failure.read.get(), &error, sizeof(error)) == sizeof(error)) {
    waitpid(pid, nullptr, 0);
    return nullptr;
  }
  error = 0;
  execution->pid_ = pid;
  execution->has_terminal_ = command.has_terminal;
  if (command.has_terminal) {
    execution->input_ = File(fcntl(terminal.get(), F_DUPFD_CLOEXEC, 0));
    execution->outputs_[0].file = std::move(terminal);
    execution->outputs_[1].has_ended = true;
  } else {
    execution->input_ = std::move(input.write);
    execution->outputs_[0].file = std::move(output.read);
    execution->outputs_[1].file = std::move(errors.read);
  }
  DontBlock(execution->input_);
  for (Output& made : execution->outputs_) {
    if (made.file) DontBlock(made.file);
  }
  return execution;
}

// Its process is the first of a session: what it has started goes with it.
Execution::~Execution() {
  if (has_exited_ || pid_ == 0) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Execution::ForgetReader() {
  is_exit_told_ = false;
  for (Output& output : outputs_) {
    output.is_read = output.is_end_told = false;
    output.sent = output.wanted = output.first;
  }
}

void Execution::TakeInput(const Frame& frame, const Send& send) {
  const uint64_t begin = frame.header.offset;
  const uint64_t end = begin + frame.data.size();
  // What came before comes again after a new host's Hello.
  if (begin <= input_end_ && end > input_end_ && !has_input_ended_) {
    const auto fresh = std::span(frame.data).subspan(input_end_ - begin);
    pending_input_.insert(pending_input_.end(), fresh.begin(), fresh.end());
    input_end_ = end;
  }
  if (frame.header.value == 1 && end == input_end_) has_input_ended_ = true;
  WriteInput(send);
}

void Execution::WriteInput(const Send& send) {
  while (!pending_input_.empty() && input_) {
    std::vector<std::byte> piece(pending_input_.begin(),
                                 pending_input_.begin() + static_cast<ptrdiff_t>(std::min(
                                                              kPieceBytes, pending_input_.size())));
    const ssize_t written = write(input_.get(), piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) break;
    if (written < 0) {
      // Nobody reads it any more.
      pending_input_.clear();
      input_.Close();
      break;
    }
    pending_input_.erase(pending_input_.begin(), pending_input_.begin() + written);
  }
  if (!input_) pending_input_.clear();
  if (pending_input_.empty() && has_input_ended_ && input_) {
    // A terminal's reader hears of the end by its character (^D).
    constexpr char kEndOfTransmission = 4;
    if (has_terminal_) (void)!write(input_.get(), &kEndOfTransmission, 1);
    input_.Close();
  }
  send({.kind = Kind::kInputTaken, .id = id_, .offset = input_end_ - pending_input_.size()}, {});
}

void Execution::TakeRead(const Frame& frame) {
  Output& output = OutputOf(frame.header.stream);
  const uint64_t kept_end = output.first + output.kept.size();
  const uint64_t has = std::clamp(frame.header.offset, output.first, kept_end);
  output.kept.erase(output.kept.begin(),
                    output.kept.begin() + static_cast<ptrdiff_t>(has - output.first));
  output.first = has;
  output.sent = output.is_read ? std::max(output.sent, has) : has;
  output.wanted = frame.header.offset + frame.header.value;
  output.is_read = true;
}

void Execution::Signal(int signal) const {
  if (has_exited_) return;
  if (kill(-pid_, signal) != 0) kill(pid_, signal);
}

void Execution::Resize(uint32_t size) const {
  const winsize window = ToWindow(size);
  if (has_terminal_ && outputs_[0].file) ioctl(outputs_[0].file.get(), TIOCSWINSZ, &window);
}

void Execution::NoteExit(int status) {
  has_exited_ = true;
  status_ = status;
}

std::vector<Execution::Wait> Execution::Waits() const {
  std::vector<Wait> waits;
  if (input_ && !pending_input_.empty()) waits.push_back({input_.get(), POLLOUT});
  for (const Output& output : outputs_) {
    if (!output.has_ended && !has_exited_ && output.kept.size() < kOutputKeptBytes) {
      waits.push_back({output.file.get(), POLLIN});
    }
  }
  return waits;
}

void Execution::Serve(int fd, const Send& send) {
  if (input_ && fd == input_.get()) WriteInput(send);
  for (Output& output : outputs_) {
    if (output.file && fd == output.file.get()) ReadOutput(output);
  }
}

void Execution::ReadOutput(Output& output) {
  std::array<std::byte, kPieceBytes> piece;
  const ssize_t size = read(output.file.get(), piece.data(), piece.size());
  if (size < 0 && errno == EINTR) return;
  // What a program leaves behind may keep its streams for ever: they end with it.
  if (size < 0 && errno == EAGAIN && !has_exited_) return;
  if (size > 0) {
    output.kept.insert(output.kept.end(), piece.begin(), piece.begin() + size);
    return;
  }
  // The end; of a terminal that nobody has open any more, EIO.
  output.has_ended = true;
  output.file.Close();
}

void Execution::SendOutput(const Send& send) {
  for (const Stream stream : {Stream::kOutput, Stream::kError}) {
    Output& output = OutputOf(stream);
    while (has_exited_ && !output.has_ended && output.kept.size() < kOutputKeptBytes) {
      ReadOutput(output);
    }
    if (!output.is_read) continue;
    const uint64_t kept_end = output.first + output.kept.size();
    while (output.sent < std::min(kept_end, output.wanted)) {
      const uint64_t size =
          std::min<uint64_t>(std::min(kept_end, output.wanted) - output.sent, kMostDataBytes);
      const auto begin = output.kept.begin() + static_cast<ptrdiff_t>(output.sent - output.first);
      const std::vector<std::byte> data(begin, begin + static_cast<ptrdiff_t>(size));
      send({.kind = Kind::kOutput, .id = id_, .offset = output.sent, .stream = stream}, data);
      output.sent += size;
    }
    if (output.has_ended && output.sent == kept_end && !output.is_end_told) {
      output.is_end_told = true;
      send({.kind = Kind::kOutput, .id = id_, .offset = kept_end, .stream = stream, .value = 1},
           {});
    }
  }
  const bool are_ends_told = outputs_[0].is_end_told && outputs_[1].is_end_told;
  if (has_exited_ && are_ends_told && !is_exit_told_) {
    is_exit_told_ = true;
    send({.kind = Kind::kExited, .id = id_, .value = static_cast<uint32_t>(status_)}, {});
  }
}

}  // namespace emu::agent
