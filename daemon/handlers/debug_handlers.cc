#include "daemon/handlers/debug_handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "daemon/errors.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {
namespace {

constexpr char kVerb[] = "look into";
constexpr uint32_t kMaxMemoryBytes = 1 << 20;
constexpr uint32_t kPieceBytes = 32 * 1024;  // what a VM process gives at once
constexpr int kTracePipeBytes = 1 << 20;
constexpr int kTracePollMs = 100;  // how long a client that cancels may be waited for

// The VM's answers to `ask(0)`, `ask(1)`, ..., up to the first that is out of range.
template <typename Ask, typename Take>
absl::Status ForAll(CallContext& call, const std::string& vm, Ask&& ask, Take&& take) {
  for (uint32_t index = 0;; ++index) {
    const absl::StatusOr<vm::v1::Response> answer = call.vms.Ask(vm, kVerb, ask(index));
    if (absl::IsOutOfRange(answer.status())) return absl::OkStatus();
    RETURN_IF_ERROR(answer.status());
    take(*answer);
  }
}

}  // namespace

absl::StatusOr<emud::v1::ReadRegistersResponse> ReadRegisters(
    CallContext& call, const emud::v1::ReadRegistersRequest& request) {
  emud::v1::ReadRegistersResponse response;
  RETURN_IF_ERROR(ForAll(
      call, request.vm(),
      [](uint32_t index) {
        vm::v1::Request ask;
        ask.mutable_read_registers()->set_vcpu(index);
        return ask;
      },
      [&](const vm::v1::Response& answer) {
        *response.add_vcpus() = AsPublic<emud::v1::VcpuRegisters>(answer.registers());
      }));
  return response;
}

absl::StatusOr<emud::v1::ReadMemoryResponse> ReadMemory(
    CallContext& call, const emud::v1::ReadMemoryRequest& request) {
  if (request.size_bytes() == 0 || request.size_bytes() > kMaxMemoryBytes) {
    return errors::InvalidField("size_bytes", "not possible", "give 1 to 1048576");
  }
  emud::v1::ReadMemoryResponse response;
  response.set_address(request.address());
  std::string& data = *response.mutable_data();
  while (data.size() < request.size_bytes()) {
    const auto size =
        std::min(kPieceBytes, request.size_bytes() - static_cast<uint32_t>(data.size()));
    vm::v1::Request ask;
    vm::v1::Request::ReadMemory& piece = *ask.mutable_read_memory();
    piece.set_address(request.address() + data.size());
    piece.set_size_bytes(size);
    piece.set_physical(request.physical());
    piece.set_vcpu(request.vcpu());
    const absl::StatusOr<vm::v1::Response> answer = call.vms.Ask(request.vm(), kVerb, ask);
    if (absl::IsOutOfRange(answer.status())) {
      if (!data.empty()) break;
      if (absl::StartsWith(answer.status().message(), "vcpu")) {
        return errors::InvalidField("vcpu", "there is none of that number", "count from 0");
      }
      return errors::NoMemory(request.vm(), request.address());
    }
    RETURN_IF_ERROR(answer.status());
    data += answer->memory();
    if (answer->memory().size() < size) break;
  }
  return response;
}

absl::StatusOr<emud::v1::ReadDevicesResponse> ReadDevices(
    CallContext& call, const emud::v1::ReadDevicesRequest& request) {
  emud::v1::ReadDevicesResponse response;
  RETURN_IF_ERROR(ForAll(
      call, request.vm(),
      [](uint32_t index) {
        vm::v1::Request ask;
        ask.mutable_read_device()->set_index(index);
        return ask;
      },
      [&](const vm::v1::Response& answer) {
        *response.add_devices() = AsPublic<emud::v1::DeviceState>(answer.device());
      }));
  return response;
}

absl::StatusOr<emud::v1::VmStats> GetVmStats(CallContext& call,
                                             const emud::v1::GetVmStatsRequest& request) {
  vm::v1::Request ask;
  ask.mutable_read_stats()->set_counting(
      static_cast<vm::v1::Request::ReadStats::Counting>(request.counting()));
  ASSIGN_OR_RETURN(const vm::v1::Response answer, call.vms.Ask(request.vm(), kVerb, ask));
  return AsPublic<emud::v1::VmStats>(answer.stats());
}

absl::Status Trace(CallContext& call, const emud::v1::TraceRequest& request,
                   grpc::ServerWriter<emud::v1::TraceChunk>& stream) {
  if (request.last_address() < request.first_address()) {
    return errors::InvalidField("last_address", "before the first", "give them in order");
  }
  vm::v1::Request ask;
  vm::v1::Request::StartTrace& wanted = *ask.mutable_start_trace();
  wanted.set_stages(request.stages().empty() ? "guest" : absl::StrJoin(request.stages(), ","));
  wanted.set_first(request.first_address());
  wanted.set_last(request.last_address() == 0 ? UINT64_MAX : request.last_address());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return errors::Host("a pipe", errno);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  (void)fcntl(reading.get(), F_SETPIPE_SZ, kTracePipeBytes);  // as much as the host gives
  const absl::Status started =
      call.vms.Ask(request.vm(), "trace", std::move(ask), writing.get()).status();
  if (absl::IsInvalidArgument(started)) {
    return errors::InvalidField("stages", "there is one that is none",
                                "give guest, ir, opt or host");
  }
  if (absl::IsFailedPrecondition(started) && absl::StartsWith(started.message(), "trace:")) {
    return errors::TraceRuns(request.vm());
  }
  RETURN_IF_ERROR(started);
  writing.Reset();
  LogInfo("trace-started", {{"vm", request.vm()}, {"principal", call.caller.principal}});
  std::string bytes(kPieceBytes, 0);
  while (!call.is_cancelled()) {
    pollfd waiting = {reading.get(), POLLIN, 0};
    if (poll(&waiting, 1, kTracePollMs) <= 0) continue;
    const ssize_t size = read(reading.get(), bytes.data(), bytes.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) break;
    emud::v1::TraceChunk chunk;
    chunk.set_text(bytes.data(), static_cast<size_t>(size));
    if (!stream.Write(chunk)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<emud::v1::OpenGdbResponse> OpenGdb(CallContext& call,
                                                  const emud::v1::OpenGdbRequest& request) {
  if (call.caller.origin == Origin::kRemote)
    return errors::LocalOnly(request.vm(), "attach gdb to");
  emud::v1::OpenGdbResponse response;
  ASSIGN_OR_RETURN(*response.mutable_path(), call.vms.OpenGdb(request.vm()));
  LogInfo("gdb-opened", {{"vm", request.vm()}, {"principal", call.caller.principal}});
  return response;
}

}  // namespace emu::daemon
