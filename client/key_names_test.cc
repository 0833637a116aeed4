#include "client/key_names.h"

#include <gtest/gtest.h>

#include "client/duration.h"

namespace emu::client {
namespace {

TEST(KeyNamesTest, NamesAreWhatATerminalSends) {
  EXPECT_EQ(BytesOfKey("enter"), "\r");
  EXPECT_EQ(BytesOfKey("ctrl-c"), "\x03");
  EXPECT_EQ(BytesOfKey("ctrl-]"), "\x1d");
  EXPECT_EQ(BytesOfKey("up"), "\x1b[A");
}

TEST(KeyNamesTest, OtherNamesAreNone) {
  for (const char* name : {"", "ctrl-", "ctrl-C", "ctrl-cc", "Enter", "f99"}) {
    EXPECT_EQ(BytesOfKey(name), "") << name;
  }
}

TEST(DurationTest, HasUnitsAndLimits) {
  int64_t seconds = 0;
  EXPECT_TRUE(ParseSeconds("90", seconds) && seconds == 90);
  EXPECT_TRUE(ParseSeconds("5m", seconds) && seconds == 300);
  EXPECT_TRUE(ParseSeconds("1h", seconds) && seconds == 3600);
  EXPECT_TRUE(ParseSeconds("2d", seconds) && seconds == 172800);
  for (const char* text : {"", "s", "-1s", "5w", "1234567890s", "5 m"}) {
    EXPECT_FALSE(ParseSeconds(text, seconds)) << text;
  }
}

}  // namespace
}  // namespace emu::client
