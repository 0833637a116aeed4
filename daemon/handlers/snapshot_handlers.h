// One free function for each RPC of SnapshotService, and what its operations do.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/errors.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/request_ids.h"
#include "emud/v1/snapshot.pb.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::Operation> CreateSnapshot(CallContext& call,
                                                   const emud::v1::CreateSnapshotRequest& request);
absl::StatusOr<emud::v1::Snapshot> GetSnapshot(CallContext& call,
                                               const emud::v1::GetSnapshotRequest& request);
absl::StatusOr<emud::v1::ListSnapshotsResponse> ListSnapshots(
    CallContext& call, const emud::v1::ListSnapshotsRequest& request);
absl::StatusOr<emud::v1::Snapshot> UpdateSnapshot(CallContext& call,
                                                  const emud::v1::UpdateSnapshotRequest& request);
absl::Status DeleteSnapshot(CallContext& call, const emud::v1::DeleteSnapshotRequest& request);
absl::StatusOr<emud::v1::Vm> RestoreSnapshot(CallContext& call,
                                             const emud::v1::RestoreSnapshotRequest& request);
absl::StatusOr<emud::v1::Operation> ForkVm(CallContext& call,
                                           const emud::v1::ForkVmRequest& request);

// snapshot_transfer.cc
absl::Status ExportSnapshot(CallContext& call, const emud::v1::ExportSnapshotRequest& request,
                            grpc::ServerWriter<emud::v1::ExportSnapshotResponse>& stream);
absl::StatusOr<emud::v1::Snapshot> ImportSnapshot(CallContext& call,
                                                  const emud::v1::ImportSnapshotRequest& request);

// Once for its id; `execute(origin)` answers with a snapshot.
template <typename Request, typename Execute>
absl::StatusOr<emud::v1::Snapshot> ChangeSnapshotOnce(CallContext& call, const Request& request,
                                                      const Execute& execute) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto answer_with = [](const SnapshotPtr& snapshot) {
    return RequestIds::Answer{snapshot->uid(), snapshot->SerializeAsString()};
  };
  const auto execute_now = [&]() -> absl::StatusOr<RequestIds::Answer> {
    ASSIGN_OR_RETURN(const SnapshotPtr snapshot, execute(origin));
    return answer_with(snapshot);
  };
  const auto recall = [&](const std::string& uid) -> absl::StatusOr<RequestIds::Answer> {
    const SnapshotPtr snapshot = call.snapshots.FindByUid(uid);
    if (snapshot == nullptr) return errors::SnapshotNotFound(uid);
    return answer_with(snapshot);
  };
  ASSIGN_OR_RETURN(const std::string answer,
                   call.vms.request_ids().Once(origin, execute_now, recall));
  emud::v1::Snapshot snapshot;
  snapshot.ParseFromString(answer);
  return snapshot;
}

// All of a CREATE_SNAPSHOT: of one that an earlier daemon began, only what became of it.
absl::Status TakeSnapshot(VmTable& vms, Snapshots& snapshots, const emud::v1::Operation& operation,
                          const Operations::Job& job);
// All of a FORK_VM; done again, it goes on with the snapshot that it had, if that was taken.
absl::Status Fork(VmTable& vms, Snapshots& snapshots, const emud::v1::Operation& operation,
                  const Operations::Job& job);

}  // namespace emu::daemon
