#include "vmm/process/run_network.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "vmm/base/status_macros.h"
#include "vmm/base/unique_fd.h"

namespace emu {
namespace {

// What the child finds its descriptors by.
constexpr int kConfigFd = 3, kFramesFd = 4, kControlFd = 5;
constexpr int kFdsAbove = 512;
// So that no frame is cut up between here and the network process, which speaks for the guest.
constexpr uint32_t kMtu = 65520;
constexpr char kMac[] = "\x52\x54\x00\x12\x34\x56";  // as on QEMU

absl::Status HostError(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat("--net user: ", what, ": ", strerror(error)));
}

// emu-net lies beside this program.
std::string NetworkProgram() {
  std::array<char, PATH_MAX> path = {};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string own(path.data(), size > 0 ? static_cast<size_t>(size) : 0);
  return absl::StrCat(own.substr(0, own.rfind('/') + 1), "emu-net");
}

absl::StatusOr<std::pair<UniqueFd, UniqueFd>> SocketPair(int flags) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, fds) != 0) {
    return HostError("no socket", errno);
  }
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

absl::Status Spawn(const UniqueFd& config, const UniqueFd& frames, const UniqueFd& control) {
  const std::string program = NetworkProgram();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);
  // Moved up first, so that none is overwritten before it is copied.
  int above = kFdsAbove;
  for (const UniqueFd* fd : {&config, &frames, &control}) {
    posix_spawn_file_actions_adddup2(&actions, fd->get(), above++);
  }
  for (const int fd : {kConfigFd, kFramesFd, kControlFd}) {
    posix_spawn_file_actions_adddup2(&actions, kFdsAbove + fd - kConfigFd, fd);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, kControlFd + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);  // no ^C of the terminal's
  char* argv[] = {const_cast<char*>("emu-net"), const_cast<char*>("serve"), nullptr};
  char* environment[] = {nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, argv, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? absl::OkStatus() : HostError(program, error);
}

absl::StatusOr<net::v1::Response> Ask(const UniqueFd& control, const net::v1::Request& request) {
  const std::string packet = request.SerializeAsString();
  std::array<char, 64 << 10> answer;
  ssize_t size = -1;
  if (send(control.get(), packet.data(), packet.size(), MSG_NOSIGNAL) >= 0) {
    size = recv(control.get(), answer.data(), answer.size(), 0);
  }
  net::v1::Response response;
  if (size <= 0 || !response.ParseFromArray(answer.data(), static_cast<int>(size))) {
    return absl::UnavailableError("--net user: the network process has ended; see its log above");
  }
  if (response.code() != 0) return absl::UnavailableError(response.message());
  return response;
}

std::string Describe(const net::v1::Forward& forward) {
  return absl::StrCat("forward ", forward.protocol() == net::v1::Forward::UDP ? "udp" : "tcp", " ",
                      forward.host_address(), ":", forward.host_port(), " to the guest's port ",
                      forward.guest_port());
}

}  // namespace

absl::Status ParseNetwork(absl::string_view text, NetworkRequest& network) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  bool is_good = parts[0] == "user";
  for (absl::string_view option : absl::MakeConstSpan(parts).subspan(1)) {
    if (option == "bus=pci") {
      network.is_pci = true;
    } else if (absl::ConsumePrefix(&option, "tftp=") && !option.empty()) {
      network.boot_server.set_folder(std::filesystem::absolute(std::string(option)));
    } else if (absl::ConsumePrefix(&option, "bootfile=") && !option.empty()) {
      network.boot_server.set_boot_file(std::string(option));
    } else {
      is_good = false;
    }
  }
  network.is_wanted = true;
  if (is_good &&
      (network.boot_server.boot_file().empty() || !network.boot_server.folder().empty())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--net ", text, ": want user, user,bus=pci or user,tftp=FOLDER,bootfile=NAME"));
}

absl::StatusOr<net::v1::Forward> ParseForward(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  net::v1::Forward forward;
  uint32_t host_port = 0;
  uint32_t guest_port = 0;
  const size_t count = parts.size();
  if ((count != 3 && count != 4) || (parts[0] != "tcp" && parts[0] != "udp") ||
      !absl::SimpleAtoi(parts[count - 2], &host_port) || host_port > UINT16_MAX ||
      !absl::SimpleAtoi(parts[count - 1], &guest_port) || guest_port == 0 ||
      guest_port > UINT16_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("--forward ", text, ": want one like tcp:8080:80 or udp:0.0.0.0:0:53"));
  }
  forward.set_protocol(parts[0] == "udp" ? net::v1::Forward::UDP : net::v1::Forward::TCP);
  if (count == 4) forward.set_host_address(parts[1]);
  forward.set_host_port(host_port);
  forward.set_guest_port(guest_port);
  return forward;
}

absl::Status StartNetwork(const NetworkRequest& request, vm::v1::VmConfig& config) {
  ASSIGN_OR_RETURN(auto frames, SocketPair(SOCK_NONBLOCK));
  ASSIGN_OR_RETURN(auto control, SocketPair(0));
  net::v1::NetConfig network;
  network.set_frames_fd(kFramesFd);
  network.set_control_fd(kControlFd);
  network.set_mtu(kMtu);
  if (!request.boot_server.folder().empty()) *network.mutable_boot_server() = request.boot_server;
  const std::string bytes = network.SerializeAsString();
  const UniqueFd file(memfd_create("net-config", MFD_CLOEXEC));
  if (pwrite(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return HostError("no memory file", errno);
  }
  RETURN_IF_ERROR(Spawn(file, frames.second, control.second));
  control.second.Reset();

  net::v1::Request hello;
  hello.mutable_hello();
  RETURN_IF_ERROR(Ask(control.first, hello).status());
  for (const net::v1::Forward& forward : request.forwards) {
    net::v1::Request add;
    *add.mutable_add_forward()->mutable_forward() = forward;
    ASSIGN_OR_RETURN(const net::v1::Response response, Ask(control.first, add));
    std::fprintf(stderr, "emu-vm: %s\n", Describe(response.added()).c_str());
  }
  vm::v1::VmConfig::Nic& nic = *config.add_nics();
  nic.set_fd(frames.first.Release());
  nic.set_mac(kMac, sizeof(kMac) - 1);
  nic.set_mtu(kMtu);
  if (request.is_pci) nic.set_bus(vm::v1::VmConfig::Disk::VIRTIO_PCI);
  return absl::OkStatus();
}

}  // namespace emu
