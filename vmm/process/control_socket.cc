#include "vmm/process/control_socket.h"

#include <errno.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>
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

namespace {

std::vector<UniqueFd> TakeDescriptors(msghdr& header) {
  std::vector<UniqueFd> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= part->cmsg_len; at += sizeof(int)) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + at, sizeof(number));
      descriptors.emplace_back(number);
    }
  }
  return descriptors;
}

}  // namespace

absl::StatusOr<vm::v1::ControlMessage> ReceiveControl(int fd, std::vector<UniqueFd>* passed) {
  std::vector<char> packet(kControlPacketBytes);
  iovec bytes = {packet.data(), packet.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control;
  msghdr header = {};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t size = 0;
  while ((size = recvmsg(fd, &header, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return absl::UnavailableError("control: nothing there");
    return absl::AbortedError("control: the connection broke");
  }
  std::vector<UniqueFd> descriptors = TakeDescriptors(header);
  if (size == 0) return absl::AbortedError("control: the peer hung up");
  vm::v1::ControlMessage message;
  if (size > static_cast<ssize_t>(packet.size()) ||
      !message.ParseFromArray(packet.data(), static_cast<int>(size))) {
    return absl::AbortedError("control: malformed packet");
  }
  if (passed != nullptr) *passed = std::move(descriptors);
  return message;
}

}  // namespace emu
