#include "client/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace emu::client {
namespace {

TEST(Utf8Test, TextIs) {
  for (const char* text : {"", "plain\n", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, OtherBytesAreNot) {
  // Alone, cut off, longer than need be, surrogates, beyond the last character.
  for (const char* bytes : {"\x80", "\xff", "a\xc2", "\xe0\xa0", "\xf0\x90\x80",
                            "\xc2"
                            "a",
                            "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
                            "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace emu::client
