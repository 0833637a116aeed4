// What becomes of a VM by itself: what its process says, its end, its restart, a new daemon.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/lifetime.h"
#include "daemon/pools/membership.h"
#include "daemon/restart_policy.h"
#include "daemon/vm_ending.h"
#include "daemon/vm_files.h"
#include "daemon/vm_images.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using std::chrono::system_clock;
using Kind = VmRecords::Kind;

constexpr milliseconds kAdoptTimeout(500);
// After which nobody believes any more what an earlier daemon has stored.
constexpr milliseconds kSilence(5000);
// How long all of them together keep the API waiting.
constexpr milliseconds kRecoverPatience(250);
constexpr size_t kConsoleTailBytes = 4096;

// Threads that somebody waits for, but not for ever.
struct Countdown {
  std::mutex mutex;
  std::condition_variable reached;
  size_t left = 0;
};

bool IsStarting(const Vm& vm) { return vm.state() == Vm::STARTING || vm.state() == Vm::RESTORING; }

// Who has a VM of a pool run, by whichever way, has acquired it.
void NoteAcquired(Vm& running) {
  if (!IsInPool(running)) return;
  *running.mutable_acquire_time() = WallClockNow();
  PlanExpiry(running);
}

bool IsAboutToWait(const VmPtr& vm) {
  return vm != nullptr && IsStarting(*vm) && IsInPool(*vm) && vm->state_reason() == kWaiting;
}

bool IsForced(const Vm& vm) { return vm.state() == Vm::STOPPING && vm.state_reason() == kByForce; }

// Whether the record tells of a process that was started after `vm` had ended last.
bool HasNewProcess(const VmDirectory& directory, const Vm& vm) {
  const ProcessRecordLayout record = directory.ReadRecord();
  if (record.identity.magic != kProcessRecordMagic) return false;
  const bool has_ended = record.exit.magic == kProcessRecordMagic;
  return !has_ended || !vm.has_last_exit() ||
         TimeUtil::NanosecondsToTimestamp(record.exit.time_ns) != vm.last_exit().time();
}

}  // namespace

absl::Status VmTable::Recover() {
  RETURN_IF_ERROR(records_.Load());
  RETURN_IF_ERROR(drain_.Load());
  const auto adopting = std::make_shared<Countdown>();
  for (const VmPtr& vm : records_.List().vms) {
    const EntryPtr entry = AddEntry(vm->uid());
    if (vm->state() == Vm::CREATING) {
      UnmakeOrFail(entry, {});
    } else if (vm->state() == Vm::DELETING) {
      RETURN_IF_ERROR(Unmake(entry, {}));
    } else if (HasProcess(vm->state())) {
      {
        std::lock_guard lock(adopting->mutex);
        ++adopting->left;
      }
      // All at once, so that one that is silent delays no other.
      std::thread([this, entry, adopting] {
        Adopt(entry);
        {
          std::lock_guard lock(adopting->mutex);
          if (--adopting->left == 0) adopting->reached.notify_all();
        }
        DoubtIfSilent(entry);
      }).detach();
    } else {
      if (const absl::Status back = ArriveBack(entry); !back.ok()) {
        LogError("vm-not-gone-back", {{"vm", vm->name()}, {"error", back.message()}});
        continue;
      }
      // What an earlier daemon did not come to removing.
      const VmPtr now = records_.Find(vm->uid());
      if (now->state() != Vm::SUSPENDED) (void)entry->directory.RemoveState();
      DropOverlays(entry->directory.path(), vm->spec());
      RestartWhenDue(entry);
    }
  }
  std::unique_lock lock(adopting->mutex);
  adopting->reached.wait_for(lock, kRecoverPatience, [&] { return adopting->left == 0; });
  return absl::OkStatus();
}

void VmTable::Adopt(const EntryPtr& entry) {
  std::lock_guard operation(entry->operation);
  const VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr) return;
  absl::StatusOr<std::shared_ptr<VmProcess>> process = AdoptVm(entry->uid, entry->directory);
  if (!process.ok()) {
    const bool was_begun = !IsStarting(*vm) || HasNewProcess(entry->directory, *vm);
    was_begun ? OnEnd(entry) : StartAnew(entry);
    return;
  }
  {
    std::lock_guard lock(mutex_);
    entry->pid = vm->pid();
  }
  Watch(entry, *process);
  if (IsForced(*vm)) (*process)->Kill();
  absl::StatusOr<vm::v1::Response> answer = (*process)->Call(HelloRequest(), kAdoptTimeout);
  // One that answers later is taken up then: the watcher sees to it.
  if (answer.ok()) {
    OnHello(entry, **process, *answer);
  } else {
    LogWarning("vm-adopted-silent", {{"vm", vm->name()}, {"error", answer.status().message()}});
  }
}

void VmTable::DoubtIfSilent(const EntryPtr& entry) {
  const std::shared_ptr<VmProcess> process = ProcessOf(entry);
  if (process == nullptr) return;
  const absl::Status answered = process->Call(HelloRequest(), kSilence).status();
  // One that answers now, or connects anew, says itself what it does.
  if (absl::IsDeadlineExceeded(answered)) (void)Move(entry, {Vm::UNKNOWN, "SILENT"});
}

// Its start was stored, and then the daemon died before there was a process.
void VmTable::StartAnew(const EntryPtr& entry) {
  const VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr) return;
  LogInfo("vm-start-anew", {{"vm", vm->name()}});
  const absl::Status spawned = Launch(entry, {vm->state(), ""});
  if (spawned.ok()) return;
  LogWarning("vm-start-failed", {{"vm", vm->name()}, {"error", spawned.message()}});
  (void)FailStart(entry);
}

void VmTable::NoteHello(const EntryPtr& entry, const VmProcess& process,
                        const vm::v1::Response& answer) {
  const uint32_t pid = process.pid();
  std::lock_guard lock(mutex_);
  entry->pid = pid;
  if (answer.has_sandbox()) entry->sandbox = answer.sandbox();
}

void VmTable::OnHello(const EntryPtr& entry, VmProcess& process, const vm::v1::Response& answer) {
  NoteHello(entry, process, answer);
  const VmPtr stored = records_.Find(entry->uid);
  if (stored == nullptr) return;
  OnState(entry, answer.state(), answer.disk_error());
  vm::v1::Request request;
  if (stored->state() == Vm::STOPPING) {
    request.mutable_stop();
    process.Tell(request);
  } else if (answer.state() == vm::v1::STOPPED) {
    BeginGuest(entry, process);  // spawned, but never told to start
  } else if (stored->state() == Vm::PAUSED && stored->state_reason() == kAcquired) {
    request.mutable_resume();  // acquired, but never told to go on
    process.Tell(request);
  }
  LogInfo("vm-taken-up", {{"vm", stored->name()}, {"pid", process.pid()}});
}

void VmTable::Watch(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process) {
  {
    std::lock_guard lock(mutex_);
    entry->process = process;
  }
  process->Watch(
      {.on_state =
           [this, entry](const vm::v1::Event::StateChanged& changed) {
             OnState(entry, changed.state(), changed.disk_error());
           },
       .on_console = [this] { console_moved_.notify_all(); },
       .on_save =
           [this, entry](const vm::v1::Event::SaveAdvanced& saving) {
             std::lock_guard lock(mutex_);
             entry->saving.set_done_bytes(saving.done_bytes());
             entry->saving.set_total_bytes(saving.total_bytes());
           },
       .on_hello = [this, entry, process = process.get()](
                       const vm::v1::Response& answer) { OnHello(entry, *process, answer); },
       .on_end = [this, entry] { OnEnd(entry); }});
  KeepNetworks(entry, process);
}

void VmTable::KeepNetworks(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process) {
  const VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr || vm->spec().nics().empty()) return;
  const auto networks = std::make_shared<VmNetworks>(
      VmNetworks::Surroundings{.uid = entry->uid,
                               .directory = entry->directory,
                               .program = jailer_.net_program(),
                               .requires_sandbox = jailer_.requires_sandbox(),
                               .process = process,
                               .current = [this, uid = entry->uid] { return records_.Find(uid); }});
  {
    std::lock_guard lock(mutex_);
    if (entry->process != process) return;  // it has ended already
    entry->networks = networks;
  }
  std::thread([networks] { networks->Run(); }).detach();
}

void VmTable::OnState(const EntryPtr& entry, vm::v1::State state,
                      const vm::v1::DiskError& disk_error) {
  {
    std::lock_guard lock(mutex_);
    if (entry->is_suspension_asked) return;
  }
  if (state == vm::v1::RUNNING && IsAboutToWait(records_.Find(entry->uid))) {
    // A program that does not know how to. Were it somebody's now, others would be made for ever.
    LogError("vm-does-not-wait", {{"uid", entry->uid}});
    if (const auto process = ProcessOf(entry); process != nullptr) process->Kill();
    return;
  }
  // Starting and stopping are this side's words first; the end is the process's.
  if (state == vm::v1::RUNNING) (void)Move(entry, {Vm::RUNNING, "", Kind::kFact, {}, NoteAcquired});
  const bool is_io_error = disk_error.error() != 0;
  if (state == vm::v1::PAUSED) {
    const VmPtr vm = records_.Find(entry->uid);
    const bool is_to_wait = vm != nullptr && IsInPool(*vm);
    const char* const reason = is_io_error ? "IO_ERROR" : is_to_wait ? kWaiting : "USER";
    (void)Move(entry, {Vm::PAUSED, reason});
  }
  if (is_io_error) {
    LogWarning("vm-paused-by-disk",
               {{"uid", entry->uid}, {"disk", disk_error.disk()}, {"errno", disk_error.error()}});
  }
  // Asked by an earlier daemon.
  if (state == vm::v1::SUSPENDING) (void)Move(entry, {Vm::SUSPENDING, "USER"});
}

void VmTable::OnEnd(const EntryPtr& entry) {
  const VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr) return;
  const bool was_stopping = vm->state() == Vm::STOPPING;
  Ending ending = ReadEnding(entry->directory, IsForced(*vm), IsStarting(*vm));
  // Until its guest began, nothing was lost.
  if (vm->state() == Vm::RESTORING && entry->directory.HasState()) {
    ending.state = Vm::SUSPENDED;
    ending.reason = "RESTORE_FAILED";
  }
  // Stopping was wanted since.
  if (ending.state == Vm::SUSPENDED && was_stopping) {
    ending.state = Vm::STOPPED;
    ending.reason = "STOPPED";
  }
  absl::StatusOr<std::shared_ptr<ConsoleReader>> console =
      ConsoleReader::Open(entry->directory.console_path());
  if (console.ok()) ending.exit.set_console_tail((*console)->Tail(kConsoleTailBytes));
  const bool is_by_itself = vm->state_reason() == kByIdleness || vm->state_reason() == kByTtl ||
                            vm->state_reason() == kByDrain;
  const bool was_wanted = was_stopping || vm->state() == Vm::SUSPENDING;
  if (was_wanted && is_by_itself && ending.state != Vm::CRASHED) ending.reason = vm->state_reason();
  if (ending.state != Vm::SUSPENDED) (void)entry->directory.RemoveState();
  entry->directory.RemoveSockets();
  entry->directory.RemoveCgroups();
  {
    std::lock_guard lock(mutex_);
    if (entry->networks != nullptr) entry->networks->End();
    entry->networks.reset();
    entry->process.reset();
    entry->pid = 0;
    entry->sandbox.reset();
  }
  const auto end = [&](Vm& now) {
    *now.mutable_last_exit() = ending.exit;
    now.clear_idle();
    PlanRestart(now, was_stopping, system_clock::now());
  };
  (void)Move(entry, {ending.state, ending.reason, Kind::kFact, {}, end});
  RestartWhenDue(entry);
}

void VmTable::RestartWhenDue(const EntryPtr& entry) {
  const VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr || !vm->has_next_restart_time()) return;
  std::thread([this, entry, due = vm->next_restart_time()] {
    const auto is_off = [&due](const Vm& now) { return now.next_restart_time() != due; };
    const milliseconds left(TimeUtil::DurationToMilliseconds(due - WallClockNow()));
    // However the host's clock has jumped.
    const milliseconds patience = std::clamp(left, milliseconds(0), milliseconds(kLongestBackoff));
    const absl::Status waited = WaitUntil(entry, is_off, patience).status();
    if (absl::IsDeadlineExceeded(waited)) Restart(entry, due);
  }).detach();
}

void VmTable::Restart(const EntryPtr& entry, const Timestamp& due) {
  std::lock_guard operation(entry->operation);
  const VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr || vm->next_restart_time() != due) return;
  const auto count = [](Vm& starting) {
    *starting.mutable_start_time() = WallClockNow();
    starting.set_restart_count(starting.restart_count() + 1);
    CancelRestart(starting);
  };
  const absl::Status launched = Launch(entry, {Vm::STARTING, "RESTART", Kind::kIntent, {}, count});
  if (launched.ok()) return;
  LogWarning("vm-restart-failed", {{"vm", vm->name()}, {"error", launched.message()}});
  // It did not come to a process: a disk that is gone, say.
  const auto try_later = [&](Vm& now) -> absl::StatusOr<bool> {
    if (now.next_restart_time() != due) return false;
    now.set_state_reason("START_FAILED");
    now.set_restart_count(now.restart_count() + 1);
    now.mutable_last_exit()->set_message(std::string(launched.message()));
    PlanRestart(now, false, system_clock::now());
    return true;
  };
  (void)records_.Change(entry->uid, {Kind::kFact, Event::VM_STATE_CHANGED, {}}, try_later);
  RestartWhenDue(entry);
}

}  // namespace emu::daemon
