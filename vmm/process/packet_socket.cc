#include "vmm/process/packet_socket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <utility>

#include "vmm/base/log.h"

namespace emu {
namespace {

// The loop has others to serve.
constexpr int kPacketsPerTurn = 64;

}  // namespace

PacketSocket::PacketSocket(IoLoop& loop, std::string_view name, size_t most_bytes)
    : loop_(loop), name_(name), packet_(most_bytes) {}

void PacketSocket::SetHandlers(Handlers handlers) {
  handlers_ = std::move(handlers);
  loop_.Post([this] { TellConnection(); });
}

void PacketSocket::TellConnection() {
  bool is_connected;
  {
    std::lock_guard lock(mutex_);
    is_connected = connection_.is_valid();
  }
  if (handlers_.connection) handlers_.connection(is_connected);
}

void PacketSocket::Connect(UniqueFd connection) {
  Disconnect();
  if (connection.is_valid()) {
    const int fd = connection.get();
    {
      std::lock_guard lock(mutex_);
      connection_ = std::move(connection);
    }
    loop_.AddFd(fd, EPOLLIN, [this](uint32_t events) { Serve(events); });
  }
  TellConnection();
  if (handlers_.has_room) handlers_.has_room();
}

void PacketSocket::Disconnect() {
  UniqueFd old;
  {
    std::lock_guard lock(mutex_);
    old = std::move(connection_);
    wants_room_ = false;
  }
  packet_bytes_ = 0;
  if (old.is_valid()) loop_.RemoveFd(old.get());
}

// What is sent while nobody is there is lost.
bool PacketSocket::Send(std::span<const iovec> packet) {
  std::lock_guard lock(mutex_);
  if (!connection_) return true;
  while (writev(connection_.get(), packet.data(), static_cast<int>(packet.size())) < 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return true;
    wants_room_ = true;
    loop_.Post([this] { WatchEvents(); });
    return false;
  }
  return true;
}

void PacketSocket::ResumeReceiving() {
  loop_.Post([this] {
    if (Deliver()) WatchEvents();
  });
}

void PacketSocket::WatchEvents() {
  std::lock_guard lock(mutex_);
  if (!connection_) return;
  const uint32_t in = packet_bytes_ == 0 ? uint32_t{EPOLLIN} : 0;
  loop_.ChangeEvents(connection_.get(), wants_room_ ? in | EPOLLOUT : in);
}

void PacketSocket::Serve(uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    {
      std::lock_guard lock(mutex_);
      wants_room_ = false;
    }
    WatchEvents();
    if (handlers_.has_room) handlers_.has_room();
  }
  if ((events & ~EPOLLOUT) != 0) Receive();
  // The host would tell of the end again and again while a packet waits for room.
  if ((events & EPOLLHUP) != 0 && packet_bytes_ != 0) Lose();
}

void PacketSocket::Lose() {
  LogWarning("connection-lost", {{"to", name_}});
  Connect(UniqueFd());
}

// Whether the packet at hand, if there is one, has found its way.
bool PacketSocket::Deliver() {
  if (packet_bytes_ != 0 && handlers_.receive &&
      !handlers_.receive(std::span(packet_).first(packet_bytes_))) {
    return false;
  }
  packet_bytes_ = 0;
  return true;
}

void PacketSocket::Receive() {
  for (int count = 0; count < kPacketsPerTurn && Deliver(); ++count) {
    ssize_t size = 0;
    {
      std::lock_guard lock(mutex_);
      if (!connection_) return;
      size = read(connection_.get(), packet_.data(), packet_.size());
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return Lose();
    packet_bytes_ = static_cast<size_t>(size);
  }
  if (!Deliver()) WatchEvents();
}

}  // namespace emu
