#include "vmm/process/stdio_console.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <span>

#include "vmm/base/unique_fd.h"

namespace emu {
namespace {

constexpr char kEscape = 1;  // ^A
constexpr size_t kMaxPendingBytes = 16 << 20;
// What a pipe takes without blocking once poll has said that it takes anything.
constexpr size_t kChunkBytes = 4096;

// Regular files and /dev/null can't be waited for: they are always ready.
bool CanBeWatched(int fd) {
  const UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event = {};
  return epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool TakesOutput() {
  pollfd out = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, 0) > 0;
}

}  // namespace

StdioConsole::StdioConsole(IoLoop& loop)
    : loop_(loop), watching_input_(CanBeWatched(STDIN_FILENO)) {}

void StdioConsole::Write(std::span<const std::byte> bytes) {
  std::lock_guard lock(mutex_);
  const size_t room = kMaxPendingBytes - std::min(kMaxPendingBytes, pending_.size());
  pending_.append(reinterpret_cast<const char*>(bytes.data()), std::min(room, bytes.size()));
  if (flush_posted_) return;
  flush_posted_ = true;
  loop_.Post([this] { Flush(); });
}

void StdioConsole::Flush() {
  std::string bytes;
  {
    std::lock_guard lock(mutex_);
    flush_posted_ = false;
    bytes.swap(pending_);
  }
  size_t done = 0;
  while (done < bytes.size() && TakesOutput()) {
    const ssize_t put =
        write(STDOUT_FILENO, bytes.data() + done, std::min(kChunkBytes, bytes.size() - done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return;  // nobody reads any more: what is left is nobody's
    done += static_cast<size_t>(put);
  }
  if (done == bytes.size()) return;
  {
    std::lock_guard lock(mutex_);
    pending_.insert(0, bytes, done);
    flush_posted_ = true;  // by the watch below
  }
  WatchOutput();
}

void StdioConsole::WatchOutput() {
  if (watching_output_) return;
  watching_output_ = true;
  loop_.AddFd(STDOUT_FILENO, EPOLLOUT, [this](uint32_t) {
    loop_.RemoveFd(STDOUT_FILENO);
    watching_output_ = false;
    Flush();
  });
}

void StdioConsole::Open(std::function<void()> quit) {
  quit_ = std::move(quit);
  if (termios mode; isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &mode) == 0) {
    saved_ = mode;
    cfmakeraw(&mode);
    tcsetattr(STDIN_FILENO, TCSANOW, &mode);
  }
  if (watching_input_) {
    loop_.AddFd(STDIN_FILENO, EPOLLIN, [this](uint32_t) { Read(); });
  } else {
    loop_.Post([this] { Read(); });
  }
}

void StdioConsole::Read() {
  char typed[4096];
  const ssize_t got = read(STDIN_FILENO, typed, sizeof(typed));
  if (got > 0) {
    DeliverTyped(std::string_view(typed, static_cast<size_t>(got)));
    if (!watching_input_) loop_.Post([this] { Read(); });
  } else if (watching_input_ && (got == 0 || errno != EINTR)) {
    loop_.RemoveFd(STDIN_FILENO);
    watching_input_ = false;
  }
}

void StdioConsole::DeliverTyped(std::string_view typed) {
  std::string input;
  for (const char c : typed) {
    if (!saved_.has_value() || (!escape_ && c != kEscape)) {
      input += c;
    } else if (!escape_) {
      escape_ = true;
    } else {
      escape_ = false;
      if (c == 'x') quit_();
      if (c == kEscape) input += c;
    }
  }
  if (receiver_ && !input.empty()) receiver_(std::as_bytes(std::span(input)));
}

void StdioConsole::Close() {
  {
    std::lock_guard lock(mutex_);
    for (size_t done = 0; done < pending_.size();) {
      const ssize_t put = write(STDOUT_FILENO, pending_.data() + done, pending_.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) break;
      done += static_cast<size_t>(put);
    }
    pending_.clear();
  }
  if (saved_.has_value()) tcsetattr(STDIN_FILENO, TCSADRAIN, &*saved_);
  saved_.reset();
}

}  // namespace emu
