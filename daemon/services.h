// The gRPC services: they unwrap a call, see who makes it and whether he may, run its handler, and
// wrap the answer.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/access/access_records.h"
#include "daemon/access/authenticator.h"
#include "daemon/audit/audit_log.h"
#include "daemon/vm_table.h"
#include "daemon/watch/watch_hub.h"

namespace emu::daemon {

// What is served. All of it outlives the services.
struct Backend {
  VmTable& vms;
  AccessRecords& access;
  AuditLog& audit;
  WatchHub& hub;
  const std::string file_root;  // where the files are that others than the host's admin may name
};

// `authenticator` outlives the services, the services the server.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(const Backend& backend,
                                                         const Authenticator& authenticator);

}  // namespace emu::daemon
