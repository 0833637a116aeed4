#include "vmm/net/net_process.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "devices/backend/packet_port.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/net/frame_checks.h"

namespace emu::net {

using ::net::v1::Request;
using ::net::v1::Response;

namespace {

constexpr size_t kPacketBytes = sizeof(FrameHeader) + kMaxFrameBytes;
constexpr uint32_t kControlProtocol = 1;
constexpr size_t kControlPacketBytes = 64 << 10;
// Nothing is read for the guest meanwhile: this takes what one turn brings.
constexpr size_t kMostWaitingBytes = 8 << 20;
// So that neither side of the network waits long for the other.
constexpr int kFramesPerTurn = 64;
constexpr size_t kMostPeers = 8;

UniqueFd TakeFd(int number) { return UniqueFd(number > 0 ? number : -1); }

}  // namespace

NetProcess::NetProcess(const ::net::v1::NetConfig& config)
    : uid_(config.uid()),
      frames_(TakeFd(config.frames_fd())),
      listener_(TakeFd(config.control_listen_fd())),
      packet_(kPacketBytes) {
  if (config.control_fd() > 0) peers_.emplace_back(config.control_fd());
}

absl::StatusOr<std::unique_ptr<NetProcess>> NetProcess::Create(const ::net::v1::NetConfig& config) {
  auto process = std::unique_ptr<NetProcess>(new NetProcess(config));
  UserNetwork::BootServer boot_server;
  if (config.has_boot_server()) {
    boot_server = {config.boot_server().folder(), config.boot_server().boot_file()};
  }
  ASSIGN_OR_RETURN(process->network_,
                   UserNetwork::Create(static_cast<uint16_t>(config.mtu()), boot_server,
                                       [process = process.get()](std::span<const std::byte> frame) {
                                         process->SendFrame(frame);
                                       }));
  return process;
}

void NetProcess::Run() {
  std::vector<pollfd> polled;
  while (frames_.is_valid()) {
    const bool takes_more = waiting_.empty();
    polled.clear();
    polled.push_back(
        {frames_.get(), static_cast<short>(takes_more ? POLLIN : POLLIN | POLLOUT), 0});
    polled.push_back({listener_.get(), POLLIN, 0});  // a negative one is skipped
    for (const UniqueFd& peer : peers_) polled.push_back({peer.get(), POLLIN, 0});
    const size_t peers_end = polled.size();
    int timeout_ms = -1;
    network_->Prepare(polled, takes_more, timeout_ms);
    if (poll(polled.data(), polled.size(), timeout_ms) < 0 && errno != EINTR) return;

    if ((polled[0].revents & POLLOUT) != 0) SendWaiting();
    if ((polled[0].revents & ~POLLOUT) != 0) ServeFrames();
    network_->Serve(polled);
    size_t at = 2;
    peers_.remove_if([&](const UniqueFd& peer) {
      return at < peers_end && polled[at++].revents != 0 && !ServePeer(peer.get());
    });
    if (polled[1].revents != 0) Accept();
  }
}

void NetProcess::ServeFrames() {
  for (int count = 0; count < kFramesPerTurn; ++count) {
    const ssize_t size = recv(frames_.get(), packet_.data(), packet_.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return frames_.Reset();  // the VM has ended, or hung up
    FrameHeader header;
    if (static_cast<size_t>(size) < sizeof(header)) continue;
    std::memcpy(&header, packet_.data(), sizeof(header));
    const auto frame = std::span(packet_).first(static_cast<size_t>(size)).subspan(sizeof(header));
    if (CompleteChecksum(header, frame) && MayLeave(frame)) network_->Receive(frame);
  }
}

void NetProcess::SendFrame(std::span<const std::byte> frame) {
  const FrameHeader header = {.flags = kChecksumIsValid};
  std::vector<std::byte> packet(sizeof(header) + frame.size());
  std::memcpy(packet.data(), &header, sizeof(header));
  std::ranges::copy(frame, packet.begin() + sizeof(header));
  if (waiting_.empty() && TrySend(packet)) return;
  if (waiting_bytes_ + packet.size() > kMostWaitingBytes) return;  // as networks do
  waiting_bytes_ += packet.size();
  waiting_.push_back(std::move(packet));
}

// False: there is no room now.
bool NetProcess::TrySend(std::span<const std::byte> packet) {
  return send(frames_.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
         errno != EAGAIN;
}

void NetProcess::SendWaiting() {
  while (!waiting_.empty() && TrySend(waiting_.front())) {
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
}

void NetProcess::Accept() {
  UniqueFd peer(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (peer.is_valid() && peers_.size() < kMostPeers) peers_.push_back(std::move(peer));
}

bool NetProcess::ServePeer(int fd) {
  std::vector<char> packet(kControlPacketBytes);
  const ssize_t size = recv(fd, packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  Request request;
  if (size <= 0 || size > static_cast<ssize_t>(packet.size()) ||
      !request.ParseFromArray(packet.data(), static_cast<int>(size))) {
    return false;
  }
  const std::string answer = Obey(request).SerializeAsString();
  return send(fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

Response NetProcess::Obey(const Request& request) {
  Response response;
  absl::Status status;
  switch (request.kind_case()) {
    case Request::kHello:
      break;
    case Request::kAddForward: {
      const auto added = network_->Add(request.add_forward().forward());
      status = added.status();
      if (added.ok()) *response.mutable_added() = *added;
      break;
    }
    case Request::kRemoveForward:
      status = network_->Remove(request.remove_forward().forward());
      break;
    case Request::KIND_NOT_SET:
      status = absl::UnimplementedError("this network process does not know the request");
  }
  response.set_code(static_cast<int>(status.code()));
  response.set_message(std::string(status.message()));
  response.set_uid(uid_);
  response.set_protocol(kControlProtocol);
  response.set_guest_address(network_->guest_address());
  for (const auto& forward : network_->forwards()) *response.add_forwards() = forward;
  return response;
}

}  // namespace emu::net
