#include "client/reference/suggestion.h"

#include <gtest/gtest.h>

namespace emu::client {
namespace {

const std::vector<std::string>& Verbs() {
  static const auto* const kVerbs =
      new std::vector<std::string>{"create", "list", "start", "stop", "rm", "reset"};
  return *kVerbs;
}

TEST(SuggestionTest, SlipsOfEveryKindLeadToTheWordThatWasMeant) {
  for (const char* word : {"strat", "sart", "startt", "stark"}) {
    EXPECT_EQ(NearestWord(word, Verbs()), "start") << word;
  }
}

TEST(SuggestionTest, ASwapIsOneSlipSoThatItBeatsTwo) {
  EXPECT_EQ(NearestWord("sotp", {"soap", "stop"}), "soap");
  EXPECT_EQ(NearestWord("sotp", {"spot", "stop"}), "stop");
}

TEST(SuggestionTest, WhatIsFarFromAllIsNotGuessed) {
  EXPECT_EQ(NearestWord("delete", Verbs()), "");
  EXPECT_EQ(NearestWord("x", {"rm"}), "");
  EXPECT_EQ(DidYouMean("delete", Verbs()), "");
}

TEST(SuggestionTest, IsAskedAsAQuestion) {
  EXPECT_EQ(DidYouMean("--forse", {"--force"}), " Did you mean '--force'?");
}

}  // namespace
}  // namespace emu::client
