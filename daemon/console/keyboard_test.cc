#include "daemon/console/keyboard.h"

#include <gtest/gtest.h>

namespace emu::daemon {
namespace {

TEST(KeyboardTest, TheFirstThatTypesHasItUntilItLeaves) {
  Keyboard keyboard;
  const uint64_t a = keyboard.Join();
  const uint64_t b = keyboard.Join();
  EXPECT_TRUE(keyboard.Claim(a, "unix:1"));
  EXPECT_TRUE(keyboard.Claim(a, "unix:1"));
  EXPECT_FALSE(keyboard.Claim(b, "unix:2"));
  EXPECT_EQ(keyboard.holder(), "unix:1");
  keyboard.Leave(a);
  EXPECT_EQ(keyboard.holder(), "");
  EXPECT_TRUE(keyboard.Claim(b, "unix:2"));
  EXPECT_EQ(keyboard.sessions(), 1u);
}

TEST(KeyboardTest, WhoTakesItHasItAndWhoLostItMayLeaveWithoutHarm) {
  Keyboard keyboard;
  const uint64_t a = keyboard.Join();
  const uint64_t b = keyboard.Join();
  EXPECT_TRUE(keyboard.Claim(a, "unix:1"));
  keyboard.Take(b, "unix:2");
  EXPECT_FALSE(keyboard.IsHeldBy(a));
  EXPECT_FALSE(keyboard.Claim(a, "unix:1"));
  keyboard.Leave(a);
  EXPECT_TRUE(keyboard.IsHeldBy(b));
  EXPECT_EQ(keyboard.holder(), "unix:2");
}

}  // namespace
}  // namespace emu::daemon
