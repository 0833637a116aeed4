// WatchVmStats: what VMs take, as a stream.
#pragma once

#include <grpcpp/support/sync_stream.h>

#include "absl/status/status.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/stats.pb.h"

namespace emu::daemon {

absl::Status WatchVmStats(CallContext& call, const emud::v1::WatchVmStatsRequest& request,
                          grpc::ServerWriter<emud::v1::WatchVmStatsResponse>& stream);

}  // namespace emu::daemon
