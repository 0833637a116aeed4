// A serial port's way to the daemon: a SOCK_SEQPACKET socket, whose packets are but pieces of a
// stream.
#pragma once

#include "devices/backend/byte_port.h"
#include "vmm/process/packet_socket.h"

namespace emu {

// As PacketSocket has it.
class SerialSocket final : public BytePort {
 public:
  // Nobody is connected. `name`, for the log, is the port's.
  SerialSocket(IoLoop& loop, std::string_view name);

  // In place of the connection there is, if there is one. False, and nothing of it is kept, where
  // no program of the guest has opened the port.
  bool Connect(UniqueFd connection);

  void SetHandlers(Handlers handlers) override;
  bool Send(std::span<const iovec> bytes) override { return socket_.Send(bytes); }
  void ResumeReceiving() override { socket_.ResumeReceiving(); }
  void SetGuestOpen(bool is_open) override;

 private:
  bool Receive(std::span<const std::byte> packet);

  IoLoop& loop_;
  Handlers handlers_;
  bool is_guest_open_ = false;  // the loop's
  size_t taken_bytes_ = 0;      // of the packet that is being received
  PacketSocket socket_;
};

}  // namespace emu
