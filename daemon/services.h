// The gRPC services: they unwrap a call, run its handler, and wrap the answer.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "daemon/peer_registry.h"
#include "daemon/vm_table.h"

namespace emu::daemon {

// `vms` and `peers` outlive the services, the services the server.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(VmTable& vms, PeerRegistry& peers);

}  // namespace emu::daemon
