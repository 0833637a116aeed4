// The gRPC services: they unwrap a call, see who makes it and whether he may (service_base.h), run
// its handler, and wrap the answer.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/access/access_records.h"
#include "daemon/access/authenticator.h"
#include "daemon/agent/agents.h"
#include "daemon/audit/audit_log.h"
#include "daemon/images/image_builds.h"
#include "daemon/images/images.h"
#include "daemon/metrics/rpc_metrics.h"
#include "daemon/metrics/vm_sampler.h"
#include "daemon/operations/operations.h"
#include "daemon/pools/pools.h"
#include "daemon/snapshots/snapshots.h"
#include "daemon/vm_table.h"
#include "daemon/volumes/volumes.h"
#include "daemon/watch/watch_hub.h"
#include "emud/v1/access.grpc.pb.h"
#include "emud/v1/audit.grpc.pb.h"
#include "emud/v1/console.grpc.pb.h"
#include "emud/v1/debug.grpc.pb.h"
#include "emud/v1/event.grpc.pb.h"
#include "emud/v1/guest.grpc.pb.h"
#include "emud/v1/host.grpc.pb.h"
#include "emud/v1/image.grpc.pb.h"
#include "emud/v1/operation.grpc.pb.h"
#include "emud/v1/pool.grpc.pb.h"
#include "emud/v1/snapshot.grpc.pb.h"
#include "emud/v1/stats.grpc.pb.h"
#include "emud/v1/vm.grpc.pb.h"
#include "emud/v1/volume.grpc.pb.h"

namespace emu::daemon {

// What is served. All of it outlives the services.
struct Backend {
  VmTable& vms;
  Images& images;
  Volumes& volumes;
  Snapshots& snapshots;
  Pools& pools;
  AccessRecords& access;
  AuditLog& audit;
  WatchHub& hub;
  const std::string file_root;  // where the files are that others than the host's admin may name
  Operations& operations;
  ImageBuilds& builds;
  VmSampler& sampler;
  RpcMetrics& rpcs;
  Agents& agents;
};

inline constexpr const char* kServiceNames[] = {
    emud::v1::VmService::service_full_name(),       emud::v1::EventService::service_full_name(),
    emud::v1::ConsoleService::service_full_name(),  emud::v1::DebugService::service_full_name(),
    emud::v1::HostService::service_full_name(),     emud::v1::AccessService::service_full_name(),
    emud::v1::AuditService::service_full_name(),    emud::v1::OperationService::service_full_name(),
    emud::v1::StatsService::service_full_name(),    emud::v1::ImageService::service_full_name(),
    emud::v1::VolumeService::service_full_name(),   emud::v1::GuestService::service_full_name(),
    emud::v1::SnapshotService::service_full_name(), emud::v1::PoolService::service_full_name()};

// `authenticator` outlives the services, the services the server.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(const Backend& backend,
                                                         const Authenticator& authenticator);

// Of them, those of images, volumes, snapshots and pools: storage_services.cc.
void AddStorageServices(const Backend& backend, const Authenticator& authenticator,
                        std::vector<std::unique_ptr<grpc::Service>>& services);

}  // namespace emu::daemon
