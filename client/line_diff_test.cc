#include "client/line_diff.h"

#include <gtest/gtest.h>

namespace emu::client {
namespace {

TEST(LineDiffTest, EqualTextsDifferInNothing) { EXPECT_EQ(LineDiff("a\nb\n", "a\nb\n"), ""); }

TEST(LineDiffTest, WhatStaysIsShownOnceAroundWhatChanges) {
  EXPECT_EQ(LineDiff("a\nb\nc\n", "a\nx\nc\nd\n"), " a\n-b\n+x\n c\n+d\n");
}

TEST(LineDiffTest, ANewTextIsAllNew) { EXPECT_EQ(LineDiff("", "a\nb\n"), "+a\n+b\n"); }

TEST(LineDiffTest, ATextThatGoesIsAllGone) { EXPECT_EQ(LineDiff("a\n", ""), "-a\n"); }

TEST(LineDiffTest, ALineThatMovesGoesAndComes) {
  EXPECT_EQ(LineDiff("a\nb\n", "b\na\n"), "-a\n b\n+a\n");
}

}  // namespace
}  // namespace emu::client
