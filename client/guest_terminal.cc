#include "client/guest_terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <iterator>
#include <optional>
#include <thread>

#include "client/raw_terminal.h"

namespace emu::client {
namespace {

// SIGWINCH as something to read. Other threads begin after this.
int OpenResizes() {
  sigset_t resizes;
  sigemptyset(&resizes);
  sigaddset(&resizes, SIGWINCH);
  sigprocmask(SIG_BLOCK, &resizes, nullptr);
  return signalfd(-1, &resizes, SFD_CLOEXEC);
}

// Gives what is typed to `input` until its end, or until `stop_fd` is readable.
void ReadTyped(int stop_fd, int resizes_fd, ProgramInput& input) {
  char typed[4096];
  while (true) {
    pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {stop_fd, POLLIN, 0}, {resizes_fd, POLLIN, 0}};
    if (poll(fds, std::size(fds), -1) < 0) continue;
    if (fds[1].revents != 0) return;
    if (fds[2].revents != 0) {
      signalfd_siginfo ignored;
      if (read(resizes_fd, &ignored, sizeof(ignored)) > 0) input.NoteResize();
      continue;
    }
    const ssize_t got = read(STDIN_FILENO, typed, sizeof(typed));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return input.End();
    input.Put(std::string_view(typed, static_cast<size_t>(got)));
  }
}

}  // namespace

void AddProgramFlags(CLI::App& command, GuestProgram& program) {
  command.add_option("-u,--user", program.user, "who runs it: a name or a number (default root)");
  command.add_option("-w,--workdir", program.directory,
                     "where it starts (default the user's home)");
  command.add_option("-e,--env", program.variables, "NAME=VALUE, for its environment")
      ->allow_extra_args(false);
  command.add_flag("-i,--interactive", program.takes_input, "what comes on stdin is for it");
  command.add_flag("-t,--tty", program.has_terminal, "it has a terminal, with -i this one");
}

bool CheckProgramFlags(const GuestProgram& program) {
  for (const std::string& variable : program.variables) {
    if (variable.find('=') != std::string::npos && variable.front() != '=') continue;
    std::fputs("emuctl: --env: give NAME=VALUE\n", stderr);
    return false;
  }
  if (!program.has_terminal || isatty(STDIN_FILENO)) return true;
  std::fputs("emuctl: --tty: stdin is no terminal; leave it out\n", stderr);
  return false;
}

ProgramReader PrintingReader() {
  ProgramReader reader;
  reader.output = [](bool is_error, std::string_view bytes) {
    WriteAll(is_error ? STDERR_FILENO : STDOUT_FILENO, bytes);
  };
  return reader;
}

int RunAtTerminal(const GuestProgram& program, const Options& options,
                  const ProgramReader& reader) {
  std::optional<RawTerminal> terminal;
  if (program.has_terminal) terminal.emplace();
  ProgramInput input;
  const int stop_fd = eventfd(0, EFD_CLOEXEC);
  const int resizes_fd = program.has_terminal ? OpenResizes() : -1;
  std::thread typist;
  if (program.takes_input) {
    typist = std::thread([&] { ReadTyped(stop_fd, resizes_fd, input); });
  } else {
    input.End();
  }
  const int code = RunInGuest(program, options, input, reader);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_fd, &one, sizeof(one));
  if (typist.joinable()) typist.join();
  close(stop_fd);
  if (resizes_fd >= 0) close(resizes_fd);
  return code;
}

}  // namespace emu::client
