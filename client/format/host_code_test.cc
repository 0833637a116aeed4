#include "client/format/host_code.h"

#include <gtest/gtest.h>

namespace emu::client {
namespace {

constexpr char kTrace[] =
    "block 0x80000000\nhost:\n"
    "  7f1000: 48 8b 03 48 83 c0 01 48 89 03 e8 00 00 00 00 90\n"
    "  7f1010: 0f\n  7f1011: 0b\nguest:\n  80000000: 00150513  addi a0, a0, 1\n";
constexpr char kExpected[] =
    "block 0x80000000\nhost:\n"
    "  7f1000: mov rax, qword ptr [rbx]\n  7f1003: add rax, 1\n"
    "  7f1007: mov qword ptr [rbx], rax\n  7f100a: call 0x7f100f\n  7f100f: nop \n"
    "  7f1010: ud2 \nguest:\n  80000000: 00150513  addi a0, a0, 1\n";

TEST(HostCodeFilter, RowsOfBytesBecomeInstructions) {
  HostCodeFilter filter;
  std::string out = filter.Feed(kTrace);
  EXPECT_EQ(out + filter.Finish(), kExpected);
}

TEST(HostCodeFilter, WhereverTheTextIsCut) {
  HostCodeFilter filter;
  std::string out;
  for (const char c : std::string_view(kTrace)) out += filter.Feed({&c, 1});
  EXPECT_EQ(out + filter.Finish(), kExpected);
}

TEST(HostCodeFilter, CodeAtTheEndIsNotLost) {
  HostCodeFilter filter;
  EXPECT_EQ(filter.Feed("  10: c3\n"), "");
  EXPECT_EQ(filter.Finish(), "  10: ret \n");
}

TEST(HostCodeFilter, WhatIsNoRowStays) {
  constexpr char kText[] = "  10:\n  10: c3c3\n  xy: c3\n 10: c3\n  10: c3 \nhalf";
  HostCodeFilter filter;
  std::string out = filter.Feed(kText);
  EXPECT_EQ(out + filter.Finish(), kText);
}

}  // namespace
}  // namespace emu::client
