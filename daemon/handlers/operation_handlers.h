// One free function for each RPC of OperationService, and what an operation does to a VM.
#pragma once

#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/operations/operations.h"
#include "emud/v1/operation.pb.h"

namespace emu::daemon {

// For Operations::Act.
absl::Status ActOn(VmTable& vms, const emud::v1::OperationMetadata& wanted,
                   const emud::v1::VmResult& vm, const RequestOrigin& origin);

absl::StatusOr<emud::v1::Operation> BeginOperation(CallContext& call,
                                                   const emud::v1::BeginOperationRequest& request);
absl::StatusOr<emud::v1::Operation> GetOperation(CallContext& call,
                                                 const emud::v1::GetOperationRequest& request);
absl::StatusOr<emud::v1::ListOperationsResponse> ListOperations(
    CallContext& call, const emud::v1::ListOperationsRequest& request);
absl::StatusOr<emud::v1::Operation> WaitOperation(CallContext& call,
                                                  const emud::v1::WaitOperationRequest& request);
absl::StatusOr<emud::v1::Operation> CancelOperation(
    CallContext& call, const emud::v1::CancelOperationRequest& request);
absl::Status DeleteOperation(CallContext& call, const emud::v1::DeleteOperationRequest& request);

}  // namespace emu::daemon
