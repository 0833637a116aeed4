// What moves a VM: commands, the words of its process, and that one's end.
#include <utility>

#include "daemon/errors.h"
#include "daemon/vm_ending.h"
#include "daemon/vm_files.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kCallTimeout(5000);
constexpr milliseconds kAdoptTimeout(500);
constexpr milliseconds kStartTimeout(20000);
constexpr milliseconds kStopTimeout(10000);
constexpr size_t kConsoleTailBytes = 4096;

}  // namespace

void VmTable::Adopt(const EntryPtr& entry) {
  const std::string uid = entry->vm.uid();
  absl::StatusOr<std::shared_ptr<VmProcess>> process = AdoptVm(uid, entry->directory);
  if (!process.ok()) {
    OnEnd(entry);
    return;
  }
  Watch(entry, *process);
  absl::StatusOr<vm::v1::Response> answer = (*process)->Call(HelloRequest(), kAdoptTimeout);
  // One that answers later is taken up then: the watcher sees to it.
  if (answer.ok()) {
    OnHello(entry, **process, *answer);
  } else {
    LogWarning("vm-adopted-silent",
               {{"vm", Copy(entry).name()}, {"error", answer.status().message()}});
  }
}

void VmTable::OnHello(const EntryPtr& entry, VmProcess& process, const vm::v1::Response& answer) {
  Vm::State stored_state;
  {
    std::lock_guard lock(mutex_);
    entry->vm.set_pid(static_cast<uint32_t>(answer.pid()));
    stored_state = entry->vm.state();
  }
  OnState(entry, answer.state());
  vm::v1::Request request;
  if (stored_state == Vm::STOPPING) {
    request.mutable_stop();
    process.Tell(request);
  } else if (answer.state() == vm::v1::STOPPED) {
    // Spawned, but never told to start.
    request.mutable_start();
    process.Tell(request);
  }
  LogInfo("vm-taken-up", {{"vm", Copy(entry).name()}, {"pid", answer.pid()}});
}

void VmTable::Watch(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process) {
  {
    std::lock_guard lock(mutex_);
    entry->process = process;
    entry->killed_by_us = false;
  }
  process->Watch(
      {.on_state = [this, entry](vm::v1::State state) { OnState(entry, state); },
       .on_console = [this] { changed_.notify_all(); },
       .on_hello = [this, entry, process = process.get()](
                       const vm::v1::Response& answer) { OnHello(entry, *process, answer); },
       .on_end = [this, entry] { OnEnd(entry); }});
}

void VmTable::OnState(const EntryPtr& entry, vm::v1::State state) {
  absl::Status stored;
  // Starting and stopping are this side's words first; the end is the process's.
  if (state == vm::v1::RUNNING) stored = Move(entry, Vm::RUNNING, "");
  if (state == vm::v1::PAUSED) stored = Move(entry, Vm::PAUSED, "USER");
  if (!stored.ok()) LogError("vm-state-not-stored", {{"error", stored.message()}});
}

void VmTable::OnEnd(const EntryPtr& entry) {
  bool killed_by_us = false;
  bool was_starting = false;
  {
    std::lock_guard lock(mutex_);
    killed_by_us = entry->killed_by_us;
    was_starting = entry->vm.state() == Vm::STARTING;
  }
  Ending ending = ReadEnding(entry->directory, killed_by_us, was_starting);
  absl::StatusOr<std::shared_ptr<ConsoleReader>> console =
      ConsoleReader::Open(entry->directory.console_path());
  if (console.ok()) ending.exit.set_console_tail((*console)->Tail(kConsoleTailBytes));
  entry->directory.RemoveSockets();
  {
    std::lock_guard lock(mutex_);
    *entry->vm.mutable_last_exit() = ending.exit;
    entry->vm.clear_pid();
    entry->process.reset();
  }
  const absl::Status stored = Move(entry, ending.state, ending.reason);
  if (!stored.ok()) LogError("vm-state-not-stored", {{"error", stored.message()}});
}

absl::StatusOr<Vm> VmTable::Start(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  const Vm::State state = Copy(entry).state();
  if (state == Vm::RUNNING) return Copy(entry);
  if (!IsLegalMove(state, Vm::STARTING)) {
    return errors::WrongState(name, "start", Vm::State_Name(state),
                              state == Vm::PAUSED ? "resume it" : "wait for it or stop it");
  }
  RETURN_IF_ERROR(Launch(entry));
  const auto has_settled = [](const Vm& vm) { return vm.state() != Vm::STARTING; };
  absl::StatusOr<Vm> settled =
      Wait(name, has_settled, Clock::now() + kStartTimeout, [] { return false; });
  if (!settled.ok()) return errors::VmNotResponding(name, "start");
  if (settled->state_reason() == "START_FAILED") {
    return errors::StartFailed(name, ReadStartFailure(entry->directory));
  }
  if (settled->state() == Vm::STOPPING || settled->state_reason() == "STOPPED_BY_FORCE") {
    return errors::StartFailed(name, absl::AbortedError("it was stopped meanwhile"));
  }
  if (settled->state() == Vm::CRASHED) {
    return errors::StartFailed(name, absl::InternalError(settled->last_exit().message()));
  }
  return settled;
}

absl::Status VmTable::Launch(const EntryPtr& entry) {
  ASSIGN_OR_RETURN(VmLaunch launch, OpenFiles(Copy(entry)));
  RETURN_IF_ERROR(Move(entry, Vm::STARTING, ""));
  absl::StatusOr<std::shared_ptr<VmProcess>> process =
      SpawnVm(vm_program_, std::move(launch), entry->directory);
  if (!process.ok()) {
    RETURN_IF_ERROR(Move(entry, Vm::STOPPED, "START_FAILED"));
    return errors::StartFailed(entry->vm.name(), process.status());
  }
  Watch(entry, *process);
  absl::StatusOr<vm::v1::Response> answer = (*process)->Call(HelloRequest(), kStartTimeout);
  // What went wrong is in the process record, which the watcher reads.
  if (!answer.ok()) return absl::OkStatus();
  {
    std::lock_guard lock(mutex_);
    entry->vm.set_pid(static_cast<uint32_t>(answer->pid()));
  }
  vm::v1::Request start;
  start.mutable_start();
  (void)(*process)->Call(start, kCallTimeout);
  return absl::OkStatus();
}

absl::StatusOr<Vm> VmTable::Command(const std::string& name, const std::string& verb,
                                    vm::v1::Request request, Vm::State target) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  const Vm vm = Copy(entry);
  if (vm.state() == target && verb != "reset") return vm;
  const bool legal = verb == "reset" ? (vm.state() == Vm::RUNNING || vm.state() == Vm::PAUSED)
                                     : IsLegalMove(vm.state(), target) && HasProcess(vm.state());
  std::shared_ptr<VmProcess> process;
  {
    std::lock_guard lock(mutex_);
    process = entry->process;
  }
  if (!legal || process == nullptr) {
    return errors::WrongState(name, verb, Vm::State_Name(vm.state()), "start it first");
  }
  if (!process->Call(std::move(request), kCallTimeout).ok()) {
    return errors::VmNotResponding(name, verb);
  }
  if (verb == "reset") return Copy(entry);
  absl::StatusOr<Vm> settled = Wait(
      name, [&](const Vm& now) { return now.state() != vm.state(); }, Clock::now() + kCallTimeout,
      [] { return false; });
  if (!settled.ok()) return errors::VmNotResponding(name, verb);
  return settled;
}

absl::StatusOr<Vm> VmTable::Pause(const std::string& name) {
  vm::v1::Request request;
  request.mutable_pause();
  return Command(name, "pause", request, Vm::PAUSED);
}

absl::StatusOr<Vm> VmTable::Resume(const std::string& name) {
  vm::v1::Request request;
  request.mutable_resume();
  return Command(name, "resume", request, Vm::RUNNING);
}

absl::StatusOr<Vm> VmTable::Reset(const std::string& name) {
  vm::v1::Request request;
  request.mutable_reset();
  return Command(name, "reset", request, Vm::RUNNING);
}

absl::StatusOr<Vm> VmTable::Stop(const std::string& name, bool force) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  // Force must get past a Start or Stop that waits for a VM which hangs.
  std::unique_lock operation(entry->operation, std::defer_lock);
  if (!force) operation.lock();
  const Vm::State state = Copy(entry).state();
  if (state == Vm::STOPPED) return Copy(entry);
  if (!HasProcess(state)) {
    return errors::WrongState(name, "stop", Vm::State_Name(state), "start or delete it");
  }
  RETURN_IF_ERROR(EndProcess(entry, force));
  return Copy(entry);
}

absl::Status VmTable::EndProcess(const EntryPtr& entry, bool force) {
  RETURN_IF_ERROR(Move(entry, Vm::STOPPING, "USER"));
  std::shared_ptr<VmProcess> process;
  {
    std::lock_guard lock(mutex_);
    process = entry->process;
    entry->killed_by_us = force;
  }
  if (process != nullptr && force) process->Kill();
  if (process != nullptr && !force) {
    vm::v1::Request stop;
    stop.mutable_stop();
    (void)process->Call(stop, kCallTimeout);
  }
  const auto has_ended = [](const Vm& vm) { return !HasProcess(vm.state()); };
  const std::string name = Copy(entry).name();
  const absl::Status ended =
      Wait(name, has_ended, Clock::now() + kStopTimeout, [] { return false; }).status();
  return absl::IsDeadlineExceeded(ended) ? errors::VmNotResponding(name, "stop") : ended;
}

absl::StatusOr<vm::v1::Response> VmTable::Ask(const std::string& name, const std::string& verb,
                                              vm::v1::Request request, int passed) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::shared_ptr<VmProcess> process;
  {
    std::lock_guard lock(mutex_);
    process = entry->process;
  }
  const auto nobody_answers = [&] {
    return errors::WrongState(name, verb, Vm::State_Name(Copy(entry).state()), "start it first");
  };
  if (process == nullptr) return nobody_answers();
  absl::StatusOr<vm::v1::Response> answer = process->Call(std::move(request), kCallTimeout, passed);
  if (absl::IsDeadlineExceeded(answer.status())) return errors::VmNotResponding(name, verb);
  if (absl::IsAborted(answer.status())) return nobody_answers();
  return answer;
}

absl::StatusOr<std::string> VmTable::OpenGdb(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  std::shared_ptr<VmProcess> process;
  {
    std::lock_guard lock(mutex_);
    process = entry->process;
  }
  if (process == nullptr) {
    return errors::WrongState(name, "debug", Vm::State_Name(Copy(entry).state()), "start it first");
  }
  ASSIGN_OR_RETURN(UniqueFd listener, entry->directory.ListenForGdb());
  process->PassOnGdb(std::move(listener));
  return entry->directory.gdb_path();
}

absl::Status VmTable::TypeIntoConsole(const std::string& name, const std::string& bytes) {
  vm::v1::Request request;
  request.mutable_console_input()->set_data(bytes);
  return Ask(name, "type into", std::move(request)).status();
}

}  // namespace emu::daemon
