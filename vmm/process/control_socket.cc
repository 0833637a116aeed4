#include "vmm/process/control_socket.h"

#include <errno.h>
#include <sys/socket.h>

#include <string>
#include <vector>

namespace emu {

absl::Status SendControl(int fd, const vm::v1::ControlMessage& message) {
  const std::string packet = message.SerializeAsString();
  if (packet.size() > kControlPacketBytes) {
    return absl::InvalidArgumentError("control: message larger than a packet");
  }
  while (send(fd, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return absl::UnavailableError("control: the peer does not read");
    return absl::AbortedError("control: the peer is gone");
  }
  return absl::OkStatus();
}

absl::StatusOr<vm::v1::ControlMessage> ReceiveControl(int fd) {
  std::vector<char> packet(kControlPacketBytes);
  ssize_t size = 0;
  while ((size = recv(fd, packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC)) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return absl::UnavailableError("control: nothing there");
    return absl::AbortedError("control: the connection broke");
  }
  if (size == 0) return absl::AbortedError("control: the peer hung up");
  vm::v1::ControlMessage message;
  if (size > static_cast<ssize_t>(packet.size()) ||
      !message.ParseFromArray(packet.data(), static_cast<int>(size))) {
    return absl::AbortedError("control: malformed packet");
  }
  return message;
}

}  // namespace emu
