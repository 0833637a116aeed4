// A network card's way to a network process: one packet of a SOCK_SEQPACKET socket for each frame.
#pragma once

#include <cstdint>

#include "devices/backend/packet_port.h"
#include "vmm/process/packet_socket.h"

namespace emu {

// As PacketSocket has it. Without a connection the link is down.
class FrameSocket final : public PacketPort {
 public:
  // `connection` does not block, and may be invalid. `mtu` in bytes.
  FrameSocket(IoLoop& loop, UniqueFd connection, uint16_t mtu);

  // In place of the connection there is, if there is one.
  void Connect(UniqueFd connection) { socket_.Connect(std::move(connection)); }

  Traits traits() const override;
  void SetHandlers(Handlers handlers) override;
  bool Send(const FrameHeader& header, std::span<const iovec> frame) override;
  void ResumeReceiving() override { socket_.ResumeReceiving(); }

 private:
  const uint16_t mtu_;
  PacketSocket socket_;
};

}  // namespace emu
