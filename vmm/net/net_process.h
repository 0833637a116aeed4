// The one thread of a network process: frames of the VM's, requests of the daemon's, sockets to the
// world.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "net/v1/net_control.pb.h"
#include "vmm/base/unique_fd.h"
#include "vmm/net/user_network.h"

namespace emu::net {

class NetProcess {
 public:
  static absl::StatusOr<std::unique_ptr<NetProcess>> Create(const ::net::v1::NetConfig& config);

  // Serves until the VM is gone.
  void Run();

 private:
  explicit NetProcess(const ::net::v1::NetConfig& config);

  void ServeFrames();
  void SendFrame(std::span<const std::byte> frame);
  bool TrySend(std::span<const std::byte> packet);
  void SendWaiting();
  void Accept();
  // False: the peer is gone or talks nonsense.
  bool ServePeer(int fd);
  ::net::v1::Response Obey(const ::net::v1::Request& request);

  const std::string uid_;
  UniqueFd frames_;  // invalid: the VM is gone
  const UniqueFd listener_;
  std::list<UniqueFd> peers_;
  std::unique_ptr<UserNetwork> network_;
  std::vector<std::byte> packet_;
  // What the VM has had no room for yet.
  std::deque<std::vector<std::byte>> waiting_;
  size_t waiting_bytes_ = 0;
};

}  // namespace emu::net
