#include "daemon/host_drain.h"

#include "daemon/pools/membership.h"
#include "daemon/store/flag_store.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Lifecycle;
using emud::v1::Vm;

constexpr char kFlag[] = "draining";

}  // namespace

absl::Status HostDrain::Load() {
  Transaction transaction(database_, Durability::kDaemon);
  ASSIGN_OR_RETURN(is_on_, IsFlagSet(transaction, kFlag));
  return absl::OkStatus();
}

absl::Status HostDrain::Set(bool is_on) {
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(SetFlag(transaction, kFlag, is_on));
  RETURN_IF_ERROR(transaction.Commit());
  is_on_ = is_on;
  LogInfo(is_on ? "host-drained" : "host-undrained", {});
  return absl::OkStatus();
}

absl::Status DrainVm(VmTable& vms, const Vm& vm, std::chrono::milliseconds grace,
                     const RequestOrigin& origin) {
  if (!HasProcess(vm.state())) return absl::OkStatus();
  if (IsInPool(vm)) return vms.Retire(vm.uid());
  const Lifecycle::IdleAction action = vm.spec().lifecycle().on_host_shutdown();
  if (action == Lifecycle::LEAVE) return absl::OkStatus();
  if (action == Lifecycle::STOP) return vms.StopByItself(vm.uid(), kByDrain, grace);
  if (action == Lifecycle::DELETE) {
    emud::v1::DeleteVmRequest request;
    request.set_name(vm.name());
    request.set_force(true);
    return vms.Delete(request, origin);
  }
  // One that stands still does so afterwards.
  const char* const reason = vm.state() == Vm::PAUSED ? "USER" : kByDrain;
  return vms.Suspend(vm.name(), origin, reason).status();
}

bool IsDrained(const Vm& vm) {
  return (vm.state() == Vm::STOPPED || vm.state() == Vm::SUSPENDED) &&
         vm.state_reason() == kByDrain;
}

}  // namespace emu::daemon
