// Mutations that name a request id are done once (AIP-155), whatever they are.
#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "daemon/errors.h"
#include "daemon/handlers/vm_handlers.h"
#include "daemon/request_ids.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {

// `execute(origin)` answers with a VM; the answer is the VM as it is then, or as it was for an
// equal request before. `recall(vm, origin)` answers for a daemon that died over the request, from
// what has become of that VM.
template <typename Request, typename Execute, typename Recall>
absl::StatusOr<emud::v1::Vm> ChangeOnce(CallContext& call, const Request& request,
                                        const Execute& execute, const Recall& recall) {
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto answer_with =
      [](const absl::StatusOr<VmPtr>& vm) -> absl::StatusOr<RequestIds::Answer> {
    RETURN_IF_ERROR(vm.status());
    return RequestIds::Answer{(*vm)->uid(), (*vm)->SerializeAsString()};
  };
  const auto recall_or_not_found =
      [&](const std::string& vm_uid) -> absl::StatusOr<RequestIds::Answer> {
    const VmPtr vm = call.vms.records().Find(vm_uid);
    if (vm == nullptr) return errors::VmNotFound(vm_uid);
    return answer_with(recall(vm, origin));
  };
  ASSIGN_OR_RETURN(const std::string answer,
                   call.vms.request_ids().Once(
                       origin, [&] { return answer_with(execute(origin)); }, recall_or_not_found));
  emud::v1::Vm vm;
  vm.ParseFromString(answer);
  return vm;
}

// Likewise, where the VM as it is now answers for a daemon that died.
template <typename Request, typename Execute>
absl::StatusOr<emud::v1::Vm> ChangeOnce(CallContext& call, const Request& request,
                                        const Execute& execute) {
  return ChangeOnce(
      call, request, execute,
      [](const VmPtr& vm, const RequestOrigin&) -> absl::StatusOr<VmPtr> { return vm; });
}

}  // namespace emu::daemon
