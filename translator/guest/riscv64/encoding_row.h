// How a row of the encoding table is written.
#pragma once

#include <string_view>

#include "translator/guest/riscv64/encodings.h"

namespace emu::translator::riscv64 {

// `pattern` has a character for each bit, the highest first; a dot is a bit that is open.
constexpr Encoding Row(std::string_view pattern, std::string_view mnemonic, Format format,
                       void (*lift)(Lifter&)) {
  Encoding row = {0, 0, static_cast<uint8_t>(pattern.size() / 8), mnemonic, format, lift};
  for (const char bit : pattern) {
    row.mask = row.mask << 1 | (bit != '.');
    row.match = row.match << 1 | (bit == '1');
  }
  return row;
}

}  // namespace emu::translator::riscv64
