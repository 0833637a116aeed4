#include "daemon/lifetime.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "daemon/process_usage.h"
#include "google/protobuf/util/time_util.h"

namespace emu::daemon {
namespace {

using emud::v1::Lifecycle;
using emud::v1::Vm;
using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::chrono::steady_clock::time_point kStart{};

VmActivity After(milliseconds span) {
  VmActivity activity;
  activity.time = kStart + span;
  return activity;
}

TEST(LifetimeTest, AVmExpiresItsTimeToLiveAfterItWasMade) {
  Vm vm;
  *vm.mutable_create_time() = TimeUtil::SecondsToTimestamp(1000);
  vm.mutable_spec()->mutable_lifecycle()->mutable_ttl()->set_seconds(60);
  PlanExpiry(vm);
  EXPECT_EQ(vm.expire_time().seconds(), 1060);
  EXPECT_FALSE(IsExpired(vm, system_clock::time_point(std::chrono::seconds(1059))));
  EXPECT_TRUE(IsExpired(vm, system_clock::time_point(std::chrono::seconds(1060))));
}

TEST(LifetimeTest, WithoutATimeToLiveItNeverExpires) {
  Vm vm;
  *vm.mutable_expire_time() = TimeUtil::SecondsToTimestamp(1);  // of a spec that was updated
  PlanExpiry(vm);
  EXPECT_FALSE(IsExpired(vm, system_clock::now()));
}

TEST(LifetimeTest, TheTimeOfAVmOfAPoolBeginsWhenItIsAcquired) {
  Vm vm;
  vm.set_pool_uid("pool");
  *vm.mutable_create_time() = *vm.mutable_start_time() = TimeUtil::SecondsToTimestamp(1000);
  Lifecycle& lifecycle = *vm.mutable_spec()->mutable_lifecycle();
  lifecycle.mutable_ttl()->set_seconds(60);
  PlanExpiry(vm);
  EXPECT_FALSE(vm.has_expire_time());
  *vm.mutable_acquire_time() = TimeUtil::SecondsToTimestamp(5000);
  for (const Lifecycle::IdleAction action : {Lifecycle::DELETE, Lifecycle::STOP}) {
    lifecycle.set_on_expiry(action);
    PlanExpiry(vm);
    EXPECT_EQ(vm.expire_time().seconds(), 5060);
  }
}

TEST(LifetimeTest, NothingThatHappenedIsIdle) {
  EXPECT_TRUE(WasIdle(After(milliseconds(0)), After(milliseconds(1000))));
}

TEST(LifetimeTest, EachUseCountsByItself) {
  const VmActivity before = After(milliseconds(0));
  VmActivity wrote = After(milliseconds(1000));
  wrote.console_bytes = 1;
  EXPECT_FALSE(WasIdle(before, wrote));
  VmActivity typed = After(milliseconds(1000));
  typed.inputs = 1;
  EXPECT_FALSE(WasIdle(before, typed));
  VmActivity attached = After(milliseconds(1000));
  attached.is_attached = true;
  EXPECT_FALSE(WasIdle(before, attached));
  EXPECT_FALSE(WasIdle(attached, After(milliseconds(2000))));
}

TEST(LifetimeTest, AFewTimersOfTheGuestAreNoUse) {
  VmActivity now = After(milliseconds(1000));
  now.cpu_time = milliseconds(49);
  EXPECT_TRUE(WasIdle(After(milliseconds(0)), now));
  now.cpu_time = milliseconds(50);
  EXPECT_FALSE(WasIdle(After(milliseconds(0)), now));
}

TEST(LifetimeTest, TimesMustBePossible) {
  Lifecycle lifecycle;
  EXPECT_TRUE(CheckLifecycle(lifecycle).ok());
  lifecycle.mutable_ttl()->set_nanos(1);
  EXPECT_EQ(CheckLifecycle(lifecycle).code(), absl::StatusCode::kInvalidArgument);
  lifecycle.mutable_ttl()->set_seconds(1);
  EXPECT_TRUE(CheckLifecycle(lifecycle).ok());
  lifecycle.mutable_idle_timeout()->set_seconds(-5);
  EXPECT_EQ(CheckLifecycle(lifecycle).code(), absl::StatusCode::kInvalidArgument);
}

TEST(LifetimeTest, ActionsMustBePossibleWhereTheyAre) {
  for (const int action : {static_cast<int>(Lifecycle::LEAVE), Lifecycle::LEAVE + 1, -1}) {
    Lifecycle lifecycle;
    lifecycle.set_on_idle(static_cast<Lifecycle::IdleAction>(action));
    EXPECT_FALSE(CheckLifecycle(lifecycle).ok()) << action;
    lifecycle.clear_on_idle();
    lifecycle.set_on_expiry(static_cast<Lifecycle::IdleAction>(action));
    EXPECT_FALSE(CheckLifecycle(lifecycle).ok()) << action;
    lifecycle.clear_on_expiry();
    lifecycle.set_on_host_shutdown(static_cast<Lifecycle::IdleAction>(action));
    EXPECT_EQ(CheckLifecycle(lifecycle).ok(), action == Lifecycle::LEAVE) << action;
  }
}

TEST(LifetimeTest, WhatIsDoneIsSaidWhereNobodyHasSaidIt) {
  Vm vm;
  EXPECT_EQ(ExpiryAction(vm), Lifecycle::DELETE);
  EXPECT_EQ(IdleAction(vm), Lifecycle::STOP);
  vm.mutable_spec()->mutable_lifecycle()->set_on_expiry(Lifecycle::SUSPEND);
  vm.mutable_spec()->mutable_lifecycle()->set_on_idle(Lifecycle::DELETE);
  EXPECT_EQ(ExpiryAction(vm), Lifecycle::SUSPEND);
  EXPECT_EQ(IdleAction(vm), Lifecycle::DELETE);
}

TEST(LifetimeTest, ATimeThatEndsWithoutADeletionBeginsWithTheStart) {
  Vm vm;
  vm.mutable_create_time()->set_seconds(100);
  vm.mutable_start_time()->set_seconds(1000);
  Lifecycle& lifecycle = *vm.mutable_spec()->mutable_lifecycle();
  lifecycle.mutable_ttl()->set_seconds(5);
  PlanExpiry(vm);
  EXPECT_EQ(vm.expire_time().seconds(), 105);
  lifecycle.set_on_expiry(Lifecycle::SUSPEND);
  PlanExpiry(vm);
  EXPECT_EQ(vm.expire_time().seconds(), 1005);
}

TEST(ProcessUsageTest, TellsWhatThisProcessHasTaken) {
  const auto before = ReadProcessUsage(static_cast<uint32_t>(getpid()));
  ASSERT_TRUE(before.has_value());
  const std::string touched(size_t{64} << 20, 'x');
  std::optional<ProcessUsage> now = before;
  // Until the clock of processes has ticked.
  while (now.has_value() && now->cpu_time == before->cpu_time) {
    now = ReadProcessUsage(static_cast<uint32_t>(getpid()));
  }
  ASSERT_TRUE(now.has_value());
  // The kernel counts pages in batches of each thread.
  EXPECT_GE(now->resident_bytes, before->resident_bytes + touched.size() / 2);
}

TEST(ProcessUsageTest, NoProcessHasTakenNothing) { EXPECT_FALSE(ReadProcessUsage(0).has_value()); }

}  // namespace
}  // namespace emu::daemon
