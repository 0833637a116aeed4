#include "daemon/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "daemon/errors.h"

namespace emu::daemon {
namespace {

constexpr int kFirstFd = 3;
// Sources are moved up here first, so that no dup2 overwrites one that is still to be copied.
constexpr int kFdsAbove = 512;
constexpr std::chrono::milliseconds kPatience(200);  // how soon a cancellation is noticed
constexpr size_t kMaxLineBytes = 64 << 10;

// In a session of its own: what ends the daemon's does not end the child's. Destroys `actions`.
int Spawn(const std::string& program, std::vector<char*> argv, std::vector<char*> environment,
          posix_spawn_file_actions_t& actions, pid_t& pid) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  const int error =
      posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  return pointers;
}

constexpr mode_t kLogMode = 0600;

}  // namespace

int ChildFds::Add(const UniqueFd& fd) {
  if (!fd.is_valid()) return 0;
  copies_.emplace_back(fcntl(fd.get(), F_DUPFD_CLOEXEC, kFdsAbove));
  return kFirstFd + static_cast<int>(copies_.size()) - 1;
}

bool ChildFds::is_complete() const {
  for (const UniqueFd& fd : copies_) {
    if (!fd.is_valid()) return false;
  }
  return true;
}

int StartProcess(const std::string& program, const char* name, const ChildFds& fds,
                 const std::string& log_path, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   kLogMode);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  int number = kFirstFd;
  for (const UniqueFd& fd : fds.copies()) {
    posix_spawn_file_actions_adddup2(&actions, fd.get(), number++);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, number);
  std::vector<std::string> arguments = {name, "serve"};
  return Spawn(program, Pointers(arguments), {}, actions, pid);
}

absl::StatusOr<ToolProcess> ToolProcess::Start(Tool tool) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errors::Host("a pipe", errno);
  UniqueFd output(ends[0]);
  const UniqueFd writer(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (tool.input >= 0) {
    posix_spawn_file_actions_adddup2(&actions, tool.input, 0);
  } else {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, writer.get(), 1);
  posix_spawn_file_actions_addopen(&actions, 2, tool.log_path.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, kLogMode);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  int number = kFirstFd;
  for (const UniqueFd& fd : tool.fds.copies()) {
    posix_spawn_file_actions_adddup2(&actions, fd.get(), number++);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, number);
  tool.arguments.insert(tool.arguments.begin(), tool.program);
  pid_t pid = 0;
  const int error =
      Spawn(tool.program, Pointers(tool.arguments), Pointers(tool.environment), actions, pid);
  if (error != 0) return errors::Host(tool.program + " can't be started", error);
  return ToolProcess(pid, std::move(output));
}

int ToolProcess::Run(const std::function<void(const std::string& line)>& take,
                     const std::function<bool()>& is_cancelled) {
  std::string text;
  std::array<char, 4096> part;
  bool is_ended = false;
  while (true) {
    pollfd readable = {lines_.get(), POLLIN, 0};
    const int ready = poll(&readable, 1, static_cast<int>(kPatience.count()));
    if (!is_ended && is_cancelled()) {
      kill(pid_, SIGTERM);  // it ends what it has started
      is_ended = true;
    }
    if (ready <= 0) continue;
    const ssize_t size = read(lines_.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(part.data(), static_cast<size_t>(size));
    for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      take(text.substr(0, end));
    }
    if (text.size() > kMaxLineBytes) text.clear();
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace emu::daemon
