// The tilde escapes of a console, as ssh has them: they count at the start of a line only.
#pragma once

#include <string>
#include <string_view>

namespace emu::client {

class EscapeFilter {
 public:
  // Without `enabled` everything passes: a pipe has no escapes.
  explicit EscapeFilter(bool enabled) : enabled_(enabled) {}

  struct Result {
    std::string bytes;  // for the guest
    bool wants_to_leave = false;
    bool wants_help = false;
    bool wants_keyboard = false;  // to take it from who has it
  };
  Result Filter(std::string_view typed) {
    if (!enabled_) return {std::string(typed)};
    Result result;
    for (const char c : typed) {
      if (after_tilde_) {
        after_tilde_ = false;
        if (c == '.') {
          result.wants_to_leave = true;
          return result;
        }
        if (c == '?') {
          result.wants_help = true;
          continue;
        }
        if (c == 't') {
          result.wants_keyboard = true;
          continue;
        }
        if (c != '~') result.bytes += '~';
      } else if (c == '~' && at_line_start_) {
        after_tilde_ = true;
        continue;
      }
      result.bytes += c;
      at_line_start_ = c == '\r' || c == '\n';
    }
    return result;
  }

 private:
  const bool enabled_;
  bool at_line_start_ = true;
  bool after_tilde_ = false;
};

}  // namespace emu::client
