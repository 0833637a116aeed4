// Spans of time as people write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace emu::client {

// "90", "90s", "5m", "1h" or "30d", at most nine digits; false for anything else.
inline bool ParseSeconds(std::string_view text, int64_t& seconds) {
  const size_t digits = text.find_first_not_of("0123456789");
  const std::string_view number = text.substr(0, digits);
  const std::string_view unit = digits == std::string_view::npos ? "" : text.substr(digits);
  if (number.empty() || number.size() > 9) return false;
  std::from_chars(number.data(), number.data() + number.size(), seconds);
  if (unit == "m") seconds *= 60;
  if (unit == "h") seconds *= 3600;
  if (unit == "d") seconds *= 24 * 3600;
  return unit.empty() || unit == "s" || unit == "m" || unit == "h" || unit == "d";
}

}  // namespace emu::client
