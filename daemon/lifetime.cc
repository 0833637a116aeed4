#include "daemon/lifetime.h"

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/pools/membership.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Lifecycle;
using google::protobuf::Duration;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr int64_t kShortestSeconds = 1;
constexpr int64_t kLongestSeconds = int64_t{10} * 365 * 24 * 3600;

absl::Status CheckTime(const char* field, const Duration& time) {
  if (time.seconds() >= kShortestSeconds && time.seconds() <= kLongestSeconds) {
    return absl::OkStatus();
  }
  return errors::InvalidField(field, absl::StrCat(TimeUtil::ToString(time), " is not possible"),
                              "give a second to ten years, or leave it out");
}

// `last`: of those that are possible.
absl::Status CheckAction(const char* field, Lifecycle::IdleAction action,
                         Lifecycle::IdleAction last) {
  if (action >= 0 && action <= last) return absl::OkStatus();
  return errors::InvalidField(field, absl::StrCat("there is no action ", action, " there"),
                              last == Lifecycle::LEAVE ? "give SUSPEND, STOP, DELETE or LEAVE"
                                                       : "give STOP, DELETE or SUSPEND");
}

}  // namespace

absl::Status CheckLifecycle(const Lifecycle& lifecycle) {
  if (lifecycle.has_ttl()) RETURN_IF_ERROR(CheckTime("spec.lifecycle.ttl", lifecycle.ttl()));
  if (lifecycle.has_idle_timeout()) {
    RETURN_IF_ERROR(CheckTime("spec.lifecycle.idle_timeout", lifecycle.idle_timeout()));
  }
  RETURN_IF_ERROR(CheckAction("spec.lifecycle.on_idle", lifecycle.on_idle(), Lifecycle::SUSPEND));
  RETURN_IF_ERROR(
      CheckAction("spec.lifecycle.on_expiry", lifecycle.on_expiry(), Lifecycle::SUSPEND));
  RETURN_IF_ERROR(CheckAction("spec.lifecycle.on_host_shutdown", lifecycle.on_host_shutdown(),
                              Lifecycle::LEAVE));
  return absl::OkStatus();
}

void PlanExpiry(emud::v1::Vm& vm) {
  vm.clear_expire_time();
  if (!vm.spec().lifecycle().has_ttl() || IsInPool(vm)) return;
  const Timestamp& made = vm.has_acquire_time() ? vm.acquire_time() : vm.create_time();
  const bool is_from_start = vm.start_time() > made && ExpiryAction(vm) != Lifecycle::DELETE;
  *vm.mutable_expire_time() =
      (is_from_start ? vm.start_time() : made) + vm.spec().lifecycle().ttl();
}

Lifecycle::IdleAction ExpiryAction(const emud::v1::Vm& vm) {
  const Lifecycle::IdleAction action = vm.spec().lifecycle().on_expiry();
  return action == Lifecycle::IDLE_ACTION_UNSPECIFIED ? Lifecycle::DELETE : action;
}

Lifecycle::IdleAction IdleAction(const emud::v1::Vm& vm) {
  const Lifecycle::IdleAction action = vm.spec().lifecycle().on_idle();
  return action == Lifecycle::IDLE_ACTION_UNSPECIFIED ? Lifecycle::STOP : action;
}

bool IsExpired(const emud::v1::Vm& vm, std::chrono::system_clock::time_point now) {
  return vm.has_expire_time() && vm.expire_time() <= ToTimestamp(now);
}

bool WasIdle(const VmActivity& before, const VmActivity& now) {
  using Seconds = std::chrono::duration<double>;
  const Seconds span = now.time - before.time;
  return !before.is_attached && !now.is_attached && now.console_bytes == before.console_bytes &&
         now.inputs == before.inputs && Seconds(now.cpu_time - before.cpu_time) < kIdleShare * span;
}

}  // namespace emu::daemon
