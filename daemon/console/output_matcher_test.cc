#include "daemon/console/output_matcher.h"

#include <gtest/gtest.h>

#include <string>

namespace emu::daemon {
namespace {

OutputMatcher Make(const std::string& regex) { return *OutputMatcher::Create(regex); }

TEST(OutputMatcherTest, FindsWhatComesInPieces) {
  OutputMatcher matcher = Make("log(in|out): ");
  EXPECT_FALSE(matcher.Add(0, "debian lo").has_value());
  EXPECT_FALSE(matcher.Add(9, "gin").has_value());
  const auto match = matcher.Add(12, ": ");
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ(match->offset, 7u);
  EXPECT_EQ(match->text, "login: ");
  EXPECT_EQ(match->groups, std::vector<std::string>{"in"});
}

TEST(OutputMatcherTest, KeepsAWindowOfAStreamOfAnyLength) {
  OutputMatcher matcher = Make("needle");
  const std::string hay(60 * 1024, 'x');
  uint64_t offset = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(matcher.Add(offset, hay).has_value());
    offset += hay.size();
    EXPECT_LE(matcher.kept_bytes(), OutputMatcher::kWindowBytes + 1);
  }
  EXPECT_FALSE(matcher.Add(offset, "nee").has_value());
  const auto match = matcher.Add(offset + 3, "dle");
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ(match->offset, offset);
}

TEST(OutputMatcherTest, KnowsWhereALineBeginsBeyondItsWindow) {
  OutputMatcher matcher = Make("^x");
  EXPECT_FALSE(matcher.Add(0, "y" + std::string(60 * 1024, 'x')).has_value());
  EXPECT_FALSE(matcher.Add(60 * 1024 + 1, std::string(60 * 1024, 'x')).has_value());
  EXPECT_FALSE(matcher.Add(120 * 1024 + 1, "x").has_value());
  const auto match = matcher.Add(120 * 1024 + 2, "\nx");
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ(match->offset, 120 * 1024 + 3u);
}

TEST(OutputMatcherTest, AGapIsPartOfNoMatch) {
  OutputMatcher matcher = Make("ab");
  EXPECT_FALSE(matcher.Add(0, "a").has_value());
  EXPECT_FALSE(matcher.Add(2, "b").has_value());
}

TEST(OutputMatcherTest, RefusesWhatIsNoRegexOrTooLarge) {
  for (const std::string& regex : {std::string("(a"), std::string(),
                                   std::string("((a{100}){100}){100}"), std::string(5000, 'a')}) {
    EXPECT_EQ(OutputMatcher::Create(regex).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace emu::daemon
