// A VM on the disk of its host: suspending it, and forgetting what was saved. Going on from there
// is a start (vm_moves.cc).
//
//   SUSPENDING stored -> the process writes `state`, says so in its record, ends -> SUSPENDED
//   stored RESTORING stored -> a process maps `state`, says Hello -> `state` is removed -> its
//   guest begins
//
// Whoever dies in between, the record of the process and whether there is a `state` say what is
// true.
#include <utility>

#include "daemon/errors.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;
using std::chrono::milliseconds;
using Kind = VmRecords::Kind;

constexpr milliseconds kCallTimeout(5000);
// For memory of many GiB and a slow disk.
constexpr milliseconds kSaveTimeout(600'000);
constexpr milliseconds kEndTimeout(10'000);

}  // namespace

absl::StatusOr<VmPtr> VmTable::Suspend(const std::string& name, const RequestOrigin& origin,
                                       const std::string& reason) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  ASSIGN_OR_RETURN(VmPtr vm, Current(entry));
  if (vm->state() == Vm::SUSPENDING) {
    // Asked by an earlier daemon.
    const auto has_settled = [](const Vm& now) { return now.state() != Vm::SUSPENDING; };
    ASSIGN_OR_RETURN(vm, WaitUntil(entry, has_settled, kSaveTimeout));
  }
  if (vm->state() == Vm::SUSPENDED) return vm;
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  if (!IsLegalMove(vm->state(), Vm::SUSPENDING) || process == nullptr) {
    return errors::WrongState(name, "suspend", Vm::State_Name(vm->state()), "start it first");
  }
  // One that hangs is found out before anything is promised.
  if (!process->Call(HelloRequest(), kCallTimeout).ok()) {
    return errors::VmNotResponding(name, "suspend");
  }
  ASSIGN_OR_RETURN(const UniqueFd state, entry->directory.NewState());
  const absl::Status saved =
      AskToSuspend(entry, *process, state, {Vm::SUSPENDING, reason, Kind::kIntent, origin});
  if (absl::IsDeadlineExceeded(saved)) return errors::VmNotResponding(name, "suspend");
  // One that has saved itself ends, and one that does not answer has ended.
  if (saved.ok() || absl::IsAborted(saved)) {
    const auto has_ended = [](const Vm& now) { return !HasProcess(now.state()); };
    ASSIGN_OR_RETURN(VmPtr settled, WaitUntil(entry, has_ended, kEndTimeout));
    if (settled->state() == Vm::SUSPENDED) return settled;
    return errors::SuspendFailed(
        name, absl::AbortedError("it ended meanwhile: " + settled->last_exit().message()));
  }
  (void)entry->directory.RemoveState();
  return errors::SuspendFailed(name, saved);
}

absl::Status VmTable::AskToSuspend(const EntryPtr& entry, VmProcess& process, const UniqueFd& state,
                                   const Moving& suspending) {
  const auto set_asked = [&](bool is_asked) {
    std::lock_guard lock(mutex_);
    entry->is_suspension_asked = is_asked;
    entry->saving.Clear();
  };
  set_asked(true);
  absl::Status saved = Move(entry, suspending);
  if (saved.ok()) {
    vm::v1::Request request;
    request.mutable_suspend();
    saved = process.Call(std::move(request), kSaveTimeout, {state.get()}).status();
  }
  set_asked(false);
  if (saved.ok()) return saved;
  // It goes on, and says how; one that is gone says nothing.
  const absl::StatusOr<vm::v1::Response> now = process.Call(HelloRequest(), kCallTimeout);
  if (now.ok()) OnState(entry, now->state(), now->disk_error());
  return saved;
}

absl::StatusOr<VmPtr> VmTable::Discard(const EntryPtr& entry, const RequestOrigin& origin) {
  std::lock_guard operation(entry->operation);
  RETURN_IF_ERROR(Move(entry, {Vm::STOPPED, "DISCARDED", Kind::kIntent, origin}));
  ASSIGN_OR_RETURN(VmPtr vm, Current(entry));
  if (vm->state() != Vm::STOPPED) {
    return errors::WrongState(vm->name(), "stop", Vm::State_Name(vm->state()), "try again");
  }
  if (const absl::Status removed = entry->directory.RemoveState(); !removed.ok()) {
    LogWarning("vm-state-not-removed", {{"vm", vm->name()}, {"error", removed.message()}});
  }
  return vm;
}

emud::v1::SaveProgress VmTable::SavingOf(const std::string& uid) {
  const EntryPtr entry = FindByUid(uid);
  std::lock_guard lock(mutex_);
  return entry == nullptr ? emud::v1::SaveProgress() : entry->saving;
}

}  // namespace emu::daemon
