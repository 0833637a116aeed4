#include "vmm/process/control_service.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "vmm/base/log.h"
#include "vmm/process/control_socket.h"
#include "vmm/process/inspection.h"

namespace emu {
namespace {

constexpr size_t kMaxPeers = 8;
// For a daemon that does not read at all; its watcher needs microseconds.
constexpr int kClosingTimeoutMs = 200;

vm::v1::State ToProto(VmState state) {
  switch (state) {
    case VmState::kStopped:
      return vm::v1::STOPPED;
    case VmState::kStarting:
      return vm::v1::STARTING;
    case VmState::kRunning:
      return vm::v1::RUNNING;
    case VmState::kPaused:
      return vm::v1::PAUSED;
    case VmState::kStopping:
      return vm::v1::STOPPING;
    case VmState::kSuspending:
      return vm::v1::SUSPENDING;
    case VmState::kSuspended:
      return vm::v1::SUSPENDED;
  }
  return vm::v1::STATE_UNSPECIFIED;
}

vm::v1::DiskError ToProto(const DiskError& error) {
  vm::v1::DiskError message;
  message.set_disk(error.disk);
  message.set_error(error.error);
  return message;
}

}  // namespace

ControlService::ControlService(std::string uid, UniqueFd listener, StateDriver& driver,
                               ConsoleRing& console, IoLoop& loop, ControlSinks sinks)
    : uid_(std::move(uid)),
      listener_(std::move(listener)),
      driver_(driver),
      console_(console),
      loop_(loop),
      sinks_(std::move(sinks)) {
  loop_.AddFd(listener_.get(), EPOLLIN, [this](uint32_t) { Accept(); });
}

ControlService::~ControlService() {
  loop_.RemoveFd(listener_.get());
  for (const auto& [fd, peer] : peers_) loop_.RemoveFd(fd);
}

void ControlService::FlushBeforeClosing() {
  for (auto it = peers_.begin(); it != peers_.end();) {
    const int fd = (it++)->first;
    pollfd room = {fd, POLLOUT, 0};
    Flush(fd);
    while (peers_.contains(fd) && !peers_[fd].unsent.empty() &&
           poll(&room, 1, kClosingTimeoutMs) > 0) {
      Flush(fd);
    }
  }
}

void ControlService::NoteState(VmState state) {
  loop_.Post([this, state, error = driver_.disk_error()] {
    vm::v1::ControlMessage message;
    vm::v1::Event::StateChanged& changed = *message.mutable_event()->mutable_state_changed();
    changed.set_state(ToProto(state));
    if (error.has_value()) *changed.mutable_disk_error() = ToProto(*error);
    for (auto& [fd, peer] : peers_) {
      // The newest state replaces one that has not gone out yet.
      if (!peer.unsent.empty() && peer.unsent.back().has_event()) peer.unsent.pop_back();
      peer.unsent.push_back(message);
    }
    FlushAll();
  });
}

void ControlService::NoteConsoleAdvanced() {
  if (console_noted_.exchange(true, std::memory_order_acq_rel)) return;
  loop_.Post([this] {
    console_noted_.store(false, std::memory_order_release);
    for (auto& [fd, peer] : peers_) peer.console_moved = true;
    FlushAll();
  });
}

// One that does not fit is left out: another follows.
void ControlService::NoteSaveAdvanced(uint64_t done_bytes, uint64_t total_bytes) {
  if (save_noted_.exchange(true, std::memory_order_acq_rel)) return;
  loop_.Post([this, done_bytes, total_bytes] {
    save_noted_.store(false, std::memory_order_release);
    vm::v1::ControlMessage message;
    message.mutable_event()->mutable_save_advanced()->set_done_bytes(done_bytes);
    message.mutable_event()->mutable_save_advanced()->set_total_bytes(total_bytes);
    for (const auto& [fd, peer] : peers_) {
      if (peer.unsent.empty()) (void)SendControl(fd, message);
    }
  });
}

void ControlService::Accept() {
  UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return;
  if (peers_.size() >= kMaxPeers) {
    LogWarning("control-refused", {{"peers", peers_.size()}});
    return;
  }
  const int fd = socket.get();
  peers_[fd] = {.socket = std::move(socket), .id = ++last_peer_id_, .events = EPOLLIN};
  loop_.AddFd(fd, EPOLLIN, [this, fd](uint32_t events) { Serve(fd, events); });
}

void ControlService::Serve(int fd, uint32_t events) {
  if ((events & EPOLLIN) != 0) return Receive(fd);
  Flush(fd);
}

void ControlService::Receive(int fd) {
  std::vector<UniqueFd> descriptors;
  absl::StatusOr<vm::v1::ControlMessage> message = ReceiveControl(fd, &descriptors);
  if (!message.ok()) {
    if (!absl::IsUnavailable(message.status())) Drop(fd);
    return;
  }
  if (!message->has_request()) return;
  if (IsInspection(message->request())) return InspectLater(fd, *message);
  if (message->request().has_snapshot() && !descriptors.empty()) {
    return TakeSnapshot(fd, *message, std::move(descriptors));
  }
  UniqueFd passed;
  if (!descriptors.empty()) passed = std::move(descriptors[0]);
  if (message->request().has_start_trace() && passed && sinks_.trace) {
    return StartTrace(fd, *message, std::move(passed));
  }
  if (message->request().has_suspend() && passed) {
    return driver_.Suspend(ToSave(fd, *message, std::move(passed)));
  }
  Answer(fd, message->seq(), Obey(message->request(), std::move(passed)));
}

void ControlService::Answer(int fd, uint64_t seq, vm::v1::Response response) {
  vm::v1::ControlMessage answer;
  answer.set_seq(seq);
  *answer.mutable_response() = std::move(response);
  peers_[fd].unsent.push_back(std::move(answer));
  Flush(fd);
}

void ControlService::StartTrace(int fd, const vm::v1::ControlMessage& message, UniqueFd pipe) {
  const vm::v1::Request::StartTrace& wanted = message.request().start_trace();
  sinks_.trace({.stages = wanted.stages(), .first = wanted.first(), .last = wanted.last()},
               std::move(pipe),
               [this, fd, id = peers_[fd].id, seq = message.seq()](const absl::Status& status) {
                 AnswerLater(fd, id, seq, status, {});
               });
}

// On the driver's thread nothing of ours is touched: see InspectLater.
StateSave ControlService::ToSave(int fd, const vm::v1::ControlMessage& message, UniqueFd file) {
  const auto answer = [this, &loop = loop_, fd, id = peers_[fd].id, seq = message.seq()](
                          const absl::Status& status, const vm::v1::SavedState& saved) {
    loop.Post([this, fd, id, seq, status, saved] { AnswerLater(fd, id, seq, status, saved); });
  };
  const auto note = [this](uint64_t done_bytes, uint64_t total_bytes) {
    NoteSaveAdvanced(done_bytes, total_bytes);
    return true;
  };
  return {.file = std::move(file), .progress = note, .done = answer};
}

void ControlService::TakeSnapshot(int fd, const vm::v1::ControlMessage& message,
                                  std::vector<UniqueFd> files) {
  StateSave save = ToSave(fd, message, std::move(files[0]));
  size_t next = 1;
  if (message.request().snapshot().code() && files.size() > next) {
    save.code = std::move(files[next++]);
  }
  for (const std::string& id : message.request().snapshot().overlays()) {
    if (next + 2 > files.size()) {
      return save.done(absl::InvalidArgumentError("two files are missing for each overlay"), {});
    }
    save.overlays.push_back({id, std::move(files[next]), std::move(files[next + 1])});
    next += 2;
  }
  if (files.size() > next) {
    snapshot::StateFiles& parent = save.parent.emplace();
    parent.own = std::move(files[next]);
    std::move(files.begin() + static_cast<ptrdiff_t>(next) + 1, files.end(),
              std::back_inserter(parent.sources));
  }
  driver_.TakeSnapshot(std::move(save));
}

void ControlService::AnswerLater(int fd, uint64_t id, uint64_t seq, const absl::Status& status,
                                 const vm::v1::SavedState& saved) {
  const auto peer = peers_.find(fd);
  if (peer == peers_.end() || peer->second.id != id) return;
  vm::v1::Response response;
  if (saved.has_uid()) *response.mutable_saved() = saved;
  response.set_code(static_cast<int>(status.code()));
  response.set_message(std::string(status.message()));
  response.set_state(ToProto(driver_.state()));
  Answer(fd, seq, std::move(response));
}

// Nothing of ours is touched on the driver's thread, which may outlive this.
void ControlService::InspectLater(int fd, const vm::v1::ControlMessage& message) {
  driver_.Do([this, &driver = driver_, &loop = loop_, fd, id = peers_[fd].id, message] {
    vm::v1::Response response = Inspect(driver.machine(), message.request());
    response.set_state(ToProto(driver.state()));
    loop.Post([this, fd, id, seq = message.seq(), response = std::move(response)] {
      const auto peer = peers_.find(fd);
      if (peer != peers_.end() && peer->second.id == id) Answer(fd, seq, response);
    });
  });
}

void ControlService::Drop(int fd) {
  loop_.RemoveFd(fd);
  peers_.erase(fd);
}

void ControlService::Flush(int fd) {
  Peer& peer = peers_[fd];
  while (!peer.unsent.empty()) {
    const absl::Status sent = SendControl(fd, peer.unsent.front());
    if (absl::IsUnavailable(sent)) break;
    if (!sent.ok()) return Drop(fd);
    peer.unsent.pop_front();
  }
  if (peer.unsent.empty() && peer.console_moved) {
    vm::v1::ControlMessage message;
    message.mutable_event()->mutable_console_advanced()->set_head(console_.head());
    const absl::Status sent = SendControl(fd, message);
    if (absl::IsAborted(sent)) return Drop(fd);
    peer.console_moved = !sent.ok();
  }
  // A socket full of console notes keeps no request out: only an answer that is owed does.
  uint32_t wanted = 0;
  if (peer.unsent.empty()) wanted |= EPOLLIN;
  if (!peer.unsent.empty() || peer.console_moved) wanted |= EPOLLOUT;
  if (std::exchange(peer.events, wanted) != wanted) loop_.ChangeEvents(fd, wanted);
}

void ControlService::FlushAll() {
  for (auto it = peers_.begin(); it != peers_.end();) Flush((it++)->first);
}

vm::v1::Response ControlService::Obey(const vm::v1::Request& request, UniqueFd passed) {
  vm::v1::Response response;
  switch (request.kind_case()) {
    case vm::v1::Request::kHello:
      response.set_uid(uid_);
      response.set_protocol(kControlProtocol);
      response.set_gdb_attached(sinks_.has_gdb && sinks_.has_gdb());
      if (sandbox_.has_value()) *response.mutable_sandbox() = *sandbox_;
      if (request.hello().protocol_min() > kControlProtocol ||
          request.hello().protocol_max() < kControlProtocol) {
        response.set_code(static_cast<int>(absl::StatusCode::kUnimplemented));
        response.set_message(absl::StrCat("control protocol ", kControlProtocol, " only"));
      }
      break;
    case vm::v1::Request::kStart:
      request.start().paused() ? driver_.StartPaused() : driver_.Start();
      break;
    case vm::v1::Request::kPause:
      driver_.Pause();
      break;
    case vm::v1::Request::kResume:
      driver_.Resume();
      break;
    case vm::v1::Request::kReset:
      driver_.Reset();
      break;
    case vm::v1::Request::kStop:
      driver_.Stop();
      break;
    case vm::v1::Request::kPressPowerButton:
      if (!driver_.machine().PressPowerButton()) {
        response.set_code(static_cast<int>(absl::StatusCode::kFailedPrecondition));
        response.set_message("this machine has no power button");
      }
      break;
    case vm::v1::Request::kConsoleInput:
      console_.Deliver(std::as_bytes(std::span(request.console_input().data())));
      break;
    case vm::v1::Request::kAttachGdb:
      if (passed && sinks_.gdb) {
        sinks_.gdb(std::move(passed));
      } else {
        response.set_code(static_cast<int>(absl::StatusCode::kInvalidArgument));
        response.set_message("no connection came with the request");
      }
      break;
    case vm::v1::Request::kConnectNic:
      if (!passed) {
        response.set_code(static_cast<int>(absl::StatusCode::kInvalidArgument));
        response.set_message("no connection came with the request");
      } else if (!sinks_.nic || !sinks_.nic(request.connect_nic().index(), std::move(passed))) {
        response.set_code(static_cast<int>(absl::StatusCode::kOutOfRange));
        response.set_message("there is no such network card");
      }
      break;
    case vm::v1::Request::kConnectAgent:
      if (!passed) {
        response.set_code(static_cast<int>(absl::StatusCode::kInvalidArgument));
        response.set_message("no connection came with the request");
      } else if (!sinks_.agent || !sinks_.agent(std::move(passed))) {
        response.set_code(static_cast<int>(absl::StatusCode::kFailedPrecondition));
        response.set_message("no agent runs in the guest");
      }
      break;
    case vm::v1::Request::kSuspend:
    case vm::v1::Request::kSnapshot:
      response.set_code(static_cast<int>(absl::StatusCode::kInvalidArgument));
      response.set_message("no file came with the request");
      break;
    case vm::v1::Request::kReadRegisters:
    case vm::v1::Request::kReadMemory:
    case vm::v1::Request::kReadDevice:
    case vm::v1::Request::kReadStats:
    case vm::v1::Request::kStartTrace:
    case vm::v1::Request::KIND_NOT_SET:
      response.set_code(static_cast<int>(absl::StatusCode::kUnimplemented));
      response.set_message("a request that this build does not know");
      break;
  }
  response.set_state(ToProto(driver_.state()));
  if (const auto error = driver_.disk_error()) *response.mutable_disk_error() = ToProto(*error);
  return response;
}

}  // namespace emu
