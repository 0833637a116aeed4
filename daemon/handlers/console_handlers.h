// One free function for each RPC of ConsoleService.
#pragma once

#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/console.grpc.pb.h"

namespace emu::daemon {

absl::Status AttachConsole(
    CallContext& call,
    grpc::ServerReaderWriter<emud::v1::AttachResponse, emud::v1::AttachRequest>& stream);
absl::Status ReadConsoleLog(CallContext& call, const emud::v1::ReadLogRequest& request,
                            grpc::ServerWriter<emud::v1::ConsoleOutput>& stream);

}  // namespace emu::daemon
