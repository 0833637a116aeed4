#include "vmm/process/serial_socket.h"

#include <utility>

namespace emu {

SerialSocket::SerialSocket(IoLoop& loop, std::string_view name)
    : loop_(loop), socket_(loop, name, kMostSentBytes) {}

bool SerialSocket::Connect(UniqueFd connection) {
  if (!is_guest_open_) return false;
  // Whoever was there before is gone, and the guest hears of it.
  socket_.Connect(UniqueFd());
  socket_.Connect(std::move(connection));
  return true;
}

void SerialSocket::SetHandlers(Handlers handlers) {
  handlers_ = std::move(handlers);
  socket_.SetHandlers({.receive = [this](auto packet) { return Receive(packet); },
                       .has_room = handlers_.has_room,
                       .connection =
                           [this](bool is_connected) {
                             taken_bytes_ = 0;
                             if (handlers_.connection) handlers_.connection(is_connected);
                           }});
}

bool SerialSocket::Receive(std::span<const std::byte> packet) {
  if (!handlers_.receive) return true;
  taken_bytes_ += handlers_.receive(packet.subspan(taken_bytes_));
  if (taken_bytes_ < packet.size()) return false;
  taken_bytes_ = 0;
  return true;
}

void SerialSocket::SetGuestOpen(bool is_open) {
  loop_.Post([this, is_open] {
    is_guest_open_ = is_open;
    if (!is_open) socket_.Connect(UniqueFd());
  });
}

}  // namespace emu
