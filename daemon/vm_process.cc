#include "daemon/vm_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace emu::daemon {
namespace {

constexpr size_t kPacketBytes = 64 * 1024;
// How long a dead VM's monitor may take to write down how it ended. It needs milliseconds; on a
// host that is overloaded a late reason is better than none. After Kill nobody asks for a reason.
constexpr std::chrono::milliseconds kMonitorGrace(2000);
constexpr std::chrono::milliseconds kMonitorGraceAfterKill(150);
constexpr int kPidfdWait = 3;  // P_PIDFD, which old headers lack

using Clock = std::chrono::steady_clock;

}  // namespace

vm::v1::Request HelloRequest() {
  vm::v1::Request request;
  request.mutable_hello()->set_protocol_min(1);
  request.mutable_hello()->set_protocol_max(1);
  return request;
}

VmProcess::VmProcess(VmDirectory directory, UniqueFd control, UniqueFd monitor, UniqueFd vm)
    : directory_(std::move(directory)),
      monitor_(std::move(monitor)),
      control_(std::move(control)),
      vm_(std::move(vm)) {}

void VmProcess::Watch(Observer observer) {
  std::thread([self = shared_from_this(), observer = std::move(observer)] {
    self->WatcherMain(observer);
    observer.on_end();
  }).detach();
}

void VmProcess::WatcherMain(const Observer& observer) {
  bool connected = control_.is_valid();
  bool monitor_alive = monitor_.is_valid();
  std::optional<Clock::time_point> vm_death;
  while (true) {
    const int vm_fd = FindVm();
    if (!monitor_alive && (vm_fd < 0 || vm_death.has_value())) break;
    if (vm_death.has_value() && Clock::now() - *vm_death > MonitorGrace()) {
      KillMonitor();
      break;
    }
    if (!connected && !vm_death.has_value()) connected = Reconnect();
    const std::shared_ptr<const UniqueFd> gdb_listener = GdbListener();
    pollfd fds[] = {{connected ? control_.get() : -1, POLLIN, 0},
                    {monitor_alive ? monitor_.get() : -1, POLLIN, 0},
                    {vm_death.has_value() ? -1 : vm_fd, POLLIN, 0},
                    {gdb_listener == nullptr ? -1 : gdb_listener->get(), POLLIN, 0}};
    // The timeout is for a process record that is still to be written, for connecting anew, and for
    // a new listener.
    if (poll(fds, 4, vm_death.has_value() ? 10 : 500) <= 0) continue;
    if (fds[0].revents != 0 && !DrainControl(observer)) {
      connected = false;
      FailPending();
    }
    if (fds[1].revents != 0) {
      monitor_alive = false;
      siginfo_t ignored;
      // ECHILD if an earlier daemon was its parent.
      waitid(static_cast<idtype_t>(kPidfdWait), static_cast<id_t>(monitor_.get()), &ignored,
             WEXITED | WNOHANG);
    }
    if (fds[2].revents != 0) vm_death = Clock::now();
    if (fds[3].revents != 0) AcceptGdb(gdb_listener->get());
  }
  FailPending();
}

uint32_t VmProcess::pid() const { return static_cast<uint32_t>(AwaitIdentity(directory_).vm_pid); }

void VmProcess::PassOnGdb(UniqueFd listener) {
  std::lock_guard lock(mutex_);
  gdb_listener_ = std::make_shared<const UniqueFd>(std::move(listener));
}

std::shared_ptr<const UniqueFd> VmProcess::GdbListener() {
  std::lock_guard lock(mutex_);
  return gdb_listener_;
}

void VmProcess::AcceptGdb(int listener) {
  const UniqueFd connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) return;
  vm::v1::Request request;
  request.mutable_attach_gdb();
  std::lock_guard lock(mutex_);
  Send(next_seq_++, std::move(request), {connection.get()});
}

bool VmProcess::Reconnect() {
  absl::StatusOr<UniqueFd> control = directory_.ConnectToControl();
  if (!control.ok()) return false;
  std::lock_guard lock(mutex_);
  control_ = *std::move(control);
  disconnected_ = false;
  return Send(next_seq_++, HelloRequest());
}

int VmProcess::FindVm() {
  std::lock_guard lock(mutex_);
  if (!vm_.is_valid()) vm_ = OpenRecordedVm(directory_);
  return vm_.get();
}

std::chrono::milliseconds VmProcess::MonitorGrace() {
  std::lock_guard lock(mutex_);
  return killed_ ? kMonitorGraceAfterKill : kMonitorGrace;
}

// One that was asked to die with its VM and has not come to writing that down.
void VmProcess::KillMonitor() {
  std::lock_guard lock(mutex_);
  if (killed_ && monitor_.is_valid()) {
    syscall(SYS_pidfd_send_signal, monitor_.get(), SIGKILL, nullptr, 0);
  }
}

bool VmProcess::DrainControl(const Observer& observer) {
  std::vector<char> packet(kPacketBytes);
  while (true) {
    const ssize_t size = recv(control_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    vm::v1::ControlMessage message;
    if (!message.ParseFromArray(packet.data(), static_cast<int>(size))) return false;
    if (message.has_response()) {
      {
        std::lock_guard lock(mutex_);
        if (const auto it = pending_.find(message.seq()); it != pending_.end()) {
          it->second = message.response();
          answered_.notify_all();
          continue;
        }
      }
      const bool is_hello = message.response().protocol() != 0;
      if (is_hello && message.response().code() == 0) observer.on_hello(message.response());
    } else if (message.event().has_state_changed()) {
      observer.on_state(message.event().state_changed());
    } else if (message.event().has_console_advanced()) {
      observer.on_console();
    } else if (message.event().has_save_advanced()) {
      observer.on_save(message.event().save_advanced());
    }
  }
}

void VmProcess::FailPending() {
  std::lock_guard lock(mutex_);
  disconnected_ = true;
  answered_.notify_all();
}

bool VmProcess::Send(uint64_t seq, vm::v1::Request request, const std::vector<int>& passed) {
  vm::v1::ControlMessage message;
  message.set_seq(seq);
  *message.mutable_request() = std::move(request);
  std::string packet = message.SerializeAsString();
  iovec bytes = {packet.data(), packet.size()};
  // SAFETY: memory of malloc is aligned for any cmsghdr.
  const size_t passed_bytes = passed.size() * sizeof(int);
  std::vector<char> control(CMSG_SPACE(passed_bytes));
  msghdr header = {};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  if (!passed.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(passed_bytes);
    std::memcpy(CMSG_DATA(part), passed.data(), passed_bytes);
  }
  return sendmsg(control_.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void VmProcess::Tell(vm::v1::Request request) {
  std::lock_guard lock(mutex_);
  Send(next_seq_++, std::move(request));
}

absl::StatusOr<vm::v1::Response> VmProcess::Call(vm::v1::Request request,
                                                 std::chrono::milliseconds timeout,
                                                 const std::vector<int>& passed) {
  std::unique_lock lock(mutex_);
  const uint64_t seq = next_seq_++;
  if (!Send(seq, std::move(request), passed)) {
    if (errno == EAGAIN) return absl::DeadlineExceededError("the VM does not read its requests");
    return absl::AbortedError("the VM is gone");
  }
  pending_[seq] = std::nullopt;
  answered_.wait_for(lock, timeout, [&] { return disconnected_ || pending_[seq].has_value(); });
  const std::optional<vm::v1::Response> response = pending_[seq];
  pending_.erase(seq);
  if (!response.has_value()) {
    return disconnected_ ? absl::AbortedError("the VM is gone")
                         : absl::DeadlineExceededError("the VM does not answer");
  }
  if (response->code() != 0) {
    return absl::Status(static_cast<absl::StatusCode>(response->code()), response->message());
  }
  return *response;
}

void VmProcess::Kill() {
  const int vm_fd = FindVm();
  std::lock_guard lock(mutex_);
  killed_ = true;
  // The VM if possible: its monitor then writes down how it ended.
  const int target = vm_fd >= 0 ? vm_fd : monitor_.get();
  if (target >= 0) syscall(SYS_pidfd_send_signal, target, SIGKILL, nullptr, 0);
}

}  // namespace emu::daemon
