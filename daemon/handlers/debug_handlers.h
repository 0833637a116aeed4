// One free function for each RPC of DebugService.
#pragma once

#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/debug.grpc.pb.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::ReadRegistersResponse> ReadRegisters(
    CallContext& call, const emud::v1::ReadRegistersRequest& request);
absl::StatusOr<emud::v1::ReadMemoryResponse> ReadMemory(CallContext& call,
                                                        const emud::v1::ReadMemoryRequest& request);
absl::StatusOr<emud::v1::ReadDevicesResponse> ReadDevices(
    CallContext& call, const emud::v1::ReadDevicesRequest& request);
absl::StatusOr<emud::v1::VmStats> GetVmStats(CallContext& call,
                                             const emud::v1::GetVmStatsRequest& request);
absl::Status Trace(CallContext& call, const emud::v1::TraceRequest& request,
                   grpc::ServerWriter<emud::v1::TraceChunk>& stream);
absl::StatusOr<emud::v1::OpenGdbResponse> OpenGdb(CallContext& call,
                                                  const emud::v1::OpenGdbRequest& request);

// A message of vm.v1 as its namesake of emud.v1, whose fields have the same numbers.
template <typename Public, typename Internal>
Public AsPublic(const Internal& message) {
  Public result;
  result.ParseFromString(message.SerializeAsString());
  return result;
}

}  // namespace emu::daemon
