// A network card's way to a network process: one packet of a SOCK_SEQPACKET socket for each frame.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "devices/backend/packet_port.h"
#include "vmm/base/unique_fd.h"
#include "vmm/process/io_loop.h"

namespace emu {

// Send and ResumeReceiving are for any thread, the rest is the I/O loop's, or its creator's while
// the loop is idle. Without a connection the link is down.
class FrameSocket final : public PacketPort {
 public:
  // `connection` does not block, and may be invalid. `mtu` in bytes.
  FrameSocket(IoLoop& loop, UniqueFd connection, uint16_t mtu);
  ~FrameSocket() override { Disconnect(); }

  // In place of the connection there is, if there is one.
  void Connect(UniqueFd connection);

  Traits traits() const override;
  void SetHandlers(Handlers handlers) override;
  bool Send(const FrameHeader& header, std::span<const iovec> frame) override;
  void ResumeReceiving() override;

 private:
  void Disconnect();
  void Serve(uint32_t events);
  void Receive();
  bool Deliver();
  void WatchEvents();
  void TellLink();

  IoLoop& loop_;
  const uint16_t mtu_;
  Handlers handlers_;
  std::vector<std::byte> packet_;
  size_t packet_bytes_ = 0;  // of one that the guest had no room for; 0: none

  std::mutex mutex_;
  UniqueFd connection_ ABSL_GUARDED_BY(mutex_);
  bool wants_room_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace emu
