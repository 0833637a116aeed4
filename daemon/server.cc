#include "daemon/server.h"

#include <fcntl.h>
#include <grp.h>
#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_posix.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/access/authenticator.h"
#include "daemon/errors.h"
#include "daemon/peer_registry.h"
#include "daemon/services.h"
#include "vmm/base/log.h"

namespace emu::daemon {
namespace {

constexpr int kMaxMessageBytes = 1 << 20;
// Handlers block, one thread each: as many calls and consoles as may be open at once.
constexpr int kMaxThreads = 512;

constexpr int kMaxStreamsPerConnection = 256;
constexpr int kMaxMetadataBytes = 16 * 1024;
constexpr int kHandshakeTimeoutMs = 10'000;
// A peer that has vanished is noticed by a ping that is not answered; one that pings more often
// than it may is sent away.
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMinPingIntervalMs = 10'000;
// Also without SIGHUP.
constexpr unsigned kCertificateRefreshSeconds = 1;

constexpr std::pair<const char*, int> kLimits[] = {
    {GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection},
    {GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes},
    {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs},
    {GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs},
    {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs},
    {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
    {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingIntervalMs},
    // Two daemons do not share a port.
    {GRPC_ARG_ALLOW_REUSEPORT, 0},
};

// A thread that always waits for what clients send. Without one only those of gRPC's callback queue
// wait, and each of them sleeps for 100 ms after a second in which no watch had anything to say.
class Poller {
 public:
  explicit Poller(std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : queue_(std::move(queue)), thread_([this] { Poll(); }) {}
  // The server is shut down.
  ~Poller() {
    queue_->Shutdown();
    thread_.join();
  }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

 private:
  // No call is asked for in this queue, so nothing ever comes out of it.
  void Poll() {
    void* tag = nullptr;
    bool is_ok = false;
    while (queue_->Next(&tag, &is_ok)) {
    }
  }

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
};

bool IsMember(int socket, gid_t primary, const std::string& group) {
  const ::group* const wanted = group.empty() ? nullptr : getgrnam(group.c_str());
  if (wanted == nullptr) return false;
  std::vector<gid_t> groups(NGROUPS_MAX);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) size = 0;
  groups.resize(size / sizeof(gid_t));
  groups.push_back(primary);
  return std::ranges::find(groups, wanted->gr_gid) != groups.end();
}

constexpr std::chrono::milliseconds kRetryAccept(50);

// Who may connect is the socket's mode; who it is, the kernel says.
void AcceptOne(grpc::Server& server, PeerRegistry& peers, int listener,
               const std::string& admin_group) {
  UniqueFd peer(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!peer) {
    // Who waits goes on waiting, and so does the loop, rather than to spin.
    const bool lacks_descriptors = errno == EMFILE || errno == ENFILE;
    if (lacks_descriptors) std::this_thread::sleep_for(kRetryAccept);
    return;
  }
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  if (getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return;
  const bool is_admin = credentials.uid == 0 || credentials.uid == geteuid() ||
                        IsMember(peer.get(), credentials.gid, admin_group);
  peers.Add(peer.get(), {credentials.uid, is_admin});
  grpc::AddInsecureChannelFromFd(&server, peer.Release());
}

// Who asks for a service's health, and not the server's, gets an answer too.
void TellHealth(grpc::Server& server) {
  for (const char* service : kServiceNames) {
    server.GetHealthCheckService()->SetServingStatus(service, true);
  }
}

// gRPC speaks TLS 1.3, and 1.2 with ECDHE and AES-GCM only.
std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const TlsOptions& tls,
                                                         const Authenticator& authenticator) {
  namespace experimental = grpc::experimental;
  experimental::TlsServerCredentialsOptions options(
      tls.client_ca.empty()
          ? std::make_shared<experimental::FileWatcherCertificateProvider>(
                tls.key, tls.certificate, kCertificateRefreshSeconds)
          : std::make_shared<experimental::FileWatcherCertificateProvider>(
                tls.key, tls.certificate, tls.client_ca, kCertificateRefreshSeconds));
  options.watch_identity_key_cert_pairs();
  if (!tls.client_ca.empty()) options.watch_root_certs();
  // Not required: who shows none has a token.
  options.set_cert_request_type(tls.client_ca.empty()
                                    ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                    : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  std::shared_ptr<grpc::ServerCredentials> credentials =
      experimental::TlsServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<CallGate>(authenticator));
  return credentials;
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
      listen(listener.get(), SOMAXCONN) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("listen: ", path));
  }
  const ::group* const owner = group.empty() ? nullptr : getgrnam(group.c_str());
  if (owner != nullptr && chown(path.c_str(), static_cast<uid_t>(-1), owner->gr_gid) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("listen: giving ", path, " to ", group));
  }
  return listener;
}

absl::Status CheckTls(const TlsOptions& tls) {
  if (tls.address.empty()) return absl::OkStatus();
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  &SSL_CTX_free);
  SSL_CTX* const ssl = context.get();
  const auto reject = [](const char* option, const std::string& path, const char* remedy) {
    const char* const why = ERR_reason_error_string(ERR_peek_error());
    absl::Status status = absl::InvalidArgumentError(
        absl::StrCat(option, ": ", path.empty() ? "it is missing" : path + ": ",
                     path.empty() || why == nullptr ? "" : why, "; ", remedy));
    ERR_clear_error();
    return status;
  };
  if (SSL_CTX_use_certificate_chain_file(ssl, tls.certificate.c_str()) != 1) {
    return reject("tlsCertificate", tls.certificate, "give the PEM file of the certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(ssl, tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return reject("tlsKey", tls.key, "give the PEM file of the certificate's key");
  }
  if (!tls.client_ca.empty() &&
      SSL_CTX_load_verify_locations(ssl, tls.client_ca.c_str(), nullptr) != 1) {
    return reject("tlsClientCa", tls.client_ca, "give a PEM file of certificates, or none");
  }
  return absl::OkStatus();
}

absl::Status Serve(const Backend& backend, const ServerOptions& options, const UniqueFd& listener,
                   int wake_fd, std::chrono::milliseconds period,
                   const std::function<bool()>& goes_on) {
  // Never shut down again: gRPC's last step waits up to ten seconds for a poller that a client
  // which read slowly has left behind.
  grpc_init();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  PeerRegistry peers;
  const Authenticator authenticator(backend.access, peers);
  const std::vector<std::unique_ptr<grpc::Service>> services = MakeServices(backend, authenticator);
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota("emud");
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  for (const auto& [name, limit] : kLimits) builder.AddChannelArgument(name, limit);
  for (const std::unique_ptr<grpc::Service>& service : services) {
    builder.RegisterService(service.get());
  }
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(CountCalls(backend.rpcs));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  int tls_port = 0;
  if (!options.tls.address.empty()) {
    builder.AddListeningPort(options.tls.address, MakeCredentials(options.tls, authenticator),
                             &tls_port);
  }
  std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::InternalError(options.tls.address.empty()
                                   ? "the gRPC server does not start"
                                   : absl::StrCat("listen: tls:", options.tls.address,
                                                  " can't be had; choose another address"));
  }
  const Poller poller(std::move(queue));
  TellHealth(*server);
  if (tls_port != 0)
    LogInfo("tls-listening", {{"address", options.tls.address}, {"port", tls_port}});

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
      AcceptOne(*server, peers, listener.get(), options.admin_group);
    }
    const bool is_due = has_period && Clock::now() >= next;
    if (is_due) next = Clock::now() + period;
    if ((fds[1].revents != 0 || is_due) && !goes_on()) break;
  }
  LogInfo("emud-stopping");
  server->GetHealthCheckService()->SetServingStatus(false);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return absl::OkStatus();
}

}  // namespace emu::daemon
