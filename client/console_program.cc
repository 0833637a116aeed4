#include "client/console_program.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/exit_code.h"
#include "emud/v1/console.grpc.pb.h"

namespace emu::client {
namespace {

using emud::v1::ConsoleService;

constexpr int64_t kPatienceSeconds = 10;
// What a terminal takes as one line: N_TTY_BUF_SIZE of Linux, less its end.
constexpr size_t kMostLineBytes = 4095;
constexpr size_t kLongestCode = 3;

std::string Quote(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string CommandOf(const GuestProgram& program) {
  std::string command;
  if (!program.directory.empty())
    absl::StrAppend(&command, "cd ", Quote(program.directory), " && ");
  if (!program.variables.empty()) command += "env";
  for (const std::string& variable : program.variables) {
    absl::StrAppend(&command, " ", Quote(variable));
  }
  for (const std::string& word : program.command) absl::StrAppend(&command, " ", Quote(word));
  return command;
}

std::string NewId() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

// Calls `end` after a while, unless it is dropped before.
class Alarm {
 public:
  template <typename End>
  Alarm(int64_t seconds, End end)
      : thread_([this, seconds, end] {
          std::unique_lock lock(mutex_);
          const auto is_dropped = [this] { return is_dropped_; };
          if (!dropped_.wait_for(lock, std::chrono::seconds(seconds), is_dropped)) end();
        }) {}
  ~Alarm() {
    Drop();
    thread_.join();
  }
  void Drop() {
    std::lock_guard lock(mutex_);
    is_dropped_ = true;
    dropped_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable dropped_;
  bool is_dropped_ = false;
  std::thread thread_;
};

}  // namespace

MarkedOutput::MarkedOutput(const std::string& id)
    : id_(id), begin_(absl::StrCat("<", id, ">\r\n")), end_(absl::StrCat("<", id, ":")) {}

// The marks are put together by the guest's shell: the terminal's echo has none.
std::string MarkedOutput::LineFor(const std::string& command) const {
  return absl::StrCat(" printf '<%s>\\n' ", id_, "; (", command, "); printf '<%s:%d>\\n' ", id_,
                      " $?\n");
}

std::string MarkedOutput::Take(std::string_view said) {
  if (code_.has_value()) return "";
  pending_ += said;
  if (!has_begun_) {
    const size_t begin = pending_.find(begin_);
    if (begin == std::string::npos) {
      if (pending_.size() > begin_.size()) pending_.erase(0, pending_.size() - begin_.size());
      return "";
    }
    pending_.erase(0, begin + begin_.size());
    has_begun_ = true;
  }
  std::string own;
  const size_t end = pending_.find(end_);
  if (end != std::string::npos) {
    const size_t close = pending_.find('>', end);
    int code = 0;
    if (close == std::string::npos) {
      if (pending_.size() - end > end_.size() + kLongestCode) code_ = kExecFailed;
    } else if (absl::SimpleAtoi(pending_.substr(end + end_.size(), close - end - end_.size()),
                                &code)) {
      code_ = code;
    } else {
      code_ = kExecFailed;
    }
    own = pending_.substr(0, end);
    pending_.erase(0, end);
  } else if (pending_.size() > end_.size()) {
    // The end of it may be a mark's beginning, or that of a line's end.
    own = pending_.substr(0, pending_.size() - end_.size());
    if (own.ends_with('\r')) own.pop_back();
    pending_.erase(0, own.size());
  }
  return absl::StrReplaceAll(own, {{"\r\n", "\n"}});
}

int RunOnConsole(const GuestProgram& program, const Options& options, const ProgramReader& reader) {
  MarkedOutput marked(NewId());
  const std::string line = marked.LineFor(CommandOf(program));
  if (line.size() > kMostLineBytes) {
    std::fprintf(stderr,
                 "emuctl: the command is longer than a console's line; put it into a file\n");
    return kExecFailed;
  }
  const auto stub = ConsoleService::NewStub(Connect(options));
  grpc::ClientContext context;
  const auto stream = stub->Attach(&context);
  emud::v1::AttachRequest request;
  request.mutable_start()->set_vm(program.vm);
  request.mutable_start()->set_offset(UINT64_MAX);  // nothing of what has been said
  stream->Write(request);
  request.set_input(line);
  stream->Write(request);
  const int64_t patience = program.agent_timeout_s > 0 ? program.agent_timeout_s : kPatienceSeconds;
  bool is_silent = false;
  {
    Alarm alarm(patience, [&] {
      is_silent = true;
      context.TryCancel();
    });
    emud::v1::AttachResponse response;
    while (!marked.code().has_value() && stream->Read(&response)) {
      const std::string own = marked.Take(response.output().data());
      if (!own.empty()) reader.output(false, own);
      if (marked.has_begun()) alarm.Drop();
    }
  }
  if (is_silent) {
    std::fprintf(stderr,
                 "emuctl: no shell answers on %s's console within %lld s; log in there first "
                 "(emuctl console %s), or give --wait\n",
                 program.vm.c_str(), static_cast<long long>(patience), program.vm.c_str());
    return kExecFailed;
  }
  stream->WritesDone();
  emud::v1::AttachResponse rest;
  while (stream->Read(&rest)) {
  }
  const grpc::Status status = stream->Finish();
  if (marked.code().has_value()) return *marked.code();
  Report(status, options.endpoint);
  return kExecFailed;
}

}  // namespace emu::client
