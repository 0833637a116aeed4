// A device's end of a SOCK_SEQPACKET connection: packets both ways, each when there is room for it.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/io_loop.h"

namespace emu {

// Send and ResumeReceiving are for any thread, the rest is the I/O loop's, or its creator's while
// the loop is idle.
class PacketSocket {
 public:
  // Called on the loop.
  struct Handlers {
    // False: there is no room for it; it comes again after ResumeReceiving.
    std::function<bool(std::span<const std::byte> packet)> receive;
    // After a Send that returned false, and after each Connect.
    std::function<void()> has_room;
    std::function<void(bool is_connected)> connection;
  };

  // `name`, for the log, is what is lost with a connection; `most_bytes` of a packet that comes.
  PacketSocket(IoLoop& loop, std::string_view name, size_t most_bytes);
  ~PacketSocket() { Disconnect(); }
  PacketSocket(const PacketSocket&) = delete;
  PacketSocket& operator=(const PacketSocket&) = delete;

  // Tells `connection` soon after.
  void SetHandlers(Handlers handlers);
  // In place of the connection there is, if there is one. `connection` does not block, and may be
  // invalid: nobody is there then.
  void Connect(UniqueFd connection);

  // Never blocks. False: there is no room, and `has_room` will be called. What nobody takes is
  // lost.
  bool Send(std::span<const iovec> packet);
  void ResumeReceiving();

 private:
  void Disconnect();
  void Serve(uint32_t events);
  void Receive();
  void Lose();
  bool Deliver();
  void WatchEvents();
  void TellConnection();

  IoLoop& loop_;
  const std::string_view name_;
  Handlers handlers_;
  std::vector<std::byte> packet_;
  size_t packet_bytes_ = 0;  // of one that there was no room for; 0: none

  std::mutex mutex_;
  UniqueFd connection_ ABSL_GUARDED_BY(mutex_);
  bool wants_room_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace emu
