#include "client/console_program.h"

#include <gtest/gtest.h>
#include <stdio.h>

#include <array>
#include <string>

#include "absl/strings/str_replace.h"

namespace emu::client {
namespace {

// What a terminal would show of a shell that was told `line`, without the echo.
std::string RunLine(const std::string& line) {
  FILE* const file = fopen("line.sh", "we");
  fputs(line.c_str(), file);
  fclose(file);
  FILE* const shell = popen("sh line.sh 2>&1", "re");
  std::string said;
  std::array<char, 4096> bytes;
  while (const size_t size = fread(bytes.data(), 1, bytes.size(), shell)) {
    said.append(bytes.data(), size);
  }
  pclose(shell);
  remove("line.sh");
  return absl::StrReplaceAll(said, {{"\n", "\r\n"}});
}

class MarkedOutputTest : public testing::TestWithParam<size_t> {
 protected:
  std::string Take(const std::string& said) {
    std::string own;
    for (size_t at = 0; at < said.size(); at += GetParam()) {
      own += marked_.Take(std::string_view(said).substr(at, GetParam()));
    }
    return own;
  }
  MarkedOutput marked_{"a1b2"};
};

TEST_P(MarkedOutputTest, WhatLiesBetweenIsTheProgram) {
  const std::string line = marked_.LineFor("echo out; echo '<a1b2'; exit 42");
  const std::string echo = absl::StrReplaceAll(line, {{"\n", "\r\n"}});
  EXPECT_EQ(Take("login: x\r\n# " + echo + RunLine(line) + "# "), "out\n<a1b2\n");
  EXPECT_EQ(marked_.code(), 42);
}

TEST_P(MarkedOutputTest, AnEndWithoutALineEndIsOne) {
  EXPECT_EQ(Take(RunLine(marked_.LineFor("printf abc; false"))), "abc");
  EXPECT_EQ(marked_.code(), 1);
}

TEST_P(MarkedOutputTest, TheEchoIsNoBegin) {
  EXPECT_EQ(Take("# " + marked_.LineFor("true")), "");
  EXPECT_FALSE(marked_.has_begun());
  EXPECT_FALSE(marked_.code().has_value());
}

TEST_P(MarkedOutputTest, AnEndThatIsNoneIsAFailure) {
  Take("<a1b2>\r\n<a1b2:nonsense>");
  EXPECT_EQ(marked_.code(), kExecFailed);
}

INSTANTIATE_TEST_SUITE_P(Pieces, MarkedOutputTest, testing::Values(1, 2, 3, 7, 1000));

}  // namespace
}  // namespace emu::client
