#include "daemon/vm_networks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "daemon/child_process.h"
#include "daemon/errors.h"
#include "daemon/vm_nics.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

using ::net::v1::Request;
using ::net::v1::Response;

namespace {

constexpr int kPeriodMs = 1000;
constexpr int kAnswerMs = 5000;
constexpr std::chrono::milliseconds kConnectTimeout(5000);
constexpr size_t kPacketBytes = 64 << 10;

std::string SocketName(size_t index) { return absl::StrCat("net", index); }

::net::v1::Forward ToNet(const emud::v1::Forward& forward) {
  ::net::v1::Forward net;
  net.set_protocol(forward.protocol() == emud::v1::Forward::UDP ? ::net::v1::Forward::UDP
                                                                : ::net::v1::Forward::TCP);
  net.set_host_address(forward.host_address());
  net.set_host_port(forward.host_port());
  net.set_guest_port(forward.guest_port());
  return net;
}

// Whether `open` is what `wanted` asks for; one without a port is content with any.
bool Satisfies(const ::net::v1::Forward& open, const ::net::v1::Forward& wanted) {
  return open.protocol() == wanted.protocol() && open.host_address() == wanted.host_address() &&
         open.guest_port() == wanted.guest_port() &&
         (wanted.host_port() == 0 || open.host_port() == wanted.host_port());
}

std::string KeyOf(const emud::v1::Forward& forward) {
  return absl::StrCat(forward.protocol(), " ", forward.host_address(), " ", forward.guest_port());
}

}  // namespace

VmNetworks::VmNetworks(Surroundings surroundings)
    : around_(std::move(surroundings)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void VmNetworks::End() {
  {
    std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  Reconsider();
}

void VmNetworks::Reconsider() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
}

std::vector<emud::v1::NicStatus> VmNetworks::statuses() const {
  std::lock_guard lock(mutex_);
  return statuses_;
}

void VmNetworks::Run() {
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (has_ended_) break;
    }
    const auto vm = around_.current();
    if (vm == nullptr) break;
    networks_.resize(static_cast<size_t>(vm->spec().nics_size()));
    for (size_t i = 0; i < networks_.size(); ++i) Keep(i, vm->spec().nics(static_cast<int>(i)));
    WaitForEvent();
  }
  for (Network& network : networks_) Drop(network);
}

void VmNetworks::WaitForEvent() {
  std::vector<pollfd> polled = {{wake_.get(), POLLIN, 0}};
  for (const Network& network : networks_) polled.push_back({network.control.get(), POLLIN, 0});
  poll(polled.data(), polled.size(), kPeriodMs);
  uint64_t ignored;
  [[maybe_unused]] const ssize_t size = read(wake_.get(), &ignored, sizeof(ignored));
}

void VmNetworks::Keep(size_t index, const emud::v1::Nic& nic) {
  emud::v1::NicStatus status;
  status.set_id(nic.id());
  status.set_mac(MacText(MacOf(around_.uid, nic)));
  absl::StatusOr<Response> seen = Look(index, nic);
  Network& network = networks_[index];
  if (seen.ok()) {
    network.complaint.clear();
    status.set_guest_address(seen->guest_address());
    Adjust(index, nic, *std::move(seen), status);
  } else if (const std::string complaint(seen.status().message()); complaint != network.complaint) {
    network.complaint = complaint;
    LogWarning("vm-without-network",
               {{"uid", around_.uid}, {"nic", nic.id()}, {"error", complaint}});
  }
  std::lock_guard lock(mutex_);
  statuses_.resize(networks_.size());
  statuses_[index] = std::move(status);
}

absl::StatusOr<Response> VmNetworks::Look(size_t index, const emud::v1::Nic& nic) {
  RETURN_IF_ERROR(FindOrStart(index, nic));
  Request hello;
  hello.mutable_hello();
  absl::StatusOr<Response> answer = Ask(index, hello);
  if (answer.ok()) return answer;
  // It has died since the last look, or belongs to an earlier start: at once another.
  RETURN_IF_ERROR(FindOrStart(index, nic));
  return Ask(index, hello);
}

absl::Status VmNetworks::FindOrStart(size_t index, const emud::v1::Nic& nic) {
  Network& network = networks_[index];
  if (network.control.is_valid()) return absl::OkStatus();
  absl::StatusOr<UniqueFd> found = around_.directory.ConnectToSocket(SocketName(index));
  if (!found.ok()) return Start(index, nic);
  network.control = *std::move(found);
  return absl::OkStatus();
}

absl::Status VmNetworks::Start(size_t index, const emud::v1::Nic& nic) {
  ASSIGN_OR_RETURN(const UniqueFd listener, around_.directory.ListenAtSocket(SocketName(index)));
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
    return errors::Host("a network's socket", errno);
  }
  const UniqueFd vm_end(pair[0]);
  const UniqueFd net_end(pair[1]);
  const UniqueFd file(memfd_create("net-config", MFD_CLOEXEC));
  ChildFds fds;
  fds.Add(file);
  ::net::v1::NetConfig config;
  config.set_uid(around_.uid);
  config.set_mtu(kUserNetworkMtu);
  if (nic.has_boot_server()) {
    config.mutable_boot_server()->set_folder(nic.boot_server().folder());
    config.mutable_boot_server()->set_boot_file(nic.boot_server().boot_file());
  }
  config.set_require_sandbox(around_.requires_sandbox);
  config.set_frames_fd(fds.Add(net_end));
  config.set_control_listen_fd(fds.Add(listener));
  const std::string bytes = config.SerializeAsString();
  if (!fds.is_complete() ||
      pwrite(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return errors::Host("no descriptor is left for a network", errno);
  }
  Network& network = networks_[index];
  const int error =
      StartProcess(around_.program, "emu-net", fds, around_.directory.log_path(), network.child);
  if (error != 0) return errors::Host(around_.program + " can't be started", error);
  ASSIGN_OR_RETURN(network.control, around_.directory.ConnectToSocket(SocketName(index)));
  vm::v1::Request connect;
  connect.mutable_connect_nic()->set_index(static_cast<uint32_t>(index));
  const absl::Status connected =
      around_.process->Call(connect, kConnectTimeout, {vm_end.get()}).status();
  // Without its VM it ends by itself.
  if (!connected.ok()) Drop(network);
  return connected;
}

void VmNetworks::Drop(Network& network) {
  network.control.Reset();
  const pid_t child = std::exchange(network.child, 0);
  if (child == 0) return;
  // Not reaped yet, so the number is still its own.
  kill(child, SIGKILL);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::StatusOr<Response> VmNetworks::Ask(size_t index, const Request& request) {
  Network& network = networks_[index];
  const int fd = network.control.get();
  const std::string packet = request.SerializeAsString();
  std::vector<char> answer(kPacketBytes);
  Response response;
  pollfd readable = {fd, POLLIN, 0};
  ssize_t size = -1;
  if (send(fd, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 &&
      poll(&readable, 1, kAnswerMs) > 0) {
    size = recv(fd, answer.data(), answer.size(), MSG_DONTWAIT);
  }
  if (size <= 0 || !response.ParseFromArray(answer.data(), static_cast<int>(size))) {
    Drop(network);
    return absl::UnavailableError("the network process is gone or does not answer");
  }
  if (response.code() != 0) {
    return absl::Status(static_cast<absl::StatusCode>(response.code()), response.message());
  }
  return response;
}

void VmNetworks::Adjust(size_t index, const emud::v1::Nic& nic, Response seen,
                        emud::v1::NicStatus& status) {
  std::vector<Forward> open(seen.forwards().begin(), seen.forwards().end());
  // Those that name a port have the first choice of what is open.
  std::vector<uint32_t> ports(static_cast<size_t>(nic.forwards_size()));
  for (const bool names_port : {true, false}) {
    for (int i = 0; i < nic.forwards_size(); ++i) {
      const Forward wanted = ToNet(nic.forwards(i));
      if ((wanted.host_port() != 0) != names_port) continue;
      const auto found =
          std::ranges::find_if(open, [&](const Forward& one) { return Satisfies(one, wanted); });
      if (found == open.end()) continue;
      ports[static_cast<size_t>(i)] = found->host_port();
      open.erase(found);
    }
  }
  for (const Forward& unwanted : open) {
    Request request;
    *request.mutable_remove_forward()->mutable_forward() = unwanted;
    (void)Ask(index, request);
  }
  for (int i = 0; i < nic.forwards_size(); ++i) {
    emud::v1::NicStatus::OpenForward& told = *status.add_forwards();
    *told.mutable_wanted() = nic.forwards(i);
    told.set_host_port(ports[static_cast<size_t>(i)]);
    if (told.host_port() == 0) Open(index, nic.forwards(i), told);
    if (nic.forwards(i).host_port() == 0 && told.host_port() != 0) {
      networks_[index].chosen[KeyOf(nic.forwards(i))] = told.host_port();
    }
  }
}

void VmNetworks::Open(size_t index, const emud::v1::Forward& wanted,
                      emud::v1::NicStatus::OpenForward& status) {
  Network& network = networks_[index];
  if (!network.control.is_valid()) return status.set_error("the network is gone");
  Request request;
  Forward& forward = *request.mutable_add_forward()->mutable_forward();
  forward = ToNet(wanted);
  absl::StatusOr<Response> added = absl::NotFoundError("");
  if (const auto chosen = network.chosen.find(KeyOf(wanted));
      wanted.host_port() == 0 && chosen != network.chosen.end()) {
    forward.set_host_port(chosen->second);
    added = Ask(index, request);
    forward.set_host_port(0);
  }
  if (!added.ok() && network.control.is_valid()) added = Ask(index, request);
  if (!added.ok()) return status.set_error(std::string(added.status().message()));
  status.set_host_port(added->added().host_port());
}

}  // namespace emu::daemon
