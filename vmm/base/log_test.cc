#include "vmm/base/log.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace emu
