// One free function for each RPC of VmService. Mutations are in vm_mutations.cc.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "daemon/access/access_records.h"
#include "daemon/access/caller.h"
#include "daemon/audit/audit_log.h"
#include "daemon/images/image_builds.h"
#include "daemon/images/images.h"
#include "daemon/metrics/vm_sampler.h"
#include "daemon/operations/operations.h"
#include "daemon/pools/pools.h"
#include "daemon/snapshots/snapshots.h"
#include "daemon/vm_table.h"
#include "daemon/volumes/volumes.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// What a handler may know of its call.
struct CallContext {
  VmTable& vms;
  Images& images;
  Volumes& volumes;
  Snapshots& snapshots;
  Pools& pools;
  AccessRecords& access;
  AuditLog& audit;
  const std::string& file_root;
  Operations& operations;
  ImageBuilds& builds;
  VmSampler& sampler;
  const Caller caller;
  std::function<bool()> is_cancelled;
  std::function<void()> cancel;
};

// The daemon opens files with its own rights: others than the host's administrator name only those
// that lie where he has put them. INVALID_ARGUMENT with the field.
absl::Status CheckFiles(const CallContext& call, const emud::v1::VmSpec& spec);

absl::StatusOr<emud::v1::Vm> CreateVm(CallContext& call, const emud::v1::CreateVmRequest& request);
absl::StatusOr<emud::v1::Vm> GetVm(CallContext& call, const emud::v1::GetVmRequest& request);
absl::StatusOr<emud::v1::ListVmsResponse> ListVms(CallContext& call,
                                                  const emud::v1::ListVmsRequest& request);
absl::StatusOr<emud::v1::Vm> UpdateVm(CallContext& call, const emud::v1::UpdateVmRequest& request);
absl::StatusOr<emud::v1::Vm> StartVm(CallContext& call, const emud::v1::StartVmRequest& request);
absl::StatusOr<emud::v1::Vm> StopVm(CallContext& call, const emud::v1::StopVmRequest& request);
absl::StatusOr<emud::v1::Vm> PauseVm(CallContext& call, const emud::v1::PauseVmRequest& request);
absl::StatusOr<emud::v1::Vm> ResumeVm(CallContext& call, const emud::v1::ResumeVmRequest& request);
absl::StatusOr<emud::v1::Vm> SuspendVm(CallContext& call,
                                       const emud::v1::SuspendVmRequest& request);
absl::StatusOr<emud::v1::Vm> ResetVm(CallContext& call, const emud::v1::ResetVmRequest& request);
absl::Status DeleteVm(CallContext& call, const emud::v1::DeleteVmRequest& request);
absl::StatusOr<emud::v1::Vm> WaitVm(CallContext& call, const emud::v1::WaitVmRequest& request);

}  // namespace emu::daemon
