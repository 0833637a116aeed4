#include "daemon/reaper.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/pools/membership.h"
#include "daemon/vm_states.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Lifecycle;
using emud::v1::Vm;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::chrono::seconds kPeriod(1);
// Looks are a tenth of the timeout apart, so that a burst between two of them counts, and a VM's
// record changes rarely.
constexpr milliseconds kLongestSpan(30'000);
constexpr std::chrono::seconds kSuspendPause(60);  // after an attempt that failed

milliseconds IdleTimeout(const Vm& vm) {
  return milliseconds(TimeUtil::DurationToMilliseconds(vm.spec().lifecycle().idle_timeout()));
}

}  // namespace

Reaper::Reaper(VmTable& vms) : vms_(vms) {
  std::thread([this] { Main(); }).detach();
}

void Reaper::Main() {
  while (true) {
    std::set<std::string> known;
    for (const VmPtr& vm : vms_.records().List().vms) {
      known.insert(vm->uid());
      LookAt(*vm);
    }
    std::erase_if(watched_, [&known](const auto& row) { return !known.contains(row.first); });
    std::this_thread::sleep_for(kPeriod);
  }
}

void Reaper::LookAt(const Vm& vm) {
  if (IsInPool(vm)) return;  // its life has not begun
  const Lifecycle& lifecycle = vm.spec().lifecycle();
  {
    std::lock_guard lock(mutex_);
    if (ending_.contains(vm.uid())) return;
  }
  const bool is_up = vm.state() == Vm::RUNNING || vm.state() == Vm::PAUSED;
  const auto is_to_be_done = [&](Lifecycle::IdleAction action) {
    return action == Lifecycle::DELETE ? !lifecycle.protected_() : is_up;
  };
  if (IsExpired(vm, system_clock::now()) && is_to_be_done(ExpiryAction(vm))) {
    End(vm, Why::kTtl);
  } else if (lifecycle.has_idle_timeout() && is_up) {
    if (IsIdleForLong(vm) && is_to_be_done(IdleAction(vm))) End(vm, Why::kIdle);
  } else {
    watched_.erase(vm.uid());
    if (vm.has_idle()) NoteUse(vm);
  }
}

bool Reaper::IsIdleForLong(const Vm& vm) {
  const std::optional<VmActivity> now = vms_.ActivityOf(vm.uid());
  if (!now.has_value()) return false;
  Watched& watched = watched_[vm.uid()];
  if (!FindLastLook(vm, *now, watched)) return false;
  const milliseconds timeout = IdleTimeout(vm);
  if (now->time - watched.last.time >= std::min(timeout / 10, kLongestSpan)) {
    const VmActivity before = std::exchange(watched.last, *now);
    if (!WasIdle(before, *now)) {
      if (vm.has_idle()) NoteUse(vm);
      return false;
    }
    if (!vm.has_idle()) {
      watched.idle_since = before.time;
      NoteIdle(vm, before);
    }
  }
  return vm.has_idle() && now->time - watched.idle_since >= timeout;
}

bool Reaper::FindLastLook(const Vm& vm, const VmActivity& now, Watched& watched) {
  if (watched.pid == vm.pid()) return true;
  watched = {vm.pid(), now, now.time};
  if (!vm.has_idle()) return false;
  // An earlier daemon's. The host's clock may have jumped, and says no better.
  const milliseconds ago(TimeUtil::DurationToMilliseconds(WallClockNow() - vm.idle().since_time()));
  watched.idle_since = now.time - std::max(ago, milliseconds(0));
  watched.last.time = watched.idle_since;
  watched.last.console_bytes = vm.idle().console_bytes();
  watched.last.cpu_time = milliseconds(TimeUtil::DurationToMilliseconds(vm.idle().cpu_time()));
  return true;
}

void Reaper::NoteIdle(const Vm& vm, const VmActivity& since) {
  const auto edit = [&](Vm& now) -> absl::StatusOr<bool> {
    if (now.pid() != vm.pid()) return false;
    emud::v1::Idleness& idle = *now.mutable_idle();
    *idle.mutable_since_time() = ToTimestamp(
        system_clock::now() - std::chrono::duration_cast<milliseconds>(Clock::now() - since.time));
    idle.set_console_bytes(since.console_bytes);
    *idle.mutable_cpu_time() = TimeUtil::MillisecondsToDuration(since.cpu_time.count());
    return true;
  };
  (void)vms_.records().Change(vm.uid(), {VmRecords::Kind::kFact, Event::VM_UPDATED, {}}, edit);
}

void Reaper::NoteUse(const Vm& vm) {
  const auto edit = [](Vm& now) -> absl::StatusOr<bool> {
    const bool was_idle = now.has_idle();
    now.clear_idle();
    return was_idle;
  };
  (void)vms_.records().Change(vm.uid(), {VmRecords::Kind::kFact, Event::VM_UPDATED, {}}, edit);
}

// On a thread of its own: a guest may take its time to stop.
void Reaper::End(const Vm& vm, Why why) {
  {
    std::lock_guard lock(mutex_);
    ending_.insert(vm.uid());
  }
  std::thread([this, vm, why] {
    const absl::Status ended = EndNow(vm, why);
    if (!ended.ok() && failures_.Allow()) {
      LogWarning("vm-not-reaped", {{"vm", vm.name()}, {"error", ended.message()}});
    }
    // Each attempt holds the guest up.
    const bool is_costly = ActionOf(vm, why) == Lifecycle::SUSPEND;
    if (!ended.ok() && is_costly) std::this_thread::sleep_for(kSuspendPause);
    std::lock_guard lock(mutex_);
    ending_.erase(vm.uid());
  }).detach();
}

Lifecycle::IdleAction Reaper::ActionOf(const Vm& vm, Why why) {
  return why == Why::kTtl ? ExpiryAction(vm) : IdleAction(vm);
}

absl::Status Reaper::EndNow(const Vm& vm, Why why) {
  // Who looks at a breakpoint leaves no trace in the guest.
  if (why == Why::kIdle && vms_.HasGdb(vm.name())) {
    NoteUse(vm);
    return absl::OkStatus();
  }
  const Lifecycle::IdleAction action = ActionOf(vm, why);
  LogInfo("vm-reaped", {{"vm", vm.name()},
                        {"why", why == Why::kTtl ? "ttl" : "idle_timeout"},
                        {"action", Lifecycle::IdleAction_Name(action)}});
  const char* const reason = why == Why::kTtl ? kByTtl : kByIdleness;
  if (action == Lifecycle::SUSPEND) return vms_.Suspend(vm.name(), {}, reason).status();
  if (action != Lifecycle::DELETE) return vms_.StopByItself(vm.uid(), reason);
  emud::v1::DeleteVmRequest request;
  request.set_name(vm.name());
  request.set_force(true);
  request.set_etag(vm.etag());  // what has changed is looked at again
  return vms_.Delete(request, {});
}

}  // namespace emu::daemon
