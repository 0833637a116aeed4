// Sizes as people write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace emu::client {

// "512M" or "2G", with or without "iB", at most nine digits; false for anything else, and nothing.
inline bool ParseMib(std::string_view text, uint64_t& mib) {
  const size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits > 9 || digits == std::string_view::npos) return false;
  const std::string_view unit = text.substr(digits);
  std::from_chars(text.data(), text.data() + digits, mib);
  const bool is_gib = unit == "G" || unit == "GiB";
  if (is_gib) mib <<= 10;
  return mib != 0 && (is_gib || unit == "M" || unit == "MiB");
}

}  // namespace emu::client
