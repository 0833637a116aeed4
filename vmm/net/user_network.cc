#include "vmm/net/user_network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <slirp/libslirp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"

namespace emu::net {

using ::net::v1::Forward;

namespace {

constexpr uint32_t kNetwork = 0x0a000200, kMask = 0xffffff00, kGateway = 0x0a000202,
                   kNameServer = 0x0a000203, kFirstLease = 0x0a00020f;
constexpr uint8_t kPrefixBytes[] = {0xfe, 0xc0};
constexpr uint8_t kPrefixBits = 64;
constexpr uint16_t kLeastMtu = 1280, kMostMtu = 65520;
// Chosen ports may be taken by others before libslirp has them.
constexpr int kAttempts = 16;

in_addr Ip4(uint32_t address) { return {htonl(address)}; }

in6_addr Ip6(uint8_t last_byte) {
  in6_addr address = {};
  std::copy(std::begin(kPrefixBytes), std::end(kPrefixBytes), address.s6_addr);
  address.s6_addr[15] = last_byte;
  return address;
}

int64_t NowNs() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}
int64_t NowMs() { return NowNs() / 1'000'000; }

short ToPoll(int events) {
  short to = 0;
  if ((events & SLIRP_POLL_IN) != 0) to |= POLLIN;
  if ((events & SLIRP_POLL_OUT) != 0) to |= POLLOUT;
  if ((events & SLIRP_POLL_PRI) != 0) to |= POLLPRI;
  return to;
}

int FromPoll(short events) {
  int from = 0;
  if ((events & POLLIN) != 0) from |= SLIRP_POLL_IN;
  if ((events & POLLOUT) != 0) from |= SLIRP_POLL_OUT;
  if ((events & POLLPRI) != 0) from |= SLIRP_POLL_PRI;
  if ((events & POLLERR) != 0) from |= SLIRP_POLL_ERR;
  if ((events & POLLHUP) != 0) from |= SLIRP_POLL_HUP;
  return from;
}

bool IsUdp(const Forward& forward) { return forward.protocol() == Forward::UDP; }

std::string NameOf(const Forward& forward) {
  return absl::StrCat(IsUdp(forward) ? "udp" : "tcp", ":", forward.host_address(), ":",
                      forward.host_port());
}

bool IsSame(const Forward& one, const Forward& other) {
  return one.protocol() == other.protocol() && one.host_address() == other.host_address() &&
         one.host_port() == other.host_port();
}

sockaddr_in Address(in_addr address, uint32_t port) {
  sockaddr_in socket_address = {};
  socket_address.sin_family = AF_INET;
  socket_address.sin_addr = address;
  socket_address.sin_port = htons(static_cast<uint16_t>(port));
  return socket_address;
}

// SAFETY: the sockets' own way of passing addresses.
const sockaddr* Plain(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// `port`, or one that is chosen for 0, if nobody has it now; 0 and errno otherwise.
uint16_t FreePort(in_addr address, uint32_t port, bool is_udp) {
  const UniqueFd probe(socket(AF_INET, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
  sockaddr_in bound = Address(address, port);
  socklen_t size = sizeof(bound);
  // SAFETY: as above.
  if (!probe || bind(probe.get(), Plain(bound), size) != 0 ||
      getsockname(probe.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return 0;
  }
  return ntohs(bound.sin_port);
}

absl::Status Refusal(const Forward& forward, int error) {
  const std::string what = absl::StrCat("forward ", NameOf(forward), ": ", std::strerror(error));
  if (error == EADDRINUSE) {
    return absl::AlreadyExistsError(absl::StrCat(what, "; choose another port, or 0 for any"));
  }
  if (error == EACCES) {
    return absl::UnavailableError(absl::StrCat(what, "; choose a port from 1024 on"));
  }
  return absl::UnavailableError(absl::StrCat(what, "; give an address of this host"));
}

}  // namespace

// What libslirp calls; `opaque` is the network.
struct UserNetwork::Callbacks {
  static UserNetwork& Of(void* opaque) { return *static_cast<UserNetwork*>(opaque); }

  static ssize_t SendPacket(const void* frame, size_t size, void* opaque) {
    Of(opaque).sink_({static_cast<const std::byte*>(frame), size});
    return static_cast<ssize_t>(size);
  }
  static void GuestError(const char*, void*) {}  // a guest may make as many as it likes
  static int64_t Clock(void*) { return NowNs(); }
  static void* NewTimer(SlirpTimerCb callback, void* argument, void* opaque) {
    auto& timers = Of(opaque).timers_;
    timers.push_back(std::make_unique<Timer>(Timer{callback, argument}));
    return timers.back().get();
  }
  static void FreeTimer(void* timer, void* opaque) {
    std::erase_if(Of(opaque).timers_, [timer](const auto& own) { return own.get() == timer; });
  }
  static void MoveTimer(void* timer, int64_t expires_ms, void*) {
    static_cast<Timer*>(timer)->expires_ms = expires_ms;
  }
  static void IgnoreFd(int, void*) {}
  static void Notify(void*) {}  // the loop looks before each wait

  static int AddPoll(int fd, int events, void* opaque) {
    UserNetwork& network = Of(opaque);
    if (!network.takes_more_) return -1;
    network.prepared_->push_back({fd, ToPoll(events), 0});
    return static_cast<int>(network.prepared_->size() - network.first_polled_) - 1;
  }
  static int Events(int index, void* opaque) {
    const auto& polled = Of(opaque).polled_;
    return index < 0 ? 0 : FromPoll(polled[static_cast<size_t>(index)].revents);
  }

  static constexpr SlirpCb kTable = {.send_packet = SendPacket,
                                     .guest_error = GuestError,
                                     .clock_get_ns = Clock,
                                     .timer_new = NewTimer,
                                     .timer_free = FreeTimer,
                                     .timer_mod = MoveTimer,
                                     .register_poll_fd = IgnoreFd,
                                     .unregister_poll_fd = IgnoreFd,
                                     .notify = Notify,
                                     .init_completed = nullptr,
                                     .timer_new_opaque = nullptr};
};

absl::StatusOr<std::unique_ptr<UserNetwork>> UserNetwork::Create(uint16_t mtu,
                                                                 const BootServer& boot_server,
                                                                 Sink sink) {
  if (mtu < kLeastMtu || mtu > kMostMtu) {
    return absl::InvalidArgumentError(
        absl::StrCat("mtu ", mtu, ": give one from ", kLeastMtu, " to ", kMostMtu));
  }
  auto network = std::unique_ptr<UserNetwork>(new UserNetwork(std::move(sink)));
  SlirpConfig config = {};
  config.version = 1;
  config.in_enabled = true;
  config.vnetwork = Ip4(kNetwork);
  config.vnetmask = Ip4(kMask);
  config.vhost = Ip4(kGateway);
  config.vnameserver = Ip4(kNameServer);
  config.vdhcp_start = Ip4(kFirstLease);
  config.in6_enabled = true;
  config.vprefix_addr6 = Ip6(0);
  config.vprefix_len = kPrefixBits;
  config.vhost6 = Ip6(2);
  config.vnameserver6 = Ip6(3);
  config.if_mtu = config.if_mru = mtu;
  config.disable_host_loopback = true;
  // Copied by slirp_new.
  if (!boot_server.folder.empty()) config.tftp_path = boot_server.folder.c_str();
  if (!boot_server.boot_file.empty()) config.bootfile = boot_server.boot_file.c_str();
  network->slirp_ = slirp_new(&config, &Callbacks::kTable, network.get());
  if (network->slirp_ == nullptr) return absl::InternalError("libslirp refuses its configuration");
  return network;
}

UserNetwork::~UserNetwork() {
  if (slirp_ != nullptr) slirp_cleanup(slirp_);
}

void UserNetwork::Receive(std::span<const std::byte> frame) {
  NoteAddress(frame);
  // SAFETY: bytes are bytes.
  slirp_input(slirp_, reinterpret_cast<const uint8_t*>(frame.data()),
              static_cast<int>(frame.size()));
}

// RFC 826: who asks says who he is.
void UserNetwork::NoteAddress(std::span<const std::byte> frame) {
  constexpr size_t kTypeOffset = 12, kSenderOffset = 28, kArpFrameBytes = 42;
  constexpr std::byte kArp[] = {std::byte{0x08}, std::byte{0x06}};
  if (frame.size() < kArpFrameBytes || !std::ranges::equal(frame.subspan(kTypeOffset, 2), kArp)) {
    return;
  }
  uint32_t sender;
  std::memcpy(&sender, &frame[kSenderOffset], sizeof(sender));
  if ((ntohl(sender) & kMask) == kNetwork) guest_address_ = sender;
}

std::string UserNetwork::guest_address() const {
  char text[INET_ADDRSTRLEN] = "";
  if (guest_address_ != 0) inet_ntop(AF_INET, &guest_address_, text, sizeof(text));
  return text;
}

void UserNetwork::Prepare(std::vector<pollfd>& polled, bool takes_more, int& timeout_ms) {
  prepared_ = &polled;
  first_polled_ = polled.size();
  takes_more_ = takes_more;
  auto wait_ms = static_cast<uint32_t>(timeout_ms);
  slirp_pollfds_fill(slirp_, &wait_ms, Callbacks::AddPoll, this);
  prepared_ = nullptr;
  const int64_t now_ms = NowMs();
  for (const auto& timer : timers_) {
    if (timer->expires_ms < 0) continue;
    const int64_t left_ms = std::max<int64_t>(0, timer->expires_ms - now_ms);
    wait_ms = static_cast<uint32_t>(std::min<int64_t>(wait_ms, left_ms));
  }
  timeout_ms = static_cast<int>(wait_ms);
}

void UserNetwork::Serve(std::span<const pollfd> polled) {
  polled_ = polled.subspan(first_polled_);
  slirp_pollfds_poll(slirp_, 0, Callbacks::Events, this);
  polled_ = {};
  const int64_t now_ms = NowMs();
  for (size_t i = 0; i < timers_.size(); ++i) {  // a callback may make timers
    Timer& timer = *timers_[i];
    if (timer.expires_ms < 0 || timer.expires_ms > now_ms) continue;
    timer.expires_ms = -1;
    timer.callback(timer.argument);
  }
}

absl::StatusOr<Forward> UserNetwork::Add(Forward forward) {
  if (forward.host_address().empty()) forward.set_host_address("127.0.0.1");
  in_addr address = {};
  if (inet_pton(AF_INET, forward.host_address().c_str(), &address) != 1 ||
      forward.host_port() > UINT16_MAX || forward.guest_port() == 0 ||
      forward.guest_port() > UINT16_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("forward ", NameOf(forward), ": give an IPv4 address and ports to 65535"));
  }
  const bool is_chosen = forward.host_port() == 0;
  // libslirp would share a UDP port with whoever shares it, too.
  if (IsUdp(forward) && FreePort(address, forward.host_port(), true) == 0) {
    return Refusal(forward, errno);
  }
  const sockaddr_in guest = Address(Ip4(0), forward.guest_port());  // the first lease
  int error = EADDRINUSE;
  for (int attempt = 0; attempt < (is_chosen ? kAttempts : 1) && error == EADDRINUSE; ++attempt) {
    if (is_chosen) forward.set_host_port(FreePort(address, 0, IsUdp(forward)));
    const sockaddr_in host = Address(address, forward.host_port());
    errno = 0;
    const bool is_added =
        slirp_add_hostxfwd(slirp_, Plain(host), sizeof(host), Plain(guest), sizeof(guest),
                           IsUdp(forward) ? SLIRP_HOSTFWD_UDP : 0) == 0;
    error = is_added ? 0 : errno;
  }
  if (error != 0) return Refusal(forward, error);
  forwards_.push_back(forward);
  return forward;
}

absl::Status UserNetwork::Remove(Forward forward) {
  if (forward.host_address().empty()) forward.set_host_address("127.0.0.1");
  const auto found =
      std::ranges::find_if(forwards_, [&](const Forward& known) { return IsSame(known, forward); });
  if (found == forwards_.end()) {
    return absl::NotFoundError(absl::StrCat("forward ", NameOf(forward), ": there is none"));
  }
  in_addr address = {};
  inet_pton(AF_INET, forward.host_address().c_str(), &address);
  const sockaddr_in host = Address(address, forward.host_port());
  slirp_remove_hostxfwd(slirp_, Plain(host), sizeof(host), IsUdp(forward) ? SLIRP_HOSTFWD_UDP : 0);
  forwards_.erase(found);
  return absl::OkStatus();
}

}  // namespace emu::net
