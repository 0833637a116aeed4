// One free function for each RPC of SnapshotService, and what its operations do.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/snapshot.pb.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::Operation> CreateSnapshot(CallContext& call,
                                                   const emud::v1::CreateSnapshotRequest& request);
absl::StatusOr<emud::v1::Snapshot> GetSnapshot(CallContext& call,
                                               const emud::v1::GetSnapshotRequest& request);
absl::StatusOr<emud::v1::ListSnapshotsResponse> ListSnapshots(
    CallContext& call, const emud::v1::ListSnapshotsRequest& request);
absl::Status DeleteSnapshot(CallContext& call, const emud::v1::DeleteSnapshotRequest& request);
absl::StatusOr<emud::v1::Vm> RestoreSnapshot(CallContext& call,
                                             const emud::v1::RestoreSnapshotRequest& request);
absl::StatusOr<emud::v1::Operation> ForkVm(CallContext& call,
                                           const emud::v1::ForkVmRequest& request);

// All of a CREATE_SNAPSHOT: of one that an earlier daemon began, only what became of it.
absl::Status TakeSnapshot(VmTable& vms, Snapshots& snapshots, const emud::v1::Operation& operation,
                          const Operations::Job& job);
// All of a FORK_VM; done again, it goes on with the snapshot that it had, if that was taken.
absl::Status Fork(VmTable& vms, Snapshots& snapshots, const emud::v1::Operation& operation,
                  const Operations::Job& job);

}  // namespace emu::daemon
