#include "daemon/agent/guest/port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "daemon/agent/guest/system.h"

namespace emu::agent {
namespace {

// A machine may have no such port, or have it later.
constexpr std::chrono::milliseconds kFirstLook(10), kLongestPause(1000);

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

File Find() {
  const std::string ports = "/sys/class/virtio-ports/";
  const OpenFolder folder(opendir(ports.c_str()));
  while (const dirent* entry = folder == nullptr ? nullptr : readdir(folder.get())) {
    if (FirstWordOf(ports + entry->d_name + "/name") == kPortName) {
      const std::string path = std::string("/dev/") + entry->d_name;
      return File(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    }
  }
  return {};
}

}  // namespace

Port Port::Open() {
  for (auto pause = kFirstLook;; pause = std::min(pause * 11 / 10, kLongestPause)) {
    if (File file = Find()) return Port(std::move(file));
    std::this_thread::sleep_for(pause);
  }
}

void Port::AskForSignals() {
  fcntl(file_.get(), F_SETOWN, getpid());
  fcntl(file_.get(), F_SETFL, O_RDWR | O_NONBLOCK | O_ASYNC);
}

void Port::Send(const Header& header, std::span<const std::byte> data) {
  std::vector<std::byte> bytes;
  AppendFrame(header, data, bytes);
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  Flush();
}

void Port::Flush() {
  while (!unsent_.empty()) {
    const std::vector<std::byte> piece(
        unsent_.begin(),
        unsent_.begin() + static_cast<ptrdiff_t>(std::min<size_t>(kMostDataBytes, unsent_.size())));
    const ssize_t written = write(file_.get(), piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    unsent_.erase(unsent_.begin(), unsent_.begin() + written);
  }
}

}  // namespace emu::agent
