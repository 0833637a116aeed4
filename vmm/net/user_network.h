// A network of one guest behind this host's: libslirp, with a roof over it.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/v1/net_control.pb.h"

struct Slirp;

namespace emu::net {

// 10.0.2.0/24 and fec0::/64: the gateway is .2, names are asked for at .3, guests get .15, as on
// QEMU. One thread calls it.
class UserNetwork {
 public:
  // Takes a frame for the guest, or drops it.
  using Sink = std::function<void(std::span<const std::byte> frame)>;

  // For machines that boot from it (RFC 2131, RFC 1350): what lies in `folder` is to be had from
  // the gateway by TFTP, and DHCP names `boot_file`. Empty: there is none.
  struct BootServer {
    std::string folder;
    std::string boot_file;
  };

  // `mtu` of IP packets, in bytes: 1280 to 65520.
  static absl::StatusOr<std::unique_ptr<UserNetwork>> Create(uint16_t mtu,
                                                             const BootServer& boot_server,
                                                             Sink sink);
  ~UserNetwork();

  // A frame of the guest's, its checksums complete.
  void Receive(std::span<const std::byte> frame);

  // Before poll: appends what is to be polled, and shortens the time to wait. `takes_more` false:
  // the sink is full, so nothing is read that would go there.
  void Prepare(std::vector<pollfd>& polled, bool takes_more, int& timeout_ms);
  // After it.
  void Serve(std::span<const pollfd> polled);

  // The forward with its port; ALREADY_EXISTS, INVALID_ARGUMENT, UNAVAILABLE if the host refuses.
  absl::StatusOr<::net::v1::Forward> Add(::net::v1::Forward forward);
  absl::Status Remove(::net::v1::Forward forward);
  const std::vector<::net::v1::Forward>& forwards() const { return forwards_; }
  // The last address that the guest has claimed (ARP); empty: none.
  std::string guest_address() const;

 private:
  // Asked for once, then moved.
  struct Timer {
    void (*callback)(void*);
    void* argument;
    int64_t expires_ms = -1;  // -1: not at all
  };
  struct Callbacks;

  explicit UserNetwork(Sink sink) : sink_(std::move(sink)) {}
  void NoteAddress(std::span<const std::byte> frame);

  const Sink sink_;
  Slirp* slirp_ = nullptr;
  std::vector<std::unique_ptr<Timer>> timers_;
  std::vector<::net::v1::Forward> forwards_;
  uint32_t guest_address_ = 0;               // as in a packet
  std::vector<pollfd>* prepared_ = nullptr;  // while Prepare runs
  std::span<const pollfd> polled_;           // while Serve runs
  size_t first_polled_ = 0;
  bool takes_more_ = true;
};

}  // namespace emu::net
