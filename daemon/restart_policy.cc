#include "daemon/restart_policy.h"

#include <algorithm>

#include "daemon/pools/membership.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {
namespace {

using emud::v1::Lifecycle;
using emud::v1::Vm;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using std::chrono::system_clock;

bool IsToRestart(const Vm& vm) {
  const bool guest_ended =
      vm.state_reason() == "GUEST_POWER_OFF" || vm.state_reason() == "GUEST_FAILED";
  // The first start's failure is its caller's to hear of; a restart's is nobody's.
  const bool restart_failed = vm.state_reason() == "START_FAILED" && vm.restart_count() > 0;
  const Lifecycle::RestartPolicy policy = vm.spec().lifecycle().restart_policy();
  if (policy != Lifecycle::ON_CRASH && policy != Lifecycle::ALWAYS) return false;
  if (IsInPool(vm)) return false;  // another one takes its place
  return vm.state() == Vm::CRASHED || restart_failed ||
         (guest_ended && policy == Lifecycle::ALWAYS);
}

system_clock::time_point ToTime(const google::protobuf::Timestamp& time) {
  return system_clock::time_point(milliseconds(TimeUtil::TimestampToMilliseconds(time)));
}

}  // namespace

void PlanRestart(Vm& vm, bool was_stopping, system_clock::time_point now) {
  if (was_stopping || !IsToRestart(vm)) return;
  const bool ran_well = vm.has_start_time() && now - ToTime(vm.start_time()) >= kGoodRun;
  const milliseconds last(TimeUtil::DurationToMilliseconds(vm.restart_backoff()));
  const milliseconds backoff =
      ran_well ? milliseconds(kFirstBackoff)
               : std::clamp(2 * last, milliseconds(kFirstBackoff), milliseconds(kLongestBackoff));
  const auto due = std::chrono::duration_cast<milliseconds>((now + backoff).time_since_epoch());
  *vm.mutable_restart_backoff() = TimeUtil::MillisecondsToDuration(backoff.count());
  *vm.mutable_next_restart_time() = TimeUtil::MillisecondsToTimestamp(due.count());
}

void CancelRestart(Vm& vm) { vm.clear_next_restart_time(); }

}  // namespace emu::daemon
