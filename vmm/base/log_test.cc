#include "vmm/base/log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace emu {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(LogRateLimiterTest, LetsTheBurstThroughThenRefusesAndCounts) {
  LogRateLimiter limiter(3, 1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.AllowAt(100 * kSecond));
  EXPECT_FALSE(limiter.AllowAt(100 * kSecond));
  EXPECT_FALSE(limiter.AllowAt(100 * kSecond));
  EXPECT_EQ(limiter.suppressed(), 2u);
}

TEST(LogRateLimiterTest, RefillsAtItsRate) {
  LogRateLimiter limiter(1, 2);
  EXPECT_TRUE(limiter.AllowAt(kSecond));
  EXPECT_FALSE(limiter.AllowAt(kSecond + kSecond / 4));
  EXPECT_TRUE(limiter.AllowAt(kSecond + kSecond / 2));
}

TEST(LogTest, WritesKeysAndQuotesWhatNeedsIt) {
  testing::internal::CaptureStderr();
  LogInfo("vm-started",
          {{"vm", "web1"}, {"pid", 42}, {"why", "two words\n"}, HexField("pc", 0x1f)});
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find("info vm-started vm=web1 pid=42 why=\"two words\\x0a\" pc=0x1f\n"),
            std::string::npos)
      << line;
}

TEST(LogTest, TellsTheTimeInUtc) {
  const auto before =
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  testing::internal::CaptureStderr();
  LogInfo("now");
  const std::string line = testing::internal::GetCapturedStderr();
  const auto after = std::chrono::system_clock::now();
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  char rest[16] = {};
  ASSERT_EQ(std::sscanf(line.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %15[a-z ]", &year, &month, &day,
                        &hour, &minute, &second, &ms, rest),
            8);
  EXPECT_STREQ(rest, "info now");
  const auto shown = std::chrono::sys_days(std::chrono::year(year) / month / day) +
                     std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::seconds(second) + std::chrono::milliseconds(ms);
  EXPECT_GE(shown, before);
  EXPECT_LE(shown, after);
}

}  // namespace
}  // namespace emu
