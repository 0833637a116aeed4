// One free function for each RPC of HostService.
#pragma once

#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/host.pb.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::ServerInfo> GetServerInfo(CallContext& call,
                                                   const emud::v1::GetServerInfoRequest& request);
absl::StatusOr<emud::v1::Host> GetHost(CallContext& call, const emud::v1::GetHostRequest& request);
absl::StatusOr<emud::v1::Operation> DrainHost(CallContext& call,
                                              const emud::v1::DrainHostRequest& request);
absl::StatusOr<emud::v1::Operation> UndrainHost(CallContext& call,
                                                const emud::v1::UndrainHostRequest& request);

}  // namespace emu::daemon
