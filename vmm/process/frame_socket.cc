#include "vmm/process/frame_socket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <utility>

#include "vmm/base/log.h"

namespace emu {
namespace {

constexpr size_t kPacketBytes = sizeof(FrameHeader) + kMaxFrameBytes;
// The loop has others to serve.
constexpr int kFramesPerTurn = 64;

}  // namespace

FrameSocket::FrameSocket(IoLoop& loop, UniqueFd connection, uint16_t mtu)
    : loop_(loop), mtu_(mtu), packet_(kPacketBytes) {
  Connect(std::move(connection));
}

PacketPort::Traits FrameSocket::traits() const {
  return {.mtu = mtu_,
          .takes_partial_checksums = true,
          .takes_tcp_segments = true,
          .gives_valid_checksums = true};
}

void FrameSocket::SetHandlers(Handlers handlers) {
  handlers_ = std::move(handlers);
  loop_.Post([this] { TellLink(); });
}

void FrameSocket::TellLink() {
  bool is_up;
  {
    std::lock_guard lock(mutex_);
    is_up = connection_.is_valid();
  }
  if (handlers_.link) handlers_.link(is_up);
}

void FrameSocket::Connect(UniqueFd connection) {
  Disconnect();
  if (connection.is_valid()) {
    const int fd = connection.get();
    {
      std::lock_guard lock(mutex_);
      connection_ = std::move(connection);
    }
    loop_.AddFd(fd, EPOLLIN, [this](uint32_t events) { Serve(events); });
  }
  TellLink();
  if (handlers_.has_room) handlers_.has_room();
}

void FrameSocket::Disconnect() {
  UniqueFd old;
  {
    std::lock_guard lock(mutex_);
    old = std::move(connection_);
    wants_room_ = false;
  }
  if (old.is_valid()) loop_.RemoveFd(old.get());
}

// What is sent while nobody is there is lost.
bool FrameSocket::Send(const FrameHeader& header, std::span<const iovec> frame) {
  std::vector<iovec> packet;
  packet.reserve(frame.size() + 1);
  packet.push_back({const_cast<FrameHeader*>(&header), sizeof(header)});
  packet.insert(packet.end(), frame.begin(), frame.end());
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

void FrameSocket::ResumeReceiving() {
  loop_.Post([this] {
    if (Deliver()) WatchEvents();
  });
}

void FrameSocket::WatchEvents() {
  std::lock_guard lock(mutex_);
  if (!connection_) return;
  const uint32_t in = packet_bytes_ == 0 ? uint32_t{EPOLLIN} : 0;
  loop_.ChangeEvents(connection_.get(), wants_room_ ? in | EPOLLOUT : in);
}

void FrameSocket::Serve(uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    {
      std::lock_guard lock(mutex_);
      wants_room_ = false;
    }
    WatchEvents();
    if (handlers_.has_room) handlers_.has_room();
  }
  if ((events & ~EPOLLOUT) != 0) Receive();
}

// Whether the packet at hand, if there is one, has found its way.
bool FrameSocket::Deliver() {
  if (packet_bytes_ != 0 && handlers_.receive &&
      !handlers_.receive(std::span(packet_).first(packet_bytes_))) {
    return false;
  }
  packet_bytes_ = 0;
  return true;
}

void FrameSocket::Receive() {
  for (int count = 0; count < kFramesPerTurn && Deliver(); ++count) {
    ssize_t size = 0;
    {
      std::lock_guard lock(mutex_);
      if (!connection_) return;
      size = read(connection_.get(), packet_.data(), packet_.size());
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
      LogWarning("network-lost", {});
      return Connect(UniqueFd());
    }
    packet_bytes_ = static_cast<size_t>(size);
  }
  if (!Deliver()) WatchEvents();
}

}  // namespace emu
