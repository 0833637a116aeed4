// One free function for each RPC of ConsoleService.
#pragma once

#include "daemon/console/consoles.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/console.grpc.pb.h"

namespace emu::daemon {

// `start` is what the stream's first message has.
absl::Status AttachConsole(
    CallContext& call, Consoles& consoles, const emud::v1::AttachRequest::Start& start,
    grpc::ServerReaderWriter<emud::v1::AttachResponse, emud::v1::AttachRequest>& stream);
absl::Status ReadConsoleLog(CallContext& call, Consoles& consoles,
                            const emud::v1::ReadLogRequest& request,
                            grpc::ServerWriter<emud::v1::ConsoleOutput>& stream);
absl::StatusOr<emud::v1::WaitForOutputResponse> WaitForOutput(
    CallContext& call, Consoles& consoles, const emud::v1::WaitForOutputRequest& request);
absl::StatusOr<emud::v1::ConsoleStatus> GetConsole(CallContext& call, Consoles& consoles,
                                                   const emud::v1::GetConsoleRequest& request);

}  // namespace emu::daemon
