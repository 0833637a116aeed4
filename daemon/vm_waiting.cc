// VMs of pools: they start paused, wait for whoever comes, and go on.
//
//   CREATING -> SUSPENDED -> RESTORING for kWaiting -> PAUSED for kWaiting
//   PAUSED for kWaiting -> PAUSED for kAcquired stored -> the process resumes -> RUNNING
//   PAUSED for kWaiting -> PAUSED for kRetired stored -> deleted
//
// Whoever dies in between, the record says whose the VM is.
#include <utility>

#include "daemon/errors.h"
#include "daemon/lifetime.h"
#include "daemon/pools/membership.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "daemon/vm_update.h"
#include "daemon/wall_clock.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;
using Kind = VmRecords::Kind;

}  // namespace

absl::StatusOr<VmPtr> VmTable::StartWaiting(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  const Vm::State to = vm->state() == Vm::SUSPENDED ? Vm::RESTORING : Vm::STARTING;
  if (!IsInPool(*vm) || !IsLegalMove(vm->state(), to)) {
    return errors::WrongState(name, "have wait", Vm::State_Name(vm->state()), "delete it");
  }
  RETURN_IF_ERROR(Launch(entry, {to, kWaiting, Kind::kIntent, {}, BeginAnew}));
  return AwaitStart(entry, name);
}

absl::StatusOr<VmPtr> VmTable::Acquire(const std::string& uid, const std::function<void(Vm&)>& edit,
                                       const RequestOrigin& origin) {
  const EntryPtr entry = FindByUid(uid);
  if (entry == nullptr) return VmPtr();
  bool is_acquired = false;
  const auto acquire = [&](Vm& vm) -> absl::StatusOr<bool> {
    if (!IsWaiting(vm)) return false;
    vm.set_state_reason(kAcquired);
    *vm.mutable_acquire_time() = WallClockNow();
    edit(vm);
    RETURN_IF_ERROR(CheckNotes(vm));
    RETURN_IF_ERROR(CheckLifecycle(vm.spec().lifecycle()));
    PlanExpiry(vm);
    is_acquired = true;
    return true;
  };
  absl::StatusOr<VmPtr> vm =
      records_.Change(uid, {Kind::kIntent, Event::VM_UPDATED, origin}, acquire);
  if (absl::IsNotFound(vm.status())) return VmPtr();  // it has gone meanwhile
  RETURN_IF_ERROR(vm.status());
  if (!is_acquired) return VmPtr();
  // One that has ended in this very moment says so by its end.
  if (const std::shared_ptr<VmProcess> process = ProcessOf(entry); process != nullptr) {
    vm::v1::Request resume;
    resume.mutable_resume();
    process->Tell(resume);
  }
  return vm;
}

absl::Status VmTable::Retire(const std::string& uid) {
  const auto retire = [](Vm& vm) -> absl::StatusOr<bool> {
    if (!IsWaiting(vm)) return false;
    vm.set_state_reason(kRetired);
    return true;
  };
  ASSIGN_OR_RETURN(const VmPtr vm,
                   records_.Change(uid, {Kind::kIntent, Event::VM_UPDATED, {}}, retire));
  if (!IsInPool(*vm)) return absl::OkStatus();
  emud::v1::DeleteVmRequest request;
  request.set_name(vm->name());
  request.set_force(true);
  request.set_etag(vm->etag());  // what somebody has started is his
  return Delete(request, {});
}

}  // namespace emu::daemon
