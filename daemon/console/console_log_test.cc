#include "daemon/console/console_log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace emu::daemon {
namespace {

constexpr ConsoleLogLimits kSmall = {.segment_bytes = 10, .segments = 3};

class ConsoleLogTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/console-XXXXXX";
    root_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::shared_ptr<ConsoleLog> Open() { return ConsoleLog::Open(root_ + "/log", kSmall); }
  std::string root_;
};

TEST_F(ConsoleLogTest, KeepsTheLastSegmentsAndNoMore) {
  const auto log = Open();
  const std::string text(95, 'x');
  ASSERT_TRUE(log->Append(0, text + "tail!").ok());
  EXPECT_EQ(log->begin(), 70u);
  EXPECT_EQ(log->end(), 100u);
  EXPECT_EQ(log->bytes(), 30u);
  EXPECT_EQ(log->dropped(), 0u);  // rotated away, but it was here
  EXPECT_EQ(log->Read(0, 100).offset, 70u);
  EXPECT_EQ(log->Read(95, 100).data, "tail!");
  EXPECT_EQ(log->Read(100, 100).data, "");
  size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(root_ + "/log")) {
    ++files;
  }
  EXPECT_EQ(files, 3u);
}

TEST_F(ConsoleLogTest, GoesOnWhereAnEarlierDaemonEnded) {
  ASSERT_TRUE(Open()->Append(0, "one two three").ok());
  const auto log = Open();
  EXPECT_EQ(log->end(), 13u);
  ASSERT_TRUE(log->Append(13, " four").ok());
  EXPECT_EQ(log->Read(0, 100).data, "one two th");
  EXPECT_EQ(log->Read(10, 100).data, "ree four");
}

TEST_F(ConsoleLogTest, CountsAndShowsWhatNeverCame) {
  ASSERT_TRUE(Open()->Append(5, "abc").ok());
  ASSERT_TRUE(Open()->Append(20, "def").ok());
  const auto log = Open();
  EXPECT_EQ(log->dropped(), 5u + 12u);
  EXPECT_EQ(log->Read(6, 100).data, "bc");
  const ConsoleReader::Bytes behind = log->Read(8, 100);
  EXPECT_EQ(behind.offset, 20u);
  EXPECT_EQ(behind.data, "def");
}

TEST_F(ConsoleLogTest, ADiskThatTakesNothingCostsNoOldByte) {
  const auto log = Open();
  ASSERT_TRUE(log->Append(0, std::string(30, 'x')).ok());
  std::filesystem::rename(root_ + "/log", root_ + "/away");
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(log->Append(30, "y").ok());
  std::filesystem::rename(root_ + "/away", root_ + "/log");
  EXPECT_EQ(log->Read(0, 10).data, std::string(10, 'x'));
  EXPECT_TRUE(log->Append(31, "z").ok());
  EXPECT_EQ(log->dropped(), 1u);
}

}  // namespace
}  // namespace emu::daemon
