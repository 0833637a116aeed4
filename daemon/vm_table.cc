#include "daemon/vm_table.h"

#include <signal.h>
#include <string.h>
#include <sys/random.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/vm_files.h"
#include "daemon/vm_states.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Vm;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kCallTimeout(5000);
constexpr milliseconds kAdoptTimeout(500);
constexpr milliseconds kStartTimeout(20000);
constexpr milliseconds kStopTimeout(10000);
constexpr size_t kConsoleTailBytes = 4096;

// UUID version 7: it sorts by creation.
std::string NewUid() {
  unsigned char bytes[16] = {};
  (void)!getrandom(bytes, sizeof(bytes), 0);
  const int64_t now_ms = TimeUtil::TimestampToMilliseconds(TimeUtil::GetCurrentTime());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(now_ms >> (40 - 8 * i));
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  std::string uid;
  for (int i = 0; i < 16; ++i) {
    char digits[4];
    std::snprintf(digits, sizeof(digits), "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
    uid += digits;
  }
  return uid;
}

struct Ending {
  Vm::State state;
  std::string reason;
  emud::v1::LastExit exit;
};

// Reads the record of a process that has ended.
Ending ReadEnding(const VmDirectory& directory, bool killed_by_us, bool was_starting) {
  ProcessRecordLayout record = directory.ReadRecord();
  record.outcome.message[sizeof(record.outcome.message) - 1] = '\0';
  Ending ending = {Vm::CRASHED, "LOST", {}};
  emud::v1::LastExit& exit = ending.exit;
  *exit.mutable_time() = TimeUtil::GetCurrentTime();
  if (record.exit.magic == kProcessRecordMagic) {
    exit.set_code(record.exit.code);
    exit.set_signal(record.exit.signal);
    exit.set_oom(record.exit.oom != 0);
    exit.set_seccomp(record.exit.seccomp != 0);
    *exit.mutable_time() = TimeUtil::NanosecondsToTimestamp(record.exit.time_ns);
  } else {
    exit.set_message("the VM process went and nobody saw how");
  }
  if (killed_by_us) {
    exit.set_message("ended by stop --force");
    return {Vm::STOPPED, "STOPPED_BY_FORCE", exit};
  }
  if (exit.signal() != 0) {
    exit.set_message(absl::StrCat("the VM process was killed by signal ", exit.signal(), " (",
                                  sigdescr_np(exit.signal()), ")",
                                  exit.oom()       ? ", out of memory"
                                  : exit.seccomp() ? ", a system call that the sandbox denies"
                                                   : ""));
    return {Vm::CRASHED,
            exit.oom()       ? "OUT_OF_MEMORY"
            : exit.seccomp() ? "SANDBOX_VIOLATION"
                             : "KILLED_BY_SIGNAL",
            exit};
  }
  switch (record.outcome.kind) {
    case ProcessOutcome::kPowerOff:
      return {Vm::STOPPED, "GUEST_POWER_OFF", exit};
    case ProcessOutcome::kStoppedByHost:
      return {Vm::STOPPED, "STOPPED", exit};
    case ProcessOutcome::kGuestFailed:
      exit.set_message(absl::StrCat("the guest reported failure ", record.outcome.guest_code));
      return {Vm::STOPPED, "GUEST_FAILED", exit};
    case ProcessOutcome::kStartFailed:
      exit.set_message(record.outcome.message);
      return {was_starting ? Vm::STOPPED : Vm::CRASHED, "START_FAILED", exit};
    case ProcessOutcome::kNone:
      break;
  }
  if (exit.message().empty()) {
    exit.set_message(absl::StrCat("the VM process exited with ", exit.code(), " and no reason"));
    return {Vm::CRASHED, "EXITED", exit};
  }
  return ending;
}

}  // namespace

VmTable::VmTable(std::string state_dir, std::string vm_program, std::unique_ptr<StateStore> store)
    : state_dir_(std::move(state_dir)),
      vm_program_(std::move(vm_program)),
      store_(std::move(store)) {}

VmTable::EntryPtr VmTable::AddEntry(Vm vm) {
  auto entry = std::make_shared<Entry>(absl::StrCat(state_dir_, "/vms/", vm.uid()));
  entry->vm = std::move(vm);
  std::lock_guard lock(mutex_);
  vms_[entry->vm.name()] = entry;
  return entry;
}

absl::StatusOr<VmTable::EntryPtr> VmTable::Find(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto it = vms_.find(name);
  if (it == vms_.end()) return errors::VmNotFound(name);
  return it->second;
}

Vm VmTable::Copy(const EntryPtr& entry) {
  std::lock_guard lock(mutex_);
  return entry->vm;
}

absl::Status VmTable::Move(const EntryPtr& entry, Vm::State to, const std::string& reason) {
  std::lock_guard lock(mutex_);
  if (!IsLegalMove(entry->vm.state(), to)) return absl::OkStatus();
  LogInfo("vm-state", {{"vm", entry->vm.name()},
                       {"from", Vm::State_Name(entry->vm.state())},
                       {"to", Vm::State_Name(to)},
                       {"reason", reason}});
  entry->vm.set_state(to);
  entry->vm.set_state_reason(reason);
  *entry->vm.mutable_update_time() = TimeUtil::GetCurrentTime();
  changed_.notify_all();
  return store_->Put(entry->vm);
}

absl::Status VmTable::Recover() {
  ASSIGN_OR_RETURN(const std::vector<Vm> vms, store_->LoadAll());
  for (const Vm& vm : vms) {
    if (vm.state() == Vm::CREATING || vm.state() == Vm::DELETING) {
      VmDirectory(absl::StrCat(state_dir_, "/vms/", vm.uid())).Remove();
      RETURN_IF_ERROR(store_->Remove(vm.uid()));
      continue;
    }
    const EntryPtr entry = AddEntry(vm);
    if (HasProcess(vm.state())) Adopt(entry);
  }
  return absl::OkStatus();
}

void VmTable::Adopt(const EntryPtr& entry) {
  const std::string uid = entry->vm.uid();
  absl::StatusOr<std::shared_ptr<VmProcess>> process = AdoptVm(uid, entry->directory);
  if (!process.ok()) {
    OnEnd(entry);
    return;
  }
  Watch(entry, *process);
  vm::v1::Request hello;
  hello.mutable_hello()->set_protocol_min(1);
  hello.mutable_hello()->set_protocol_max(1);
  absl::StatusOr<vm::v1::Response> answer = (*process)->Call(hello, kAdoptTimeout);
  if (!answer.ok()) {
    LogWarning("vm-adopted-silent",
               {{"vm", entry->vm.name()}, {"error", answer.status().message()}});
    return;
  }
  // Spawned, but the daemon was gone before it said Start: it says so now.
  if (answer->state() == vm::v1::STOPPED) {
    vm::v1::Request start;
    start.mutable_start();
    (void)(*process)->Call(start, kAdoptTimeout);
  }
  OnState(entry, answer->state());
  LogInfo("vm-adopted", {{"vm", entry->vm.name()}, {"pid", answer->pid()}});
}

void VmTable::Watch(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process) {
  {
    std::lock_guard lock(mutex_);
    entry->process = process;
    entry->killed_by_us = false;
  }
  process->Watch({.on_state = [this, entry](vm::v1::State state) { OnState(entry, state); },
                  .on_console = [this] { changed_.notify_all(); },
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
  {
    std::lock_guard lock(mutex_);
    *entry->vm.mutable_last_exit() = ending.exit;
    entry->vm.clear_pid();
    entry->process.reset();
  }
  const absl::Status stored = Move(entry, ending.state, ending.reason);
  if (!stored.ok()) LogError("vm-state-not-stored", {{"error", stored.message()}});
}

absl::StatusOr<Vm> VmTable::Create(const emud::v1::CreateVmRequest& request) {
  Vm vm;
  vm.set_name(request.name());
  *vm.mutable_spec() = request.spec();
  *vm.mutable_labels() = request.labels();
  ApplyDefaults(*vm.mutable_spec());
  RETURN_IF_ERROR(CheckName(vm.name()));
  RETURN_IF_ERROR(CheckSpec(vm.spec()));
  RETURN_IF_ERROR(OpenFiles(vm).status());
  vm.set_uid(NewUid());
  vm.set_state(Vm::CREATING);
  *vm.mutable_create_time() = TimeUtil::GetCurrentTime();
  *vm.mutable_update_time() = vm.create_time();
  EntryPtr entry;
  {
    std::lock_guard lock(mutex_);
    if (vms_.contains(vm.name())) return errors::NameInUse(vm.name());
    // The intent is stored before anything is made: what a crash leaves is then known.
    RETURN_IF_ERROR(store_->Put(vm));
    entry = std::make_shared<Entry>(absl::StrCat(state_dir_, "/vms/", vm.uid()));
    entry->vm = vm;
    vms_[vm.name()] = entry;
  }
  if (const absl::Status made = entry->directory.Create(); !made.ok()) {
    entry->directory.Remove();
    std::lock_guard lock(mutex_);
    vms_.erase(vm.name());
    (void)store_->Remove(vm.uid());
    return made;
  }
  RETURN_IF_ERROR(Move(entry, Vm::STOPPED, "CREATED"));
  return Copy(entry);
}

absl::StatusOr<Vm> VmTable::Get(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  return Copy(entry);
}

std::vector<Vm> VmTable::List() {
  std::lock_guard lock(mutex_);
  std::vector<Vm> vms;
  for (const auto& [name, entry] : vms_) vms.push_back(entry->vm);
  return vms;
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
    return errors::StartFailed(name, absl::InvalidArgumentError(settled->last_exit().message()));
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
  vm::v1::Request hello;
  hello.mutable_hello()->set_protocol_min(1);
  hello.mutable_hello()->set_protocol_max(1);
  absl::StatusOr<vm::v1::Response> answer = (*process)->Call(hello, kStartTimeout);
  // What went wrong is in the process record, which the watcher reads.
  if (!answer.ok()) return absl::OkStatus();
  (*process)->SetVmPid(answer->pid());
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

absl::Status VmTable::Delete(const std::string& name, bool force) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  if (force && HasProcess(Copy(entry).state())) RETURN_IF_ERROR(EndProcess(entry, true));
  std::lock_guard operation(entry->operation);
  const Vm vm = Copy(entry);
  if (!IsLegalMove(vm.state(), Vm::DELETING)) {
    return errors::WrongState(name, "delete", Vm::State_Name(vm.state()),
                              "stop it first or delete with force");
  }
  RETURN_IF_ERROR(Move(entry, Vm::DELETING, ""));
  entry->directory.Remove();
  RETURN_IF_ERROR(store_->Remove(vm.uid()));
  std::lock_guard lock(mutex_);
  vms_.erase(name);
  changed_.notify_all();
  return absl::OkStatus();
}

absl::StatusOr<Vm> VmTable::Wait(const std::string& name,
                                 const std::function<bool(const Vm&)>& is_enough,
                                 Clock::time_point deadline,
                                 const std::function<bool()>& is_cancelled) {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto it = vms_.find(name);
    if (it == vms_.end()) return errors::VmNotFound(name);
    if (is_enough(it->second->vm)) return it->second->vm;
    const Clock::time_point now = Clock::now();
    if (now >= deadline || is_cancelled()) {
      return errors::WaitTimedOut(name, Vm::State_Name(it->second->vm.state()));
    }
    changed_.wait_until(lock, std::min(deadline, now + milliseconds(200)));
  }
}

absl::StatusOr<std::shared_ptr<ConsoleReader>> VmTable::OpenConsole(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard lock(mutex_);
  if (entry->console == nullptr) {
    ASSIGN_OR_RETURN(entry->console, ConsoleReader::Open(entry->directory.console_path()));
  }
  return entry->console;
}

absl::Status VmTable::TypeIntoConsole(const std::string& name, const std::string& bytes) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::shared_ptr<VmProcess> process;
  {
    std::lock_guard lock(mutex_);
    process = entry->process;
  }
  // A console without a running VM takes what is typed and forgets it, as a serial line does.
  if (process == nullptr) return absl::OkStatus();
  vm::v1::Request request;
  request.mutable_console_input()->set_data(bytes);
  const absl::Status typed = process->Call(std::move(request), kCallTimeout).status();
  return absl::IsDeadlineExceeded(typed) ? errors::VmNotResponding(name, "console input")
                                         : absl::OkStatus();
}

void VmTable::WaitForConsole() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, milliseconds(100));
}

}  // namespace emu::daemon
