#include "daemon/handlers/console_handlers.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "daemon/errors.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

constexpr size_t kChunkBytes = 64 * 1024;
constexpr size_t kMaxInputBytes = 32 * 1024;

// How long a client may take to close its side after the console's end.
constexpr std::chrono::seconds kGoodbye(2);

// Whether the VM is still there; another of the same name does not count.
bool VmExists(CallContext& call, const std::string& name, const std::string& uid) {
  const absl::StatusOr<emud::v1::Vm> vm = call.vms.Get(name);
  return vm.ok() && vm->uid() == uid;
}

}  // namespace

absl::Status AttachConsole(
    CallContext& call,
    grpc::ServerReaderWriter<emud::v1::AttachResponse, emud::v1::AttachRequest>& stream) {
  emud::v1::AttachRequest first;
  if (!stream.Read(&first) || !first.has_start()) {
    return errors::InvalidField("start", "the first message must be start", "send it");
  }
  const std::string name = first.start().vm();
  ASSIGN_OR_RETURN(const emud::v1::Vm vm, call.vms.Get(name));
  ASSIGN_OR_RETURN(const std::shared_ptr<ConsoleReader> console, call.vms.OpenConsole(name));
  uint64_t offset =
      console->Read(first.start().has_offset() ? first.start().offset() : 0, 1).offset;
  emud::v1::AttachResponse started;
  started.mutable_started()->set_offset(offset);
  stream.Write(started);

  std::atomic<bool> input_closed = false;
  std::atomic<bool> leaving = false;
  absl::Status typed;
  std::thread typist([&] {
    emud::v1::AttachRequest request;
    while (!leaving && stream.Read(&request)) {
      if (request.input().size() > kMaxInputBytes) {
        typed = errors::InvalidField("input", "more than 32 KiB", "send smaller pieces");
        break;
      }
      typed = call.vms.TypeIntoConsole(name, request.input());
      if (!typed.ok()) break;
    }
    input_closed = true;
  });
  const auto write_output = [&](const ConsoleReader::Bytes& bytes) {
    emud::v1::AttachResponse response;
    response.mutable_output()->set_offset(bytes.offset);
    response.mutable_output()->set_data(bytes.data);
    offset = bytes.offset + bytes.data.size();
    return stream.Write(response);
  };
  bool deleted = false;
  while (!input_closed && !call.is_cancelled()) {
    const ConsoleReader::Bytes bytes = console->Read(offset, kChunkBytes);
    if (!bytes.data.empty()) {
      if (!write_output(bytes)) break;
      continue;
    }
    deleted = !VmExists(call, name, vm.uid());
    if (deleted) break;
    call.vms.WaitForConsole();
  }
  if (deleted) {
    emud::v1::AttachResponse last;
    last.mutable_ended()->set_reason("VM_DELETED");
    last.mutable_ended()->set_message(name + " has been deleted");
    stream.Write(last);
    const auto deadline = std::chrono::steady_clock::now() + kGoodbye;
    while (!input_closed && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  leaving = true;
  // The reader is let go by the client's end of stream or by the call's cancellation.
  if (!input_closed) call.cancel();
  typist.join();
  // What is there already belongs to a client that closes its side and goes on reading.
  const uint64_t end = console->head();
  while (typed.ok() && offset < end && write_output(console->Read(offset, kChunkBytes))) {
  }
  return deleted ? absl::OkStatus() : typed;
}

absl::Status ReadConsoleLog(CallContext& call, const emud::v1::ReadLogRequest& request,
                            grpc::ServerWriter<emud::v1::ConsoleOutput>& stream) {
  ASSIGN_OR_RETURN(const emud::v1::Vm vm, call.vms.Get(request.vm()));
  ASSIGN_OR_RETURN(const std::shared_ptr<ConsoleReader> console,
                   call.vms.OpenConsole(request.vm()));
  uint64_t offset = request.offset();
  while (!call.is_cancelled()) {
    const ConsoleReader::Bytes bytes = console->Read(offset, kChunkBytes);
    if (bytes.data.empty()) {
      if (!request.follow() || !VmExists(call, request.vm(), vm.uid())) break;
      call.vms.WaitForConsole();
      continue;
    }
    emud::v1::ConsoleOutput output;
    output.set_offset(bytes.offset);
    output.set_data(bytes.data);
    offset = bytes.offset + bytes.data.size();
    if (!stream.Write(output)) break;
  }
  return absl::OkStatus();
}

}  // namespace emu::daemon
