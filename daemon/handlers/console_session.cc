// Attach: a client at a console. Two threads: the call's writes what the guest says, another reads
// what is typed.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "daemon/errors.h"
#include "daemon/handlers/console_handlers.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::AttachRequest;
using emud::v1::AttachResponse;

constexpr size_t kChunkBytes = 64 * 1024;
constexpr size_t kMaxInputBytes = 32 * 1024;
// How long a client may take to close its side after the console's end.
constexpr std::chrono::seconds kGoodbye(2);

class ConsoleSession {
 public:
  using Stream = grpc::ServerReaderWriter<AttachResponse, AttachRequest>;

  ConsoleSession(CallContext& call, std::string name, Console& console, Stream& stream)
      : call_(call),
        name_(std::move(name)),
        console_(console),
        stream_(stream),
        id_(console.keyboard.Join()),
        attached_(call.vms.Attach(console.uid)) {}
  ~ConsoleSession() { console_.keyboard.Leave(id_); }

  absl::Status Run(const AttachRequest::Start& start) {
    is_read_only_ = start.keyboard() == AttachRequest::READ_ONLY;
    if (start.keyboard() == AttachRequest::TAKE)
      console_.keyboard.Take(id_, call_.caller.principal);
    offset_ = start.has_offset() ? console_.Read(start.offset(), 1).offset
                                 : console_.ring->Read(0, 1).offset;
    AttachResponse started;
    started.mutable_started()->set_offset(offset_);
    stream_.Write(started);
    std::thread typist([this] { ReadInput(); });
    const bool is_deleted = WriteOutput();
    if (is_deleted) SayGoodbye();
    is_leaving_ = true;
    // The reader is let go by the client's end of stream or by the call's cancellation.
    if (!input_closed_) call_.cancel();
    typist.join();
    // What is there already belongs to a client that closes its side and goes on reading.
    const uint64_t end = console_.ring->head();
    while (typed_.ok() && offset_ < end && WriteNext() == Next::kWritten) {
    }
    return is_deleted ? absl::OkStatus() : typed_;
  }

 private:
  enum class Next { kWritten, kNothing, kBroken };

  // The typist's thread.
  void ReadInput() {
    AttachRequest request;
    while (!is_leaving_ && typed_.ok() && stream_.Read(&request)) {
      if (request.has_take_keyboard()) {
        is_read_only_ = false;
        console_.keyboard.Take(id_, call_.caller.principal);
      } else {
        typed_ = Type(request.input());
      }
    }
    input_closed_ = true;
  }

  absl::Status Type(const std::string& input) {
    if (input.size() > kMaxInputBytes) {
      return errors::InvalidField("input", "more than 32 KiB", "send smaller pieces");
    }
    if (is_read_only_) {
      return errors::InvalidField("input", "this client is attached to read only",
                                  "take the keyboard");
    }
    if (!console_.keyboard.Claim(id_, call_.caller.principal)) {
      return errors::KeyboardHeld(name_, console_.keyboard.holder());
    }
    return call_.vms.TypeIntoConsole(name_, input);
  }

  // Until the client or the VM is gone; whether it is the VM.
  bool WriteOutput() {
    while (!input_closed_ && !call_.is_cancelled()) {
      TellKeyboard();
      const Next next = WriteNext();
      if (next == Next::kBroken) return false;
      if (next == Next::kWritten) continue;
      // Another of the same name does not count.
      if (call_.vms.records().Find(console_.uid) == nullptr) return true;
      call_.vms.WaitForConsole();
    }
    return false;
  }

  Next WriteNext() {
    const ConsoleReader::Bytes bytes = console_.Read(offset_, kChunkBytes);
    if (bytes.data.empty()) return Next::kNothing;
    AttachResponse response;
    response.mutable_output()->set_offset(bytes.offset);
    response.mutable_output()->set_data(bytes.data);
    offset_ = bytes.offset + bytes.data.size();
    return stream_.Write(response) ? Next::kWritten : Next::kBroken;
  }

  void TellKeyboard() {
    const bool holds = console_.keyboard.IsHeldBy(id_);
    if (holds == told_holding_) return;
    told_holding_ = holds;
    AttachResponse response;
    response.mutable_keyboard()->set_held(holds);
    if (!holds) response.mutable_keyboard()->set_holder(console_.keyboard.holder());
    stream_.Write(response);
  }

  void SayGoodbye() {
    AttachResponse last;
    last.mutable_ended()->set_reason("VM_DELETED");
    last.mutable_ended()->set_message(name_ + " has been deleted");
    stream_.Write(last);
    const auto deadline = std::chrono::steady_clock::now() + kGoodbye;
    while (!input_closed_ && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  CallContext& call_;
  const std::string name_;
  Console& console_;
  Stream& stream_;
  const uint64_t id_;
  const std::shared_ptr<const void> attached_;
  uint64_t offset_ = 0;  // of what is written next
  bool told_holding_ = false;
  bool is_read_only_ = false;  // the typist's, once it runs
  absl::Status typed_;         // the typist's, until it has been joined
  std::atomic<bool> input_closed_ = false;
  std::atomic<bool> is_leaving_ = false;
};

}  // namespace

absl::Status AttachConsole(CallContext& call, Consoles& consoles, const AttachRequest::Start& start,
                           grpc::ServerReaderWriter<AttachResponse, AttachRequest>& stream) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Console> console, consoles.Open(start.vm()));
  return ConsoleSession(call, start.vm(), *console, stream).Run(start);
}

}  // namespace emu::daemon
