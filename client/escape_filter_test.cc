#include "client/escape_filter.h"

#include <gtest/gtest.h>

namespace emu::client {
namespace {

TEST(EscapeFilterTest, LeavesAtTildeDotAtTheStartOfALineOnly) {
  EscapeFilter filter(true);
  EXPECT_FALSE(filter.Filter("a~.").wants_to_leave);
  EXPECT_TRUE(filter.Filter("\r~.").wants_to_leave);
}

TEST(EscapeFilterTest, SeesAnEscapeTypedInTwoPieces) {
  EscapeFilter filter(true);
  EXPECT_EQ(filter.Filter("~").bytes, "");
  EXPECT_TRUE(filter.Filter(".").wants_to_leave);
}

TEST(EscapeFilterTest, PassesATildeOnThatMeansNothing) {
  EscapeFilter filter(true);
  EXPECT_EQ(filter.Filter("~/x\r~~y").bytes, "~/x\r~y");
}

TEST(EscapeFilterTest, TildeTAsksForTheKeyboard) {
  EscapeFilter filter(true);
  const auto result = filter.Filter("~tls");
  EXPECT_TRUE(result.wants_keyboard);
  EXPECT_EQ(result.bytes, "ls");
}

TEST(EscapeFilterTest, TouchesNothingOfAPipe) {
  EscapeFilter filter(false);
  EXPECT_EQ(filter.Filter("~.").bytes, "~.");
}

}  // namespace
}  // namespace emu::client
