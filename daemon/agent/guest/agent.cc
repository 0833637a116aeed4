#include "daemon/agent/guest/agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/agent/guest/system.h"

namespace emu::agent {
namespace {

// Children that end, hosts that come and go.
sigset_t AwaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGIO);
  return signals;
}

}  // namespace

Agent::Agent(Port port) : port_(std::move(port)) {
  const sigset_t signals = AwaitedSignals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signals_ = File(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  port_.AskForSignals();
  send_ = [this](const Header& header, std::span<const std::byte> data) {
    port_.Send(header, data);
  };
}

void Agent::Run() {
  while (true) {
    Wait();
    Reap();
    SendOutput();
  }
}

void Agent::Wait() {
  std::vector<pollfd> fds = {{signals_.get(), POLLIN, 0}};
  // A port without a host is ready all the time, to say so; a signal says that one has come.
  if (is_host_there_) {
    fds.push_back(
        {port_.fd(), static_cast<short>(port_.has_unsent() ? POLLIN | POLLOUT : POLLIN), 0});
  }
  std::vector<std::pair<uint64_t, int>> waiting;
  for (const auto& [id, execution] : executions_) {
    for (const Execution::Wait& wait : execution->Waits()) {
      waiting.emplace_back(id, wait.fd);
      fds.push_back({wait.fd, wait.events, 0});
    }
  }
  poll(fds.data(), fds.size(), -1);
  const size_t first = fds.size() - waiting.size();
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (fds[first + i].revents == 0) continue;
    executions_.at(waiting[i].first)->Serve(waiting[i].second, send_);
  }
  signalfd_siginfo ignored;
  while (read(signals_.get(), &ignored, sizeof(ignored)) > 0) {
  }
  is_host_there_ = port_.Receive([this](const Frame& frame) { Take(frame); });
  if (is_host_there_) {
    port_.Flush();
  } else {
    port_.DropUnsent();
  }
}

void Agent::Take(const Frame& frame) {
  const Header& header = frame.header;
  const auto answer = [&](int value) {
    send_({.kind = header.kind, .id = header.id, .value = static_cast<uint32_t>(value)}, {});
  };
  switch (header.kind) {
    case Kind::kHello:
      return Hello(frame);
    case Kind::kStart:
      return Start(frame);
    case Kind::kList:
      return List(header.id);
    case Kind::kForget:
      executions_.erase(header.id);
      return answer(0);
    case Kind::kInfo:
      return Describe(frame);
    case Kind::kSetTime:
      return answer(SetTime(header.offset));
    case Kind::kGoneOn:
      return GoOn(frame);
    case Kind::kFreeze:
    case Kind::kThaw:
      return answer(FreezeFileSystems(header.kind == Kind::kFreeze));
    case Kind::kInput:
    case Kind::kRead:
    case Kind::kSignal:
    case Kind::kResize:
    case Kind::kAttach:
      break;
    case Kind::kStarted:
    case Kind::kInputTaken:
    case Kind::kOutput:
    case Kind::kExited:
    case Kind::kListed:
    case Kind::kUnknown:
    default:  // no host's to say, or of a later version
      return;
  }
  const auto found = executions_.find(header.id);
  if (found == executions_.end()) return send_({.kind = Kind::kUnknown, .id = header.id}, {});
  Execution& execution = *found->second;
  if (header.kind == Kind::kInput) execution.TakeInput(frame, send_);
  if (header.kind == Kind::kRead) execution.TakeRead(frame);
  if (header.kind == Kind::kSignal) execution.Signal(static_cast<int>(header.value));
  if (header.kind == Kind::kResize) execution.Resize(header.value);
  if (header.kind == Kind::kAttach) execution.ForgetReader();
}

void Agent::Hello(const Frame& frame) {
  port_.DropUnsent();
  for (const auto& [id, execution] : executions_) execution->ForgetReader();
  port_.Send({.kind = Kind::kHello, .id = frame.header.id, .value = kVersion}, {});
}

void Agent::GoOn(const Frame& frame) {
  const char* const text = reinterpret_cast<const char*>(frame.data.data());
  const std::string_view said(text, frame.data.size());
  const size_t generation_end = said.find('\0', kSeedBytes);
  if (generation_end == std::string_view::npos || said.back() != '\0') return;
  const std::string_view generation = said.substr(kSeedBytes, generation_end - kSeedBytes);
  if (generation == generation_) return;
  generation_ = generation;
  // First what others of this snapshot must not share.
  ReseedRandomNumbers(std::span(frame.data).first(kSeedBytes));
  SetTime(frame.header.offset);
  RunCloneHook(generation_,
               std::string(said.substr(generation_end + 1, said.size() - generation_end - 2)));
}

void Agent::Describe(const Frame& frame) {
  const std::string text = DescribeSystem();
  const size_t size = std::min(text.size(), kMostDataBytes);
  send_({.kind = Kind::kInfo, .id = frame.header.id}, std::as_bytes(std::span(text)).first(size));
}

void Agent::Start(const Frame& frame) {
  const uint64_t id = frame.header.id;
  auto found = executions_.find(id);
  int error = 0;
  if (found == executions_.end()) {
    std::erase_if(executions_, [this](const auto& entry) {
      return executions_.size() >= kMostExecutions && !entry.second->is_running();
    });
    Command command;
    std::unique_ptr<Execution> execution;
    if (executions_.size() >= kMostExecutions) {
      error = EAGAIN;
    } else if (!ParseCommand(frame.data, command)) {
      error = EINVAL;
    } else {
      execution = Execution::Start(id, command, error);
    }
    if (execution != nullptr) found = executions_.emplace(id, std::move(execution)).first;
  }
  send_({.kind = Kind::kStarted,
         .id = id,
         .offset = error == 0 ? static_cast<uint64_t>(found->second->pid()) : 0,
         .value = static_cast<uint32_t>(error)},
        {});
}

void Agent::List(uint64_t question) {
  for (const auto& [id, execution] : executions_) {
    send_({.kind = Kind::kListed,
           .id = question,
           .offset = id,
           .value = execution->is_running() ? 1u : 0u},
          {});
  }
  send_({.kind = Kind::kListed, .id = question}, {});
}

void Agent::Reap() {
  for (const auto& [id, execution] : executions_) {
    int status = 0;
    if (execution->is_running() &&
        waitpid(execution->pid(), &status, WNOHANG) == execution->pid()) {
      execution->NoteExit(status);
    }
  }
}

void Agent::SendOutput() {
  for (const auto& [id, execution] : executions_) {
    if (!port_.is_full()) execution->SendOutput(send_);
  }
}

}  // namespace emu::agent
