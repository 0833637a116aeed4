#include "daemon/handlers/console_handlers.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "daemon/console/output_matcher.h"
#include "daemon/errors.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kChunkBytes = 64 * 1024;

// Whether the VM is still there; another of the same name does not count.
bool VmExists(CallContext& call, const std::string& uid) {
  return call.vms.records().Find(uid) != nullptr;
}

emud::v1::WaitForOutputResponse ToResponse(const OutputMatcher::Match& match) {
  emud::v1::WaitForOutputResponse response;
  response.set_offset(match.offset);
  response.set_end_offset(match.offset + match.text.size());
  response.set_match(match.text);
  for (const std::string& group : match.groups) response.add_groups(group);
  return response;
}

}  // namespace

absl::Status ReadConsoleLog(CallContext& call, Consoles& consoles,
                            const emud::v1::ReadLogRequest& request,
                            grpc::ServerWriter<emud::v1::ConsoleOutput>& stream) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Console> console, consoles.Open(request.vm()));
  const std::shared_ptr<const void> attached = call.vms.Attach(console->uid);
  uint64_t offset = request.offset();
  while (!call.is_cancelled()) {
    const ConsoleReader::Bytes bytes = console->Read(offset, kChunkBytes);
    if (bytes.data.empty()) {
      if (!request.follow() || !VmExists(call, console->uid)) break;
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

absl::StatusOr<emud::v1::WaitForOutputResponse> WaitForOutput(
    CallContext& call, Consoles& consoles, const emud::v1::WaitForOutputRequest& request) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Console> console, consoles.Open(request.vm()));
  const std::shared_ptr<const void> attached = call.vms.Attach(console->uid);
  ASSIGN_OR_RETURN(OutputMatcher matcher, OutputMatcher::Create(request.regex()));
  // Far enough to be no limit, near enough not to overflow.
  auto deadline = Clock::now() + std::chrono::hours(24 * 365);
  if (request.has_timeout()) {
    const int64_t timeout_ms =
        google::protobuf::util::TimeUtil::DurationToMilliseconds(request.timeout());
    deadline = std::min(deadline,
                        Clock::now() + std::chrono::milliseconds(std::max<int64_t>(0, timeout_ms)));
  }
  uint64_t offset = request.offset();
  while (!call.is_cancelled()) {
    const ConsoleReader::Bytes bytes = console->Read(offset, kChunkBytes);
    if (!bytes.data.empty()) {
      if (const auto match = matcher.Add(bytes.offset, bytes.data); match.has_value()) {
        return ToResponse(*match);
      }
      offset = bytes.offset + bytes.data.size();
    }
    // Also in the midst of a flood, which never ends.
    if (Clock::now() >= deadline) break;
    if (!bytes.data.empty()) continue;
    if (!VmExists(call, console->uid)) return errors::VmNotFound(request.vm());
    call.vms.WaitForConsole();
  }
  return errors::OutputTimedOut(request.vm(), request.regex());
}

absl::StatusOr<emud::v1::ConsoleStatus> GetConsole(CallContext&, Consoles& consoles,
                                                   const emud::v1::GetConsoleRequest& request) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Console> console, consoles.Open(request.vm()));
  emud::v1::ConsoleStatus status;
  status.set_head(console->ring->head());
  status.set_oldest_offset(console->oldest_offset());
  status.set_log_bytes(console->log->bytes());
  status.set_dropped_bytes(console->log->dropped());
  status.set_clients(console->keyboard.sessions());
  status.set_keyboard_holder(console->keyboard.holder());
  return status;
}

}  // namespace emu::daemon
