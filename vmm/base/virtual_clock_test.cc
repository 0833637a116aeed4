#include "vmm/base/virtual_clock.h"

#include <gtest/gtest.h>

#include <chrono>

namespace emu {
namespace {

void SleepMs(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

TEST(VirtualClockTest, StandsStillUntilStartedAndWhileStopped) {
  VirtualClock clock;
  SleepMs(2);
  EXPECT_EQ(clock.NowNs(), 0u);
  clock.Start();
  SleepMs(2);
  clock.Stop();
  const uint64_t stopped_at = clock.NowNs();
  EXPECT_GE(stopped_at, 2'000'000u);
  SleepMs(2);
  EXPECT_EQ(clock.NowNs(), stopped_at);
  clock.Start();
  EXPECT_GE(clock.NowNs(), stopped_at);
}

TEST(VirtualClockTest, FiresExpiredTimersOnceInOrderOfDeadline) {
  VirtualClock clock;
  std::vector<int> fired;
  const auto late = clock.NewTimer([&] { fired.push_back(2); });
  const auto early = clock.NewTimer([&] { fired.push_back(1); });
  const auto never = clock.NewTimer([&] { fired.push_back(3); });
  late->Arm(2);
  early->Arm(1);
  never->Arm(UINT64_MAX - 1);
  EXPECT_EQ(clock.NextDeadlineHostNs(), UINT64_MAX);  // stopped
  clock.RunExpired();
  EXPECT_TRUE(fired.empty());
  clock.Start();
  SleepMs(1);
  clock.RunExpired();
  clock.RunExpired();
  EXPECT_EQ(fired, (std::vector{1, 2}));
}

TEST(VirtualClockTest, ATimerThatRearmsItselfInThePastDoesNotHoldTheLoop) {
  VirtualClock clock;
  int count = 0;
  std::unique_ptr<ClockTimer> timer;
  timer = clock.NewTimer([&] {
    ++count;
    timer->Arm(0);
  });
  timer->Arm(0);
  clock.Start();
  clock.RunExpired();
  EXPECT_EQ(count, 1);
}

TEST(VirtualClockTest, WakesOnlyForANearerDeadline) {
  VirtualClock clock;
  clock.Start();
  int wakes = 0;
  clock.SetWake([&] { ++wakes; });
  const auto a = clock.NewTimer([] {});
  const auto b = clock.NewTimer([] {});
  a->Arm(1'000'000'000'000);
  EXPECT_EQ(wakes, 1);
  b->Arm(2'000'000'000'000);
  EXPECT_EQ(wakes, 1);
  b->Arm(500'000'000'000);
  EXPECT_EQ(wakes, 2);
}

TEST(VirtualClockTest, WhoTakesADeadlineWaitsForItAlone) {
  VirtualClock clock;
  clock.Start();
  const auto timer = clock.NewTimer([] { FAIL() << "it was taken"; });
  EXPECT_EQ(timer->Take(), UINT64_MAX);
  timer->Arm(1);
  int wakes = 0;
  clock.SetWake([&] { ++wakes; });
  EXPECT_EQ(timer->Take(), 1u);
  EXPECT_EQ(wakes, 1) << "the loop still waits for it";
  EXPECT_EQ(clock.NextDeadlineHostNs(), UINT64_MAX);
  clock.RunExpired();
}

TEST(VirtualClockTest, AMomentIsFoundOnTheHostsClock) {
  VirtualClock clock;
  EXPECT_EQ(clock.HostTimeOf(1'000'000'000'000), UINT64_MAX) << "it stands still";
  clock.Start();
  const uint64_t first = clock.HostTimeOf(1'000'000'000'000);
  EXPECT_EQ(clock.HostTimeOf(UINT64_MAX), UINT64_MAX);
  EXPECT_LT(clock.HostTimeOf(0), first);
  EXPECT_NEAR(static_cast<double>(clock.HostTimeOf(1'500'000'000'000) - first), 5e11, 1e8);
}

TEST(VirtualClockTest, DestroyingATimerWaitsForItsCallback) {
  VirtualClock clock;
  clock.Start();
  std::atomic<bool> entered = false;
  std::atomic<bool> left = false;
  auto timer = clock.NewTimer([&] {
    entered = true;
    SleepMs(20);
    left = true;
  });
  timer->Arm(0);
  std::thread loop([&] { clock.RunExpired(); });
  while (!entered) std::this_thread::yield();
  timer.reset();
  EXPECT_TRUE(left);
  loop.join();
}

}  // namespace
}  // namespace emu
