// Keys by their names, as a terminal sends them (ECMA-48, VT100).
#pragma once

#include <string>
#include <string_view>

namespace emu::client {

struct KeyName {
  std::string_view name;
  std::string_view bytes;
};

inline constexpr KeyName kKeyNames[] = {
    {"enter", "\r"},       {"tab", "\t"},         {"space", " "},          {"escape", "\x1b"},
    {"backspace", "\x7f"}, {"up", "\x1b[A"},      {"down", "\x1b[B"},      {"right", "\x1b[C"},
    {"left", "\x1b[D"},    {"home", "\x1b[H"},    {"end", "\x1b[F"},       {"insert", "\x1b[2~"},
    {"delete", "\x1b[3~"}, {"pageup", "\x1b[5~"}, {"pagedown", "\x1b[6~"},
};

// "enter", "ctrl-c"; empty for a key that is not known.
inline std::string BytesOfKey(std::string_view name) {
  for (const KeyName& key : kKeyNames) {
    if (key.name == name) return std::string(key.bytes);
  }
  constexpr std::string_view kControl = "ctrl-";
  if (name.size() != kControl.size() + 1 || !name.starts_with(kControl)) return "";
  const char letter = name.back();
  // @ to _ in the column above: a letter counts as its capital.
  const bool is_letter = letter >= 'a' && letter <= 'z';
  const bool is_sign = letter >= '[' && letter <= '_';
  if (!is_letter && !is_sign) return "";
  return std::string(1, static_cast<char>(letter & 0x1f));
}

}  // namespace emu::client
