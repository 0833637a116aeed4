#include "daemon/handlers/operation_handlers.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "daemon/errors.h"
#include "daemon/handlers/grace_period.h"
#include "daemon/handlers/list_page.h"
#include "daemon/handlers/mutation.h"
#include "daemon/host_drain.h"
#include "daemon/host_paths.h"
#include "daemon/operations/progress.h"
#include "daemon/query/filter.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Operation;
using emud::v1::Verb;

constexpr char kPageScope[] = "operations";

emud::v1::Role RoleFor(Verb verb) {
  const bool is_operators = verb == Verb::START || verb == Verb::STOP || verb == Verb::SUSPEND;
  return is_operators ? emud::v1::OPERATOR : emud::v1::EDITOR;
}

bool Sees(const Caller& caller, const Operation& operation) {
  if (caller.principal == operation.metadata().principal()) return true;
  if (IsWhole(operation)) return caller.Sees(operation.metadata().project());
  return std::all_of(operation.results().begin(), operation.results().end(),
                     [&caller](const emud::v1::VmResult& vm) { return caller.Sees(vm.project()); });
}

// As the caller may see it: errors of VMs name files of the host.
Operation Shown(const CallContext& call, const Operation& operation) {
  Operation shown = operation;
  if (call.caller.origin != Origin::kRemote) return shown;
  for (emud::v1::VmResult& vm : *shown.mutable_results()) HideHostPaths(vm);
  if (shown.has_error()) HideHostPaths(*shown.mutable_error());
  return shown;
}

// OPERATION_NOT_FOUND, also of one that the caller does not see.
absl::StatusOr<OperationPtr> FindSeen(const CallContext& call, const std::string& id) {
  ASSIGN_OR_RETURN(OperationPtr operation, call.operations.Find(id));
  if (!Sees(call.caller, *operation)) return errors::OperationNotFound(id);
  return operation;
}

// Whether the caller may do to each VM what the operation does.
template <typename Vms>
absl::Status RequireRole(const Caller& caller, Verb verb, const Vms& vms) {
  const emud::v1::Role role = RoleFor(verb);
  for (const auto& vm : vms) {
    if (caller.RoleIn(vm.project()) >= role) continue;
    return errors::PermissionDenied(emud::v1::Role_Name(role), vm.project());
  }
  return absl::OkStatus();
}

absl::Status RequireChange(const CallContext& call, const std::string& id) {
  ASSIGN_OR_RETURN(const OperationPtr operation, FindSeen(call, id));
  if (call.caller.principal == operation->metadata().principal()) return absl::OkStatus();
  if (IsWhole(*operation)) {
    return RequireRole(call.caller, operation->metadata().verb(),
                       std::span(&operation->metadata(), 1));
  }
  return RequireRole(call.caller, operation->metadata().verb(), operation->results());
}

// The VMs that are meant, by name, each once: of those that the caller sees.
absl::StatusOr<std::vector<VmPtr>> Targets(CallContext& call,
                                           const emud::v1::BeginOperationRequest& request) {
  std::vector<VmPtr> targets;
  if (!request.filter().empty()) {
    ASSIGN_OR_RETURN(const Filter filter,
                     Filter::Parse(request.filter(), *emud::v1::Vm::descriptor()));
    for (const VmPtr& vm : call.vms.records().List().vms) {
      if (call.caller.Sees(vm->project()) && filter.Matches(*vm)) targets.push_back(vm);
    }
  }
  for (const std::string& name :
       std::set<std::string>(request.vms().begin(), request.vms().end())) {
    ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(name));
    if (!call.caller.Sees(vm->project())) return errors::VmNotFound(name);
    targets.push_back(vm);
  }
  for (const VmPtr& vm : targets) {
    RETURN_IF_ERROR(RequireRole(call.caller, request.verb(), std::span(vm.get(), 1)));
  }
  return targets;
}

absl::Status CheckRequest(const emud::v1::BeginOperationRequest& request) {
  if (request.verb() == emud::v1::VERB_UNSPECIFIED || !emud::v1::Verb_IsValid(request.verb()) ||
      request.verb() > emud::v1::SUSPEND) {
    return errors::InvalidField("verb", "there is none", "give START, STOP, SUSPEND or DELETE");
  }
  if (request.vms().empty() == request.filter().empty()) {
    return errors::InvalidField("vms", "which VMs are meant is not said, or twice",
                                "give names or a filter");
  }
  return GracePeriodOf(request).status();
}

}  // namespace

absl::Status ActOn(VmTable& vms, const emud::v1::OperationMetadata& wanted,
                   const emud::v1::VmResult& vm, const RequestOrigin& origin) {
  const VmPtr now = vms.records().Find(vm.vm_uid());
  const bool is_deletion = wanted.verb() == Verb::DELETE;
  if (now == nullptr) return is_deletion ? absl::OkStatus() : errors::VmNotFound(vm.vm());
  if (wanted.verb() == Verb::START) {
    const auto changed_disks =
        wanted.force() ? VmTable::ChangedDisks::kAccept : VmTable::ChangedDisks::kRefuse;
    return vms.Start(now->name(), changed_disks, origin).status();
  }
  if (wanted.verb() == Verb::DRAIN) {
    ASSIGN_OR_RETURN(const std::chrono::milliseconds grace, GracePeriodOf(wanted));
    const absl::Status drained = DrainVm(vms, *now, grace, origin);
    return absl::IsNotFound(drained) ? absl::OkStatus() : drained;  // gone meanwhile
  }
  if (wanted.verb() == Verb::SUSPEND) return vms.Suspend(now->name(), origin).status();
  if (wanted.verb() == Verb::STOP) {
    ASSIGN_OR_RETURN(const std::chrono::milliseconds grace, GracePeriodOf(wanted));
    return vms.Stop(now->name(), {wanted.force(), grace}, origin).status();
  }
  emud::v1::DeleteVmRequest request;
  request.set_name(now->name());
  request.set_force(wanted.force());
  return vms.Delete(request, origin);
}

absl::StatusOr<Operation> BeginOperation(CallContext& call,
                                         const emud::v1::BeginOperationRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  const RequestOrigin origin = OriginOf(call.caller.principal, request, request.request_id());
  const auto answer_with = [](const OperationPtr& operation) {
    return RequestIds::Answer{operation->id(), operation->SerializeAsString()};
  };
  const auto begin = [&]() -> absl::StatusOr<RequestIds::Answer> {
    ASSIGN_OR_RETURN(const std::vector<VmPtr> targets, Targets(call, request));
    emud::v1::OperationMetadata wanted;
    wanted.set_verb(request.verb());
    wanted.set_target(request.filter().empty() ? absl::StrJoin(request.vms(), ", ")
                                               : request.filter());
    wanted.set_force(request.force());
    if (request.has_grace_period()) *wanted.mutable_grace_period() = request.grace_period();
    ASSIGN_OR_RETURN(const OperationPtr begun, call.operations.Begin(wanted, targets, origin));
    return answer_with(begun);
  };
  const auto recall = [&](const std::string& id) -> absl::StatusOr<RequestIds::Answer> {
    ASSIGN_OR_RETURN(const OperationPtr begun, call.operations.Find(id));
    return answer_with(begun);
  };
  ASSIGN_OR_RETURN(const std::string answer, call.vms.request_ids().Once(origin, begin, recall));
  Operation operation;
  operation.ParseFromString(answer);
  return operation;
}

absl::StatusOr<Operation> GetOperation(CallContext& call,
                                       const emud::v1::GetOperationRequest& request) {
  ASSIGN_OR_RETURN(const OperationPtr operation, FindSeen(call, request.id()));
  return Shown(call, *operation);
}

absl::StatusOr<emud::v1::ListOperationsResponse> ListOperations(
    CallContext& call, const emud::v1::ListOperationsRequest& request) {
  const size_t page_size =
      request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  // Ids sort by creation: a page ends at one.
  std::string last;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(last, call.vms.page_tokens().Open(kPageScope, request.page_token()));
  }
  emud::v1::ListOperationsResponse response;
  for (const OperationPtr& operation : call.operations.List()) {
    if (!Sees(call.caller, *operation) || (!last.empty() && operation->id() >= last)) continue;
    if (static_cast<size_t>(response.operations_size()) == page_size) {
      response.set_next_page_token(call.vms.page_tokens().Seal(
          kPageScope, response.operations(response.operations_size() - 1).id()));
      break;
    }
    *response.add_operations() = Shown(call, *operation);
  }
  return response;
}

absl::StatusOr<Operation> WaitOperation(CallContext& call,
                                        const emud::v1::WaitOperationRequest& request) {
  // Far enough to be no limit, near enough not to overflow.
  std::chrono::milliseconds patience = std::chrono::hours(24 * 365);
  if (request.has_timeout()) {
    const std::chrono::milliseconds timeout(
        google::protobuf::util::TimeUtil::DurationToMilliseconds(request.timeout()));
    patience = std::clamp(timeout, std::chrono::milliseconds(0), patience);
  }
  RETURN_IF_ERROR(FindSeen(call, request.id()).status());
  ASSIGN_OR_RETURN(const OperationPtr operation,
                   call.operations.Wait(request.id(), std::chrono::steady_clock::now() + patience,
                                        call.is_cancelled));
  return Shown(call, *operation);
}

absl::StatusOr<Operation> CancelOperation(CallContext& call,
                                          const emud::v1::CancelOperationRequest& request) {
  RETURN_IF_ERROR(RequireChange(call, request.id()));
  ASSIGN_OR_RETURN(const OperationPtr operation, call.operations.Cancel(request.id()));
  LogInfo("operation-cancelled",
          {{"operation", request.id()}, {"principal", call.caller.principal}});
  return Shown(call, *operation);
}

absl::Status DeleteOperation(CallContext& call, const emud::v1::DeleteOperationRequest& request) {
  RETURN_IF_ERROR(RequireChange(call, request.id()));
  return call.operations.Delete(request.id());
}

}  // namespace emu::daemon
