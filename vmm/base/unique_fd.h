// A file descriptor that has one owner and is closed with it.
#pragma once

#include <unistd.h>

#include <utility>

namespace emu {

// Owns a descriptor; -1 means none. Not thread-safe by itself, like unique_ptr.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool is_valid() const { return fd_ >= 0; }
  explicit operator bool() const { return is_valid(); }

  // Gives the descriptor away; the caller closes it.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }

  // Closes what is held and takes `fd`.
  void Reset(int fd = -1) {
    // The result of close is of no use: Linux frees the number whatever it returns.
    if (const int old = std::exchange(fd_, fd); old >= 0) close(old);
  }

 private:
  int fd_ = -1;
};

}  // namespace emu
