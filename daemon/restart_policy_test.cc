#include "daemon/restart_policy.h"

#include <gtest/gtest.h>

#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {
namespace {

using emud::v1::Lifecycle;
using emud::v1::Vm;
using google::protobuf::util::TimeUtil;
using std::chrono::seconds;
using std::chrono::system_clock;

Vm Ended(Lifecycle::RestartPolicy policy, Vm::State state, const std::string& reason) {
  Vm vm;
  vm.mutable_spec()->mutable_lifecycle()->set_restart_policy(policy);
  vm.set_state(state);
  vm.set_state_reason(reason);
  return vm;
}

bool IsRestarted(Vm vm, bool was_stopping = false) {
  PlanRestart(vm, was_stopping, system_clock::now());
  return vm.has_next_restart_time();
}

TEST(RestartPolicyTest, EachPolicyRestartsItsEndings) {
  const struct {
    Vm::State state;
    const char* reason;
    bool on_crash, always;
  } endings[] = {{Vm::CRASHED, "KILLED_BY_SIGNAL", true, true},
                 {Vm::CRASHED, "OUT_OF_MEMORY", true, true},
                 {Vm::STOPPED, "GUEST_POWER_OFF", false, true},
                 {Vm::STOPPED, "GUEST_FAILED", false, true},
                 {Vm::STOPPED, "STOPPED", false, false},
                 {Vm::STOPPED, "STOPPED_BY_FORCE", false, false},
                 {Vm::STOPPED, "START_FAILED", false, false}};
  for (const auto& ending : endings) {
    EXPECT_FALSE(IsRestarted(Ended(Lifecycle::NEVER, ending.state, ending.reason)));
    EXPECT_EQ(IsRestarted(Ended(Lifecycle::ON_CRASH, ending.state, ending.reason)), ending.on_crash)
        << ending.reason;
    EXPECT_EQ(IsRestarted(Ended(Lifecycle::ALWAYS, ending.state, ending.reason)), ending.always)
        << ending.reason;
    EXPECT_FALSE(IsRestarted(Ended(Lifecycle::ALWAYS, ending.state, ending.reason), true));
  }
}

TEST(RestartPolicyTest, ARestartThatFailsIsTriedAgain) {
  Vm vm = Ended(Lifecycle::ON_CRASH, Vm::STOPPED, "START_FAILED");
  vm.set_restart_count(1);
  EXPECT_TRUE(IsRestarted(vm));
}

TEST(RestartPolicyTest, OneThatWaitsInAPoolIsNotRestarted) {
  Vm vm = Ended(Lifecycle::ALWAYS, Vm::CRASHED, "EXITED");
  vm.set_pool_uid("pool");
  EXPECT_FALSE(IsRestarted(vm));
  vm.mutable_acquire_time()->set_seconds(1);
  EXPECT_TRUE(IsRestarted(vm));
}

TEST(RestartPolicyTest, TheBackoffDoublesUpToAMinute) {
  Vm vm = Ended(Lifecycle::ALWAYS, Vm::CRASHED, "EXITED");
  const auto now = system_clock::now();
  std::vector<int64_t> waits;
  for (int i = 0; i < 8; ++i) {
    PlanRestart(vm, false, now);
    waits.push_back(TimeUtil::DurationToSeconds(vm.restart_backoff()));
  }
  EXPECT_EQ(waits, (std::vector<int64_t>{1, 2, 4, 8, 16, 32, 60, 60}));
}

TEST(RestartPolicyTest, AGoodRunBeginsTheBackoffAnew) {
  Vm vm = Ended(Lifecycle::ALWAYS, Vm::CRASHED, "EXITED");
  *vm.mutable_start_time() = WallClockNow();
  vm.mutable_restart_backoff()->set_seconds(32);
  Vm later = vm;
  PlanRestart(vm, false, system_clock::now() + seconds(50));
  EXPECT_EQ(vm.restart_backoff().seconds(), 60);
  PlanRestart(later, false, system_clock::now() + seconds(61));
  EXPECT_EQ(later.restart_backoff().seconds(), 1);
}

}  // namespace
}  // namespace emu::daemon
