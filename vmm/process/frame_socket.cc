#include "vmm/process/frame_socket.h"

#include <utility>
#include <vector>

namespace emu {

FrameSocket::FrameSocket(IoLoop& loop, UniqueFd connection, uint16_t mtu)
    : mtu_(mtu), socket_(loop, "network", sizeof(FrameHeader) + kMaxFrameBytes) {
  socket_.Connect(std::move(connection));
}

PacketPort::Traits FrameSocket::traits() const {
  return {.mtu = mtu_,
          .takes_partial_checksums = true,
          .takes_tcp_segments = true,
          .gives_valid_checksums = true};
}

void FrameSocket::SetHandlers(Handlers handlers) {
  socket_.SetHandlers({.receive = std::move(handlers.receive),
                       .has_room = std::move(handlers.has_room),
                       .connection = std::move(handlers.link)});
}

bool FrameSocket::Send(const FrameHeader& header, std::span<const iovec> frame) {
  std::vector<iovec> packet;
  packet.reserve(frame.size() + 1);
  packet.push_back({const_cast<FrameHeader*>(&header), sizeof(header)});
  packet.insert(packet.end(), frame.begin(), frame.end());
  return socket_.Send(packet);
}

}  // namespace emu
