#include "translator/guest/aarch64/encodings.h"

#include <algorithm>
#include <array>

#include "translator/guest/aarch64/encodings_base.h"
#include "translator/guest/aarch64/encodings_memory.h"
#include "translator/guest/aarch64/encodings_system.h"

namespace emu::translator::aarch64 {
namespace {

template <size_t... sizes>
constexpr auto Joined(const std::array<Encoding, sizes>&... families) {
  std::array<Encoding, (sizes + ...)> all = {};
  auto next = all.begin();
  ((next = std::ranges::copy(families, next).out), ...);
  return all;
}

constexpr std::array kEncodings = Joined(kBaseEncodings, kMemoryEncodings, kSystemEncodings);

// Two rows that share an instruction: then the first must be a special case of the second, and no
// copy of it.
constexpr bool IsUnambiguous() {
  for (size_t first = 0; first < kEncodings.size(); ++first) {
    for (size_t second = first + 1; second < kEncodings.size(); ++second) {
      const Encoding& a = kEncodings[first];
      const Encoding& b = kEncodings[second];
      if (((a.match ^ b.match) & a.mask & b.mask) != 0) continue;
      if (a.mask == b.mask || (b.mask & ~a.mask) != 0) return false;
    }
  }
  return true;
}
static_assert(IsUnambiguous());

}  // namespace

std::span<const Encoding> Encodings() { return kEncodings; }

}  // namespace emu::translator::aarch64
