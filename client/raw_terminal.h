// The terminal that emuctl is used at, lent to a guest.
#pragma once

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include <optional>
#include <string_view>

namespace emu::client {

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
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  bool is_terminal() const { return saved_.has_value(); }

 private:
  std::optional<termios> saved_;
};

// All of `bytes`, or as much as anybody takes.
inline void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return;
    if (put > 0) bytes.remove_prefix(static_cast<size_t>(put));
  }
}

}  // namespace emu::client
