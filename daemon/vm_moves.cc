// What moves a VM on somebody's word: start, stop and the like.
#include <utility>

#include "daemon/cloud_init/cloud_init.h"
#include "daemon/errors.h"
#include "daemon/lifetime.h"
#include "daemon/restart_policy.h"
#include "daemon/vm_ending.h"
#include "daemon/vm_files.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;
using std::chrono::milliseconds;
using Kind = VmRecords::Kind;

constexpr milliseconds kCallTimeout(5000);
constexpr milliseconds kStartTimeout(20000);
constexpr milliseconds kStopTimeout(10000);

}  // namespace

absl::StatusOr<VmPtr> VmTable::Start(const std::string& name, ChangedDisks changed_disks,
                                     const RequestOrigin& origin) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  ASSIGN_OR_RETURN(VmPtr vm, Current(entry));
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  if (vm->state() == Vm::SUSPENDING && process != nullptr) {
    // Whoever suspends it is in the way until it goes on.
    vm::v1::Request resume;
    resume.mutable_resume();
    process->Tell(resume);
  }
  std::lock_guard operation(entry->operation);
  ASSIGN_OR_RETURN(vm, Current(entry));
  if (vm->state() == Vm::RUNNING) return vm;
  const Vm::State to = vm->state() == Vm::SUSPENDED ? Vm::RESTORING : Vm::STARTING;
  if (!IsLegalMove(vm->state(), to)) {
    return errors::WrongState(name, "start", Vm::State_Name(vm->state()),
                              vm->state() == Vm::PAUSED ? "resume it" : "wait for it or stop it");
  }
  RETURN_IF_ERROR(Launch(entry, {to, "", Kind::kIntent, origin, BeginAnew}, changed_disks));
  return AwaitStart(entry, name);
}

void VmTable::BeginAnew(Vm& starting) {
  *starting.mutable_start_time() = WallClockNow();
  starting.clear_restart_count();
  starting.clear_restart_backoff();
  CancelRestart(starting);
  PlanExpiry(starting);
}

absl::StatusOr<VmPtr> VmTable::AwaitStart(const EntryPtr& entry, const std::string& name) {
  const auto has_settled = [](const Vm& now) {
    return now.state() != Vm::STARTING && now.state() != Vm::RESTORING;
  };
  absl::StatusOr<VmPtr> settled = WaitUntil(entry, has_settled, kStartTimeout);
  if (!settled.ok()) return errors::VmNotResponding(name, "start");
  if ((*settled)->state_reason() == "START_FAILED") {
    return errors::StartFailed(name, ReadStartFailure(entry->directory));
  }
  if ((*settled)->state() == Vm::SUSPENDED) {
    return errors::RestoreFailed(name, ReadStartFailure(entry->directory));
  }
  if ((*settled)->state() == Vm::STOPPING || (*settled)->state_reason() == "STOPPED_BY_FORCE") {
    return errors::StartFailed(name, absl::AbortedError("it was stopped meanwhile"));
  }
  if ((*settled)->state() == Vm::CRASHED) {
    return errors::StartFailed(name, absl::InternalError((*settled)->last_exit().message()));
  }
  return settled;
}

absl::Status VmTable::Launch(const EntryPtr& entry, const Moving& starting,
                             ChangedDisks changed_disks) {
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  if (drain_.is_on()) return errors::HostDraining(vm->name());
  ASSIGN_OR_RETURN(VmLaunch launch, OpenFiles(*vm, state_dir_, Overlays::kOpen));
  ASSIGN_OR_RETURN(launch.variables, entry->directory.OpenVariables());
  if (starting.to == Vm::RESTORING) {
    ASSIGN_OR_RETURN(launch.state, entry->directory.OpenState());
    ASSIGN_OR_RETURN(launch.state_sources, entry->directory.OpenStateSources());
    // A snapshot's disks are other files, with the same in them; and nobody writes to what is kept.
    const bool is_snapshots = entry->directory.HasStateOfSnapshot();
    launch.config.set_trust_state(is_snapshots);
    if (is_snapshots) launch.code = entry->directory.OpenSnapshotCode();
    launch.config.set_accept_changed_disks(is_snapshots || changed_disks == ChangedDisks::kAccept);
  }
  if (vm->spec().has_cloud_init()) {
    // A guest that goes on has the disk that it had.
    if (starting.to != Vm::RESTORING) {
      RETURN_IF_ERROR(WriteSeed(MakeSeedFiles(*vm), entry->directory.seed_path()));
    }
    ASSIGN_OR_RETURN(UniqueFd seed, entry->directory.OpenSeed());
    AddSeedDisk(vm->spec(), std::move(seed), launch);
  }
  RETURN_IF_ERROR(Move(entry, starting));
  // Who drains looks for those that start once he has said so.
  if (drain_.is_on()) {
    RETURN_IF_ERROR(FailStart(entry));
    return errors::HostDraining(vm->name());
  }
  return Spawn(entry, std::move(launch));
}

absl::Status VmTable::Spawn(const EntryPtr& entry, VmLaunch launch) {
  const std::string name = launch.config.name();
  launch.config.set_require_sandbox(jailer_.requires_sandbox());
  launch.cgroups = jailer_.MakeCgroups(entry->uid, launch.limits);
  const absl::Status noted = entry->directory.NoteCgroups(launch.cgroups.folders);
  absl::StatusOr<std::shared_ptr<VmProcess>> process =
      noted.ok() ? SpawnVm(jailer_.vm_program(), std::move(launch), entry->directory)
                 : absl::StatusOr<std::shared_ptr<VmProcess>>(noted);
  if (!process.ok()) {
    entry->directory.RemoveCgroups();
    RETURN_IF_ERROR(FailStart(entry));
    return errors::StartFailed(name, process.status());
  }
  Watch(entry, *process);
  absl::StatusOr<vm::v1::Response> answer = (*process)->Call(HelloRequest(), kStartTimeout);
  // What went wrong is in the process record, which the watcher reads.
  if (!answer.ok()) return absl::OkStatus();
  NoteHello(entry, **process, *answer);
  BeginGuest(entry, **process);
  return absl::OkStatus();
}

absl::Status VmTable::FailStart(const EntryPtr& entry) {
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  if (vm->state() == Vm::RESTORING) return Move(entry, {Vm::SUSPENDED, "RESTORE_FAILED"});
  if (vm->state() != Vm::STARTING) return absl::OkStatus();
  const auto plan = [](Vm& now) { PlanRestart(now, false, std::chrono::system_clock::now()); };
  return Move(entry, {Vm::STOPPED, "START_FAILED", Kind::kFact, {}, plan});
}

// What was saved is used up first. Whoever is killed before that leaves a VM that is suspended
// still, and after that one that ran: never one that goes on from the same state twice.
void VmTable::BeginGuest(const EntryPtr& entry, VmProcess& process) {
  if (const absl::Status removed = entry->directory.RemoveState(); !removed.ok()) {
    LogError("vm-state-not-removed", {{"uid", entry->uid}, {"error", removed.message()}});
    return process.Kill();
  }
  const VmPtr vm = records_.Find(entry->uid);
  vm::v1::Request start;
  start.mutable_start()->set_paused(vm != nullptr && vm->state_reason() == kWaiting);
  process.Tell(start);
}

absl::StatusOr<VmPtr> VmTable::Command(const std::string& name, const std::string& verb,
                                       vm::v1::Request request, Vm::State target) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  if (vm->state() == target && verb != "reset") return vm;
  const bool legal = verb == "reset" ? (vm->state() == Vm::RUNNING || vm->state() == Vm::PAUSED)
                                     : IsLegalMove(vm->state(), target) && HasProcess(vm->state());
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  if (!legal || process == nullptr) {
    return errors::WrongState(name, verb, Vm::State_Name(vm->state()), "start it first");
  }
  if (!process->Call(std::move(request), kCallTimeout).ok()) {
    return errors::VmNotResponding(name, verb);
  }
  if (verb == "reset") return Current(entry);
  absl::StatusOr<VmPtr> settled = WaitUntil(
      entry, [&](const Vm& now) { return now.state() != vm->state(); }, kCallTimeout);
  if (!settled.ok()) return errors::VmNotResponding(name, verb);
  return settled;
}

absl::StatusOr<VmPtr> VmTable::Pause(const std::string& name) {
  vm::v1::Request request;
  request.mutable_pause();
  return Command(name, "pause", request, Vm::PAUSED);
}

absl::StatusOr<VmPtr> VmTable::Resume(const std::string& name) {
  vm::v1::Request request;
  request.mutable_resume();
  return Command(name, "resume", request, Vm::RUNNING);
}

absl::StatusOr<VmPtr> VmTable::Reset(const std::string& name) {
  vm::v1::Request request;
  request.mutable_reset();
  return Command(name, "reset", request, Vm::RUNNING);
}

absl::StatusOr<VmPtr> VmTable::Stop(const std::string& name, const StopOptions& options,
                                    const RequestOrigin& origin) {
  const bool force = options.force;
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  // Force must get past a Start or Stop that waits for a VM which hangs.
  std::unique_lock operation(entry->operation, std::defer_lock);
  if (!force) operation.lock();
  ASSIGN_OR_RETURN(VmPtr vm, Current(entry));
  if (vm->has_next_restart_time()) {
    const auto cancel = [](Vm& now) -> absl::StatusOr<bool> {
      const bool was_due = now.has_next_restart_time();
      CancelRestart(now);
      return was_due;
    };
    ASSIGN_OR_RETURN(
        vm, records_.Change(entry->uid, {Kind::kIntent, Event::VM_UPDATED, origin}, cancel));
    if (!HasProcess(vm->state())) return vm;  // else it came to it in this very moment
  }
  if (vm->state() == Vm::STOPPED) return vm;
  if (vm->state() == Vm::SUSPENDED && force) return Discard(entry, origin);
  if (vm->state() == Vm::SUSPENDED) {
    return errors::WrongState(name, "stop", Vm::State_Name(vm->state()),
                              "start it, or stop it with --force, which discards what was saved");
  }
  if (!HasProcess(vm->state())) {
    return errors::WrongState(name, "stop", Vm::State_Name(vm->state()), "start or delete it");
  }
  // One that is paused can't obey.
  const milliseconds grace = vm->state() == Vm::RUNNING ? options.grace : milliseconds(0);
  RETURN_IF_ERROR(EndProcess(entry, force ? kByForce : "USER", origin, grace));
  return Current(entry);
}

absl::Status VmTable::StopByItself(const std::string& uid, const std::string& reason,
                                   milliseconds grace) {
  const EntryPtr entry = FindByUid(uid);
  if (entry == nullptr) return absl::OkStatus();
  std::lock_guard operation(entry->operation);
  const absl::Status ended = EndProcess(entry, reason, {}, grace);
  return absl::IsDeadlineExceeded(ended) ? EndProcess(entry, kByForce, {}) : ended;
}

absl::Status VmTable::EndProcess(const EntryPtr& entry, const std::string& reason,
                                 const RequestOrigin& origin, milliseconds grace) {
  // That it is by force is stored, too: a daemon that dies here has the next one do it.
  const bool force = reason == kByForce;
  const auto stop = [&](Vm& vm) -> absl::StatusOr<bool> {
    const bool is_more = vm.state() == Vm::STOPPING && force && vm.state_reason() != kByForce;
    if (!IsLegalMove(vm.state(), Vm::STOPPING) && !is_more) return false;
    vm.set_state(Vm::STOPPING);
    vm.set_state_reason(reason);
    return true;
  };
  ASSIGN_OR_RETURN(
      const VmPtr vm,
      records_.Change(entry->uid, {Kind::kIntent, Event::VM_STATE_CHANGED, origin}, stop));
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  if (process != nullptr && force) process->Kill();
  const auto has_ended = [](const Vm& now) { return !HasProcess(now.state()); };
  if (process != nullptr && !force && grace.count() > 0) {
    vm::v1::Request press;
    press.mutable_press_power_button();
    const bool is_pressed = process->Call(press, kCallTimeout).ok();
    if (is_pressed && WaitUntil(entry, has_ended, grace).ok()) return absl::OkStatus();
  }
  if (process != nullptr && !force) {
    vm::v1::Request request;
    request.mutable_stop();
    (void)process->Call(request, kCallTimeout);
  }
  const absl::Status ended = WaitUntil(entry, has_ended, kStopTimeout).status();
  return absl::IsDeadlineExceeded(ended) ? errors::VmNotResponding(vm->name(), "stop") : ended;
}

bool VmTable::HasGdb(const std::string& name) {
  const absl::StatusOr<vm::v1::Response> answer = Ask(name, "look at", HelloRequest());
  return answer.ok() && answer->gdb_attached();
}

absl::StatusOr<vm::v1::Response> VmTable::Ask(const std::string& name, const std::string& verb,
                                              vm::v1::Request request, int passed,
                                              milliseconds timeout) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  const auto nobody_answers = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
    return errors::WrongState(name, verb, Vm::State_Name(vm->state()), "start it first");
  };
  if (process == nullptr) return nobody_answers();
  absl::StatusOr<vm::v1::Response> answer = process->Call(
      std::move(request), timeout, passed < 0 ? std::vector<int>() : std::vector<int>{passed});
  if (absl::IsDeadlineExceeded(answer.status())) return errors::VmNotResponding(name, verb);
  if (absl::IsAborted(answer.status())) return nobody_answers();
  return answer;
}

absl::StatusOr<std::string> VmTable::OpenGdb(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  if (process == nullptr) {
    ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
    return errors::WrongState(name, "debug", Vm::State_Name(vm->state()), "start it first");
  }
  ASSIGN_OR_RETURN(UniqueFd listener, entry->directory.ListenForGdb());
  process->PassOnGdb(std::move(listener));
  return entry->directory.gdb_path();
}

absl::Status VmTable::TypeIntoConsole(const std::string& name, const std::string& bytes) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  {
    std::lock_guard lock(mutex_);
    ++entry->inputs;
  }
  vm::v1::Request request;
  request.mutable_console_input()->set_data(bytes);
  return Ask(name, "type into", std::move(request)).status();
}

}  // namespace emu::daemon
