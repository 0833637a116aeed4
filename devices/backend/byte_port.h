// The host's end of a serial port that both sides open and close: a socket, a test.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <functional>
#include <span>

namespace emu {

class BytePort {
 public:
  // Called on the I/O loop without any lock of the port.
  struct Handlers {
    // Returns how many of `bytes` there was room for; the rest comes again after ResumeReceiving.
    std::function<size_t(std::span<const std::byte> bytes)> receive;
    // After a Send that returned false.
    std::function<void()> has_room;
    // Whether somebody is at the other end: once at the start, and at each change.
    std::function<void(bool is_open)> connection;
  };

  virtual ~BytePort() = default;

  // Set once, while the machine is built.
  virtual void SetHandlers(Handlers handlers) = 0;

  // Any thread, with the device lock held; never blocks. `bytes` is guest memory, at most
  // kMostSentBytes, read before this returns. False: there is no room, and `has_room` will be
  // called. What nobody takes is dropped.
  static constexpr size_t kMostSentBytes = 32 << 10;
  virtual bool Send(std::span<const iovec> bytes) = 0;

  // Any thread, with the device lock held: the guest has room again.
  virtual void ResumeReceiving() = 0;

  // Any thread, with the device lock held: the guest's program has opened or closed its end. When
  // it closes, the connection ends.
  virtual void SetGuestOpen(bool is_open) = 0;
};

}  // namespace emu
