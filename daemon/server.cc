#include "daemon/server.h"

#include <fcntl.h>
#include <grp.h>
#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/peer_registry.h"
#include "daemon/services.h"
#include "vmm/base/log.h"

namespace emu::daemon {
namespace {

constexpr int kMaxMessageBytes = 1 << 20;
// Handlers block, one thread each: as many calls and consoles as may be open at once.
constexpr int kMaxThreads = 512;

// Who may connect is the socket's mode; who it is, the kernel says.
void AcceptOne(grpc::Server& server, PeerRegistry& peers, int listener) {
  UniqueFd peer(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!peer) return;
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  if (getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return;
  peers.Add(peer.get(), credentials.uid);
  grpc::AddInsecureChannelFromFd(&server, peer.Release());
}

}  // namespace

absl::StatusOr<UniqueFd> ListenAt(const std::string& path, const std::string& group) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen: ", path, " must have 1 to 107 characters; choose a shorter path"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(listener.get(), generic, sizeof(address)) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("listen: another emud serves ", path, "; stop it or choose another path"));
  }
  unlink(path.c_str());
  listener.Reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (bind(listener.get(), generic, sizeof(address)) != 0 || chmod(path.c_str(), 0660) != 0 ||
      listen(listener.get(), 128) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("listen: ", path));
  }
  const ::group* const owner = group.empty() ? nullptr : getgrnam(group.c_str());
  if (owner != nullptr && chown(path.c_str(), static_cast<uid_t>(-1), owner->gr_gid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("listen: giving ", path, " to ", group));
  }
  return listener;
}

absl::Status Serve(VmTable& vms, const UniqueFd& listener, int wake_fd,
                   std::chrono::milliseconds period, const std::function<bool()>& goes_on) {
  // Never shut down again: gRPC's last step waits up to ten seconds for a poller that a client
  // which read slowly has left behind.
  grpc_init();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  PeerRegistry peers;
  const std::vector<std::unique_ptr<grpc::Service>> services = MakeServices(vms, peers);
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota("emud");
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  for (const std::unique_ptr<grpc::Service>& service : services) {
    builder.RegisterService(service.get());
  }
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("the gRPC server does not start");

  using Clock = std::chrono::steady_clock;
  const auto ceil = [](Clock::duration time) {
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
  };
  const bool has_period = period.count() >= 0;
  Clock::time_point next = Clock::now() + period;
  while (true) {
    pollfd fds[] = {{listener.get(), POLLIN, 0}, {wake_fd, POLLIN, 0}};
    const int timeout_ms =
        has_period ? ceil(std::max(next - Clock::now(), Clock::duration::zero())) : -1;
    if (poll(fds, 2, timeout_ms) > 0 && fds[0].revents != 0) {
      AcceptOne(*server, peers, listener.get());
    }
    const bool is_due = has_period && Clock::now() >= next;
    if (is_due) next = Clock::now() + period;
    if ((fds[1].revents != 0 || is_due) && !goes_on()) break;
  }
  LogInfo("emud-stopping");
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return absl::OkStatus();
}

}  // namespace emu::daemon
