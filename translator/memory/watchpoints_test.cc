#include "translator/memory/watchpoints.h"

#include <gtest/gtest.h>

namespace emu::translator {
namespace {

using Kind = StopPoint::Kind;

TEST(WatchpointsTest, AnAccessHitsWhatItTouches) {
  Watchpoints watchpoints;
  watchpoints.Add({Kind::kWrite, 0x1004, 4});
  EXPECT_NE(watchpoints.Find(0x1004, 4, false, true), nullptr);
  EXPECT_NE(watchpoints.Find(0x1000, 8, false, true), nullptr);
  EXPECT_NE(watchpoints.Find(0x1007, 1, false, true), nullptr);
  EXPECT_EQ(watchpoints.Find(0x1008, 8, false, true), nullptr);
  EXPECT_EQ(watchpoints.Find(0x1000, 4, false, true), nullptr);
  EXPECT_EQ(watchpoints.Find(0x1004, 4, true, false), nullptr);
}

TEST(WatchpointsTest, ReadsWritesAndBoth) {
  Watchpoints watchpoints;
  watchpoints.Add({Kind::kRead, 0x1000, 8});
  EXPECT_NE(watchpoints.Find(0x1000, 8, true, false), nullptr);
  EXPECT_EQ(watchpoints.Find(0x1000, 8, false, true), nullptr);
  watchpoints.Remove({Kind::kRead, 0x1000, 8});
  watchpoints.Add({Kind::kAccess, 0x1000, 8});
  EXPECT_NE(watchpoints.Find(0x1000, 8, true, false), nullptr);
  EXPECT_NE(watchpoints.Find(0x1000, 8, false, true), nullptr);
}

TEST(WatchpointsTest, EveryPageThatIsTouchedIsWatched) {
  Watchpoints watchpoints;
  watchpoints.Add({Kind::kWrite, 0x1ffc, 8});
  EXPECT_FALSE(watchpoints.WatchesPage(0x0));
  EXPECT_TRUE(watchpoints.WatchesPage(0x1000));
  EXPECT_TRUE(watchpoints.WatchesPage(0x2000));
  EXPECT_FALSE(watchpoints.WatchesPage(0x3000));
  watchpoints.Add({Kind::kWrite, UINT64_MAX - 3, 4});
  EXPECT_TRUE(watchpoints.WatchesPage(0xffff'ffff'ffff'f000));
}

}  // namespace
}  // namespace emu::translator
