// One free function for each RPC of PoolService.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "emud/v1/pool.pb.h"

namespace emu::daemon {

absl::StatusOr<emud::v1::Pool> CreatePool(CallContext& call,
                                          const emud::v1::CreatePoolRequest& request);
absl::StatusOr<emud::v1::Pool> GetPool(CallContext& call, const emud::v1::GetPoolRequest& request);
absl::StatusOr<emud::v1::ListPoolsResponse> ListPools(CallContext& call,
                                                      const emud::v1::ListPoolsRequest& request);
absl::StatusOr<emud::v1::Pool> UpdatePool(CallContext& call,
                                          const emud::v1::UpdatePoolRequest& request);
absl::Status DeletePool(CallContext& call, const emud::v1::DeletePoolRequest& request);
absl::StatusOr<emud::v1::Vm> AcquireVm(CallContext& call,
                                       const emud::v1::AcquireVmRequest& request);

}  // namespace emu::daemon
