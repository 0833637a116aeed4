// A descriptor, and a text file, that close themselves.
#pragma once

#include <stdio.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace emu::agent {

class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~File() { Close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

struct CloseText {
  void operator()(FILE* text) const { fclose(text); }
};
using TextFile = std::unique_ptr<FILE, CloseText>;

// To be read; null if that can't be.
inline TextFile OpenText(const char* path) { return TextFile(fopen(path, "re")); }

}  // namespace emu::agent
