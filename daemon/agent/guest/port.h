// The serial port that leads to the host.
#pragma once

#include <deque>

#include "daemon/agent/guest/file.h"
#include "daemon/agent/wire.h"

namespace emu::agent {

class Port {
 public:
  // Waits until the guest has the port, and /sys and /dev with it.
  static Port Open();

  // SIGIO tells of hosts that come and go from now on.
  void AskForSignals();

  int fd() const { return file_.get(); }
  // Whether something waits to be written; then nothing more should be sent.
  bool is_full() const { return unsent_.size() > kMostUnsentBytes; }
  bool has_unsent() const { return !unsent_.empty(); }

  void Send(const Header& header, std::span<const std::byte> data);
  // What was sent, as far as it goes without waiting.
  void Flush();
  // A host that is gone takes nothing more. A zero ends what it may have had a part of.
  void DropUnsent() { unsent_.assign(1, std::byte{0}); }

  // Calls `take(frame)` for what has come. False while no host is there.
  template <typename Take>
  bool Receive(Take&& take) {
    std::byte bytes[4096];
    const ssize_t size = read(file_.get(), bytes, sizeof(bytes));
    if (size > 0) reader_.Read(std::span(bytes, static_cast<size_t>(size)), take);
    return size != 0;
  }

 private:
  static constexpr size_t kMostUnsentBytes = 64 << 10;

  explicit Port(File file) : file_(std::move(file)) {}

  File file_;
  std::deque<std::byte> unsent_;
  FrameReader reader_;
};

}  // namespace emu::agent
