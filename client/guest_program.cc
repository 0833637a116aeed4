#include "client/guest_program.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

#include "client/exit_code.h"
#include "emud/v1/guest.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::ExecRequest;
using emud::v1::ExecResponse;
using emud::v1::GuestService;

// Ahead of what the program has taken.
constexpr size_t kInputWindowBytes = 64 << 10;
constexpr size_t kPieceBytes = 16 << 10;
// How long a daemon that is gone may take to come again.
constexpr std::chrono::seconds kPatience(60);
constexpr std::chrono::milliseconds kNextTry(200);

ExecRequest::Terminal TerminalSize() {
  ExecRequest::Terminal terminal;
  winsize size = {};
  if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    terminal.set_rows(size.ws_row);
    terminal.set_columns(size.ws_col);
  }
  return terminal;
}

// One program, over as many calls as it takes.
class Run {
 public:
  Run(const GuestProgram& program, const Options& options, ProgramInput& input,
      const ProgramReader& reader)
      : program_(program), options_(options), input_(input), reader_(reader) {}

  // Its exit code, or emuctl's.
  int Wait() {
    auto lost_since = std::chrono::steady_clock::now();
    while (true) {
      const grpc::Status status = Call();
      if (code_.has_value()) return *code_;
      if (reader_.is_cancelled && reader_.is_cancelled()) return kExecFailed;
      const bool may_come_again =
          status.error_code() == grpc::StatusCode::UNAVAILABLE && !id_.empty();
      if (has_heard_) lost_since = std::chrono::steady_clock::now();
      if (!may_come_again || std::chrono::steady_clock::now() - lost_since > kPatience) {
        return Refuse(status);
      }
      std::this_thread::sleep_for(kNextTry);
    }
  }

 private:
  using Stream = grpc::ClientReaderWriter<ExecRequest, ExecResponse>;

  grpc::Status Call() {
    has_heard_ = false;
    const auto stub = GuestService::NewStub(Connect(options_));
    grpc::ClientContext context;
    const auto stream = stub->Exec(&context);
    stream->Write(FirstRequest());
    std::atomic<bool> is_over = false;
    input_.BeginAnew();
    std::thread writer([&] {
      while (const auto request = input_.Next([&is_over] { return is_over.load(); })) {
        if (!stream->Write(*request)) break;
      }
    });
    ExecResponse response;
    while (!is_over && stream->Read(&response)) {
      Take(response);
      is_over = code_.has_value() || response.has_ended();
    }
    is_over = true;
    input_.Wake();
    writer.join();
    stream->WritesDone();
    // It runs on without anybody who listens.
    if (program_.is_detached && code_.has_value()) context.TryCancel();
    while (stream->Read(&response)) {
    }
    return stream->Finish();
  }

  ExecRequest FirstRequest() const {
    ExecRequest request;
    request.set_vm(program_.vm);
    if (!id_.empty()) {
      ExecRequest::Attach& attach = *request.mutable_attach();
      attach.set_id(id_);
      attach.set_output_offset(offsets_[0]);
      attach.set_error_offset(offsets_[1]);
      return request;
    }
    ExecRequest::Start& start = *request.mutable_start();
    for (const std::string& word : program_.command) start.add_command(word);
    for (const std::string& variable : program_.variables) {
      const size_t equals = variable.find('=');
      (*start.mutable_env())[variable.substr(0, equals)] = variable.substr(equals + 1);
    }
    start.set_directory(program_.directory);
    start.set_user(program_.user);
    if (program_.has_terminal) *start.mutable_terminal() = TerminalSize();
    start.mutable_agent_timeout()->set_seconds(program_.agent_timeout_s);
    return request;
  }

  void Take(const ExecResponse& response) {
    has_heard_ = true;
    switch (response.kind_case()) {
      case ExecResponse::kStarted:
        id_ = response.started().id();
        if (reader_.started) reader_.started(id_);
        if (program_.is_detached) code_ = kDone;
        break;
      case ExecResponse::kOutput:
        TakeOutput(response.output());
        break;
      case ExecResponse::kInputTaken:
        input_.NoteTaken(response.input_taken());
        break;
      case ExecResponse::kExited:
        code_ = response.exited().code();
        Forget();
        break;
      case ExecResponse::kEnded:
      case ExecResponse::KIND_NOT_SET:
        break;
    }
  }

  void TakeOutput(const ExecResponse::Output& output) {
    const bool is_error = output.stream() == ExecResponse::ERROR;
    uint64_t& expected = offsets_[is_error ? 1 : 0];
    if (output.offset() > expected) {
      std::fprintf(stderr, "\r\n[%llu bytes were lost here]\r\n",
                   static_cast<unsigned long long>(output.offset() - expected));
    }
    expected = output.offset() + output.data().size();
    reader_.output(is_error, output.data());
  }

  // Nobody asks for it again.
  void Forget() const {
    const auto stub = GuestService::NewStub(Connect(options_));
    grpc::ClientContext context;
    emud::v1::DeleteExecRequest request;
    google::protobuf::Empty nothing;
    request.set_vm(program_.vm);
    request.set_id(id_);
    (void)stub->DeleteExec(&context, request, &nothing);
  }

  int Refuse(const grpc::Status& status) const {
    Report(status, options_.endpoint);
    const std::string& details = status.error_details();
    if (details.find("EXEC_NOT_STARTED") == std::string::npos) return kExecFailed;
    return details.find("ENOENT") == std::string::npos ? kExecNotExecutable : kExecNoProgram;
  }

  const GuestProgram& program_;
  const Options& options_;
  ProgramInput& input_;
  const ProgramReader& reader_;
  std::string id_;
  std::array<uint64_t, 2> offsets_ = {};
  bool has_heard_ = false;
  std::optional<int> code_;
};

}  // namespace

bool ProgramInput::Put(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [this] { return kept_.size() < kInputWindowBytes || is_over_; });
  kept_ += bytes;
  moved_.notify_all();
  return !is_over_;
}

void ProgramInput::End() {
  std::lock_guard lock(mutex_);
  has_ended_ = true;
  moved_.notify_all();
}

void ProgramInput::NoteResize() {
  std::lock_guard lock(mutex_);
  is_resized_ = true;
  moved_.notify_all();
}

void ProgramInput::NoteTaken(uint64_t offset) {
  std::lock_guard lock(mutex_);
  if (offset <= first_) return;
  kept_.erase(0, std::min<uint64_t>(offset - first_, kept_.size()));
  first_ = offset;
  moved_.notify_all();
}

void ProgramInput::BeginAnew() {
  std::lock_guard lock(mutex_);
  sent_ = first_;
  is_end_sent_ = false;
}

void ProgramInput::Finish() {
  std::lock_guard lock(mutex_);
  is_over_ = true;
  moved_.notify_all();
}

void ProgramInput::Wake() {
  std::lock_guard lock(mutex_);
  moved_.notify_all();
}

std::optional<ExecRequest> ProgramInput::Next(const std::function<bool()>& is_done) {
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [&] { return is_done() || is_resized_ || has_news(); });
  if (is_done()) return std::nullopt;
  ExecRequest request;
  if (std::exchange(is_resized_, false)) {
    *request.mutable_resize() = TerminalSize();
    return request;
  }
  ExecRequest::Input& input = *request.mutable_input();
  input.set_offset(sent_);
  input.set_data(kept_.substr(sent_ - first_, kPieceBytes));
  sent_ += input.data().size();
  input.set_end(has_ended_ && sent_ == first_ + kept_.size());
  is_end_sent_ = input.end();
  return request;
}

int RunInGuest(const GuestProgram& program, const Options& options, ProgramInput& input,
               const ProgramReader& reader) {
  const int code = Run(program, options, input, reader).Wait();
  input.Finish();
  return code;
}

}  // namespace emu::client
