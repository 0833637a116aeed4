#include "translator/runtime/breakpoints.h"

#include <gtest/gtest.h>

#include <vector>

namespace emu::translator {
namespace {

TEST(BreakpointsTest, AreFoundWhereTheyWerePut) {
  Breakpoints breakpoints;
  EXPECT_FALSE(breakpoints.Contains(0x1000));
  breakpoints.Add(0x1008);
  breakpoints.Add(0x1002);
  breakpoints.Add(0x1008);
  EXPECT_EQ(breakpoints.size(), 2u);
  EXPECT_TRUE(breakpoints.Contains(0x1002));
  EXPECT_TRUE(breakpoints.Contains(0x1008));
  EXPECT_FALSE(breakpoints.Contains(0x1004));
  EXPECT_FALSE(breakpoints.Contains(0x2008));
  const std::vector<uint16_t> offsets(breakpoints.PageOf(0x1ffe).offsets.begin(),
                                      breakpoints.PageOf(0x1ffe).offsets.end());
  EXPECT_EQ(offsets, (std::vector<uint16_t>{2, 8}));
}

TEST(BreakpointsTest, ThoseThatComeAndGoLeaveThePageAsItWas) {
  Breakpoints breakpoints;
  breakpoints.Add(0x1008);
  const uint32_t variant = breakpoints.PageOf(0x1000).variant;
  EXPECT_NE(variant, 0u);
  breakpoints.Add(0x1010);
  EXPECT_NE(breakpoints.PageOf(0x1000).variant, variant);
  breakpoints.Remove(0x1010);
  EXPECT_EQ(breakpoints.PageOf(0x1000).variant, variant);
  breakpoints.Remove(0x1008);
  breakpoints.Remove(0x1008);
  EXPECT_EQ(breakpoints.PageOf(0x1000).variant, 0u);
  EXPECT_TRUE(breakpoints.empty());
}

}  // namespace
}  // namespace emu::translator
