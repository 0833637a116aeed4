#include "daemon/handlers/vm_handlers.h"

#include <algorithm>
#include <utility>

#include "daemon/errors.h"
#include "daemon/handlers/list_page.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
absl::StatusOr<emud::v1::Vm> GetVm(CallContext& call, const emud::v1::GetVmRequest& request) {
  ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(request.name()));
  emud::v1::Vm shown = *vm;
  if (vm->state() == emud::v1::Vm::SUSPENDING) {
    *shown.mutable_saving() = call.vms.SavingOf(vm->uid());
  }
  for (emud::v1::NicStatus& nic : call.vms.NicsOf(vm->uid())) *shown.add_nics() = std::move(nic);
  return shown;
}

absl::StatusOr<emud::v1::ListVmsResponse> ListVms(CallContext& call,
                                                  const emud::v1::ListVmsRequest& request) {
  const VmRecords::Snapshot snapshot = call.vms.records().List();
  ASSIGN_OR_RETURN(ListPage<emud::v1::Vm> page,
                   PageOf(snapshot.vms, request, call.vms.page_tokens(),
                          [&call](const auto& vm) { return call.caller.Sees(vm.project()); }));
  emud::v1::ListVmsResponse response;
  response.set_revision(snapshot.revision);
  for (const VmPtr& vm : page.items) *response.add_vms() = *vm;
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

absl::StatusOr<emud::v1::Vm> WaitVm(CallContext& call, const emud::v1::WaitVmRequest& request) {
  if (request.states().empty()) {
    return errors::InvalidField("states", "there is nothing to wait for", "give a state");
  }
  // Far enough to be no limit, near enough not to overflow.
  auto deadline = std::chrono::steady_clock::now() + std::chrono::hours(24 * 365);
  if (request.has_timeout()) {
    const int64_t timeout_ms =
        google::protobuf::util::TimeUtil::DurationToMilliseconds(request.timeout());
    deadline = std::min(deadline, std::chrono::steady_clock::now() +
                                      std::chrono::milliseconds(std::max<int64_t>(0, timeout_ms)));
  }
  const auto is_one_of = [&request](const emud::v1::Vm& vm) {
    return std::find(request.states().begin(), request.states().end(), vm.state()) !=
           request.states().end();
  };
  ASSIGN_OR_RETURN(const VmPtr vm, call.vms.records().FindByName(request.name()));
  ASSIGN_OR_RETURN(const VmPtr reached,
                   call.vms.records().Wait(vm->uid(), is_one_of, deadline, call.is_cancelled));
  return *reached;
}

}  // namespace emu::daemon
