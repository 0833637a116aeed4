// The host's end of a character device: a console ring, a terminal, a test.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace emu {

// Bytes from and to one serial port or console of the guest.
class CharStream {
 public:
  using Receiver = std::function<void(std::span<const std::byte>)>;

  virtual ~CharStream() = default;

  // Guest to host. Any device thread, with the device lock held; never blocks, so a stream that
  // nobody reads drops (and counts) what it has no room for.
  virtual void Write(std::span<const std::byte> bytes) = 0;

  // Host to guest: `receiver` is called on the I/O loop without any lock of the stream. Set once,
  // while the machine is built; an empty function ends it.
  virtual void SetReceiver(Receiver receiver) = 0;
};

}  // namespace emu
