// Requests that are answered with an operation: it is begun once for their id.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/request_ids.h"
#include "emud/v1/operation.pb.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

// `begin(origin)` answers with the operation.
template <typename Request, typename Begin>
absl::StatusOr<emud::v1::Operation> BeginOnce(CallContext& call, const Request& request,
                                              const Begin& begin) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto answer_with =
      [](const absl::StatusOr<OperationPtr>& operation) -> absl::StatusOr<RequestIds::Answer> {
    RETURN_IF_ERROR(operation.status());
    return RequestIds::Answer{(*operation)->id(), (*operation)->SerializeAsString()};
  };
  const auto recall = [&](const std::string& id) { return answer_with(call.operations.Find(id)); };
  ASSIGN_OR_RETURN(const std::string answer,
                   call.vms.request_ids().Once(
                       origin, [&] { return answer_with(begin(origin)); }, recall));
  emud::v1::Operation operation;
  operation.ParseFromString(answer);
  return operation;
}

}  // namespace emu::daemon
