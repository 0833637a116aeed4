#include "daemon/metrics/metrics_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/server.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience(2);
constexpr size_t kMaxRequestBytes = 8 * 1024;

struct LoopbackAddress {
  sockaddr_storage address = {};
  socklen_t size = 0;
};

bool IsLoopback(const addrinfo& found) {
  if (found.ai_family == AF_INET) {
    const auto& address = *reinterpret_cast<const sockaddr_in*>(found.ai_addr);
    return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
  }
  const auto& address = *reinterpret_cast<const sockaddr_in6*>(found.ai_addr);
  return found.ai_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

absl::StatusOr<LoopbackAddress> ParseAddress(const std::string& text) {
  const absl::Status wrong = absl::InvalidArgumentError(
      absl::StrCat("metricsListen: ", text,
                   ": give unix:PATH, or an address of the loopback like "
                   "127.0.0.1:9100 or [::1]:9100; nobody is asked who he is there"));
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  absl::string_view host = absl::string_view(text).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) return wrong;
  const std::string name = host == "localhost" ? "127.0.0.1" : std::string(host);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), text.c_str() + colon + 1, &hints, &found) != 0) return wrong;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  if (!IsLoopback(*found)) return wrong;
  LoopbackAddress address;
  address.size = found->ai_addrlen;
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&address.address));
  return address;
}

// The first line of the request, when all of its head has come; empty if it does not come.
std::string ReadRequestLine(int client) {
  const Clock::time_point deadline = Clock::now() + kPatience;
  std::string head;
  char bytes[1024];
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = recv(client, bytes, sizeof(bytes), 0);
    if (size <= 0 || head.size() > kMaxRequestBytes || Clock::now() > deadline) return "";
    head.append(bytes, static_cast<size_t>(size));
  }
  return head.substr(0, head.find("\r\n"));
}

void Answer(int client, const std::string& status, const std::string& body) {
  std::string answer = absl::StrCat(
      "HTTP/1.1 ", status, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8",
      "\r\nContent-Length: ", body.size(), "\r\nConnection: close\r\n\r\n", body);
  const Clock::time_point deadline = Clock::now() + kPatience;
  std::string_view rest = answer;
  while (!rest.empty() && Clock::now() < deadline) {
    const ssize_t size = send(client, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    rest.remove_prefix(static_cast<size_t>(size));
  }
}

void ServeOne(int client, const std::function<std::string()>& expose) {
  const timeval patience = {kPatience.count(), 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const std::string line = ReadRequestLine(client);
  if (line.empty()) return;
  if (!absl::StartsWith(line, "GET "))
    return Answer(client, "405 Method Not Allowed", "GET only\n");
  const std::string target = line.substr(4, line.find_first_of(" ?", 4) - 4);
  if (target != "/metrics") return Answer(client, "404 Not Found", "there is /metrics\n");
  Answer(client, "200 OK", expose());
}

}  // namespace

absl::Status CheckMetricsAddress(const std::string& address) {
  if (address.empty() || (absl::StartsWith(address, "unix:") && address.size() > 5)) {
    return absl::OkStatus();
  }
  return ParseAddress(address).status();
}

absl::StatusOr<UniqueFd> ListenForMetrics(const std::string& address, const std::string& group) {
  absl::string_view path = address;
  if (absl::ConsumePrefix(&path, "unix:")) return ListenAt(std::string(path), group);
  ASSIGN_OR_RETURN(const LoopbackAddress loopback, ParseAddress(address));
  UniqueFd listener(socket(loopback.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&loopback.address), loopback.size) !=
          0 ||
      listen(listener.get(), 16) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("metricsListen: ", address));
  }
  return listener;
}

void ServeMetrics(UniqueFd listener, std::function<std::string()> expose) {
  std::thread([listener = std::move(listener), expose = std::move(expose)] {
    while (true) {
      pollfd waiting = {listener.get(), POLLIN, 0};
      if (poll(&waiting, 1, -1) <= 0) continue;
      const UniqueFd client(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client) {
        ServeOne(client.get(), expose);
      } else if (errno == EMFILE || errno == ENFILE) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }).detach();
}

}  // namespace emu::daemon
