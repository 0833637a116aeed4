// Whether bytes are text: RFC 3629 s. 4.
#pragma once

#include <cstdint>
#include <string_view>

namespace emu::client {

inline bool IsUtf8(std::string_view text) {
  // Of characters of 2 to 4 bytes, by the first byte's upper bits.
  struct Form {
    uint8_t mask, lead;
    uint32_t least;
  };
  constexpr Form kForms[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
  constexpr uint32_t kFirstSurrogate = 0xd800, kLastSurrogate = 0xdfff, kMost = 0x10ffff;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<uint8_t>(text[i++]);
    if (first < 0x80) continue;
    size_t form = 0;
    while (form < 3 && (first & kForms[form].mask) != kForms[form].lead) ++form;
    if (form == 3 || text.size() - i < form + 1) return false;
    uint32_t character = first & static_cast<uint8_t>(~kForms[form].mask);
    for (size_t end = i + form + 1; i < end; ++i) {
      const auto next = static_cast<uint8_t>(text[i]);
      if ((next & 0xc0) != 0x80) return false;
      character = character << 6 | (next & 0x3f);
    }
    if (character < kForms[form].least || character > kMost ||
        (character >= kFirstSurrogate && character <= kLastSurrogate)) {
      return false;
    }
  }
  return true;
}

}  // namespace emu::client
