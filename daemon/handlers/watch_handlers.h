// Streams of changes: VmService.WatchVms and EventService.WatchEvents.
#pragma once

#include <grpcpp/support/sync_stream.h>

#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/event.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Neither keeps anything per client but the revision it has got to: writing to one that does not
// read blocks its own thread only.
absl::Status WatchVms(CallContext& call, const emud::v1::WatchVmsRequest& request,
                      grpc::ServerWriter<emud::v1::WatchVmsResponse>& stream);
absl::Status WatchEvents(CallContext& call, const emud::v1::WatchEventsRequest& request,
                         grpc::ServerWriter<emud::v1::WatchEventsResponse>& stream);

}  // namespace emu::daemon
