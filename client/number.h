// Numbers as people write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace emu::client {

// "0x80200000" or "4096"; false for anything else.
inline bool ParseNumber(std::string_view text, uint64_t& number) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stopped == end;
}

}  // namespace emu::client
