// Exec: a client at a program of the guest. Two threads: the call's tells what the program says,
// another reads what the client sends.
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/errors.h"
#include "daemon/handlers/guest_handlers.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using agent::Frame;
using agent::Header;
using agent::Kind;
using emud::v1::ExecRequest;
using emud::v1::ExecResponse;
using std::chrono::steady_clock;

// Of a stream, that the agent may send before it hears that it was taken.
constexpr uint32_t kWindowBytes = 128 << 10;
// How often a client that has gone is looked for.
constexpr std::chrono::milliseconds kLook(100);
constexpr std::chrono::seconds kStartTimeout(30);
// How long a client may take to close its side after the end.
constexpr std::chrono::seconds kGoodbye(2);

absl::StatusOr<std::vector<std::byte>> ToStartRequest(const ExecRequest::Start& start) {
  if (start.command().empty() || start.command(0).empty()) {
    return errors::InvalidField("start.command", "there is no program", "give one");
  }
  agent::StartRequest request = {
      .argument_count = static_cast<uint32_t>(start.command_size()),
      .variable_count = static_cast<uint32_t>(start.env_size()),
      .has_terminal = start.has_terminal() ? 1u : 0u,
      .terminal_size = start.terminal().rows() << 16 | (start.terminal().columns() & 0xffff)};
  std::vector<std::string> texts = {start.directory(), start.user()};
  texts.insert(texts.end(), start.command().begin(), start.command().end());
  for (const auto& [name, value] : start.env()) texts.push_back(name + "=" + value);
  std::vector<std::byte> data(sizeof(request));
  std::memcpy(data.data(), &request, sizeof(request));
  for (const std::string& text : texts) {
    if (text.find('\0') != std::string::npos) {
      return errors::InvalidField("start", "a zero byte in a text", "leave it out");
    }
    const auto bytes = std::as_bytes(std::span(text.c_str(), text.size() + 1));
    data.insert(data.end(), bytes.begin(), bytes.end());
  }
  if (data.size() > agent::kMostDataBytes) {
    return errors::InvalidField("start", "command and environment are longer than 16 KiB",
                                "put them into a file of the guest");
  }
  return data;
}

class ExecSession {
 public:
  using Stream = grpc::ServerReaderWriter<ExecResponse, ExecRequest>;

  ExecSession(CallContext& call, std::string vm, std::shared_ptr<AgentLink> link, uint64_t id,
              Stream& stream)
      : call_(call),
        vm_(std::move(vm)),
        link_(std::move(link)),
        id_(id),
        stream_(stream),
        inbox_(link_->Listen(id)) {}

  absl::Status Start(const ExecRequest::Start& start) {
    ASSIGN_OR_RETURN(const std::vector<std::byte> data, ToStartRequest(start));
    RETURN_IF_ERROR(Send({.kind = Kind::kStart, .id = id_}, data));
    const std::optional<Frame> answer = inbox_->Next(steady_clock::now() + kStartTimeout);
    if (!answer.has_value() || answer->header.kind != Kind::kStarted) return errors::AgentLost(vm_);
    if (answer->header.value != 0) {
      return errors::ExecNotStarted(vm_, start.command(0), static_cast<int>(answer->header.value));
    }
    return Run(answer->header.offset);
  }

  absl::Status Attach(const ExecRequest::Attach& attach) {
    expected_ = {attach.output_offset(), attach.error_offset()};
    RETURN_IF_ERROR(Send({.kind = Kind::kAttach, .id = id_}));
    return Run(0);
  }

 private:
  absl::Status Run(uint64_t pid) {
    for (const agent::Stream stream : {agent::Stream::kOutput, agent::Stream::kError}) {
      RETURN_IF_ERROR(Grant(stream));
    }
    ExecResponse started;
    started.mutable_started()->set_id(ToExecName(id_));
    started.mutable_started()->set_pid(pid);
    stream_.Write(started);
    std::thread reader([this] { ReadRequests(); });
    const absl::Status end = Tell();
    SayGoodbye();
    is_leaving_ = true;
    // The reader is let go by the client's end of stream or by the call's cancellation.
    if (!is_input_closed_) call_.cancel();
    reader.join();
    return end.ok() ? asked_ : end;
  }

  // A call that is cancelled has lost its status.
  void SayGoodbye() {
    ExecResponse last;
    last.mutable_ended();
    stream_.Write(last);
    const auto deadline = steady_clock::now() + kGoodbye;
    while (!is_input_closed_ && !call_.is_cancelled() && steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  absl::Status Send(const Header& header, std::span<const std::byte> data = {}) {
    return link_->Send(header, data).ok() ? absl::OkStatus() : errors::AgentLost(vm_);
  }

  uint64_t& ExpectedOf(agent::Stream stream) {
    return expected_[stream == agent::Stream::kError ? 1 : 0];
  }
  absl::Status Grant(agent::Stream stream) {
    return Send({.kind = Kind::kRead,
                 .id = id_,
                 .offset = ExpectedOf(stream),
                 .stream = stream,
                 .value = kWindowBytes});
  }

  // Until the program, the client or the agent is gone.
  absl::Status Tell() {
    while (!call_.is_cancelled() && asked_ok_) {
      const std::optional<Frame> frame = inbox_->Next(steady_clock::now() + kLook);
      if (!frame.has_value()) {
        if (inbox_->is_link_broken()) return errors::AgentLost(vm_);
        continue;
      }
      const Kind kind = frame->header.kind;
      ExecResponse response;
      if (kind == Kind::kUnknown) return errors::ExecNotFound(ToExecName(id_));
      if (kind == Kind::kOutput) {
        if (!TellOutput(*frame)) return absl::OkStatus();
        RETURN_IF_ERROR(Grant(frame->header.stream));
      } else if (kind == Kind::kInputTaken) {
        response.set_input_taken(frame->header.offset);
        stream_.Write(response);
      } else if (kind == Kind::kExited) {
        *response.mutable_exited() = ToExited(static_cast<int>(frame->header.value));
        stream_.Write(response);
        return absl::OkStatus();
      }
    }
    return absl::OkStatus();
  }

  bool TellOutput(const Frame& frame) {
    const bool is_error = frame.header.stream == agent::Stream::kError;
    uint64_t& expected = ExpectedOf(frame.header.stream);
    if (frame.header.offset < expected) return true;  // told already
    expected = frame.header.offset + frame.data.size();
    if (frame.data.empty()) return true;
    ExecResponse response;
    ExecResponse::Output& output = *response.mutable_output();
    output.set_stream(is_error ? ExecResponse::ERROR : ExecResponse::OUTPUT);
    output.set_offset(frame.header.offset);
    output.set_data(frame.data.data(), frame.data.size());
    return stream_.Write(response);
  }

  static ExecResponse::Exited ToExited(int status) {
    ExecResponse::Exited exited;
    if (WIFSIGNALED(status)) {
      exited.set_signal(WTERMSIG(status));
      exited.set_code(128 + WTERMSIG(status));
    } else {
      exited.set_code(WEXITSTATUS(status));
    }
    return exited;
  }

  // The reader's thread.
  void ReadRequests() {
    ExecRequest request;
    while (!is_leaving_ && asked_.ok() && stream_.Read(&request)) asked_ = Pass(request);
    asked_ok_ = asked_.ok();
    is_input_closed_ = true;
  }

  absl::Status Pass(const ExecRequest& request) {
    switch (request.kind_case()) {
      case ExecRequest::kInput: {
        const std::string& data = request.input().data();
        if (data.size() > agent::kMostDataBytes) {
          return errors::InvalidField("input.data", "more than 16 KiB", "send smaller pieces");
        }
        return Send({.kind = Kind::kInput,
                     .id = id_,
                     .offset = request.input().offset(),
                     .value = request.input().end() ? 1u : 0u},
                    std::as_bytes(std::span(data)));
      }
      case ExecRequest::kResize:
        return Send(
            {.kind = Kind::kResize,
             .id = id_,
             .value = request.resize().rows() << 16 | (request.resize().columns() & 0xffff)});
      case ExecRequest::kSignal:
        return Send(
            {.kind = Kind::kSignal, .id = id_, .value = static_cast<uint32_t>(request.signal())});
      case ExecRequest::kStart:
      case ExecRequest::kAttach:
      case ExecRequest::KIND_NOT_SET:
        break;
    }
    return errors::InvalidField("kind", "only the first message starts or attaches",
                                "send input, resize or signal");
  }

  CallContext& call_;
  const std::string vm_;
  const std::shared_ptr<AgentLink> link_;
  const uint64_t id_;
  Stream& stream_;
  const std::shared_ptr<AgentInbox> inbox_;
  std::array<uint64_t, 2> expected_ = {};  // offsets of what the client is told next
  absl::Status asked_;                     // the reader's, until it has been joined
  std::atomic<bool> asked_ok_ = true;
  std::atomic<bool> is_input_closed_ = false;
  std::atomic<bool> is_leaving_ = false;
};

}  // namespace

absl::Status Exec(CallContext& call, Agents& agents, const ExecRequest& first,
                  grpc::ServerReaderWriter<ExecResponse, ExecRequest>& stream) {
  const bool is_start = first.has_start();
  const uint64_t id = is_start ? NewAgentId() : ParseExecName(first.attach().id());
  if (id == 0) return errors::ExecNotFound(first.attach().id());
  const auto timeout = AgentTimeout(first.start().agent_timeout());
  ASSIGN_OR_RETURN(std::shared_ptr<AgentLink> link,
                   agents.Open(first.vm(), timeout, call.is_cancelled));
  // Whoever works in a guest uses the VM.
  ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(first.vm()));
  const std::shared_ptr<const void> attached = call.vms.Attach(vm->uid());
  ExecSession session(call, first.vm(), std::move(link), id, stream);
  return is_start ? session.Start(first.start()) : session.Attach(first.attach());
}

}  // namespace emu::daemon
