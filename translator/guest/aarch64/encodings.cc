#include "translator/guest/aarch64/encodings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "translator/guest/aarch64/encodings_base.h"
#include "translator/guest/aarch64/encodings_crypto.h"
#include "translator/guest/aarch64/encodings_float.h"
#include "translator/guest/aarch64/encodings_memory.h"
#include "translator/guest/aarch64/encodings_system.h"
#include "translator/guest/aarch64/encodings_vector.h"
#include "translator/guest/aarch64/encodings_vector_float.h"
#include "translator/guest/aarch64/encodings_vector_memory.h"
#include "translator/guest/aarch64/encodings_vector_shift.h"

namespace emu::translator::aarch64 {
namespace {

constexpr std::array kEncodings =
    Joined(kBaseEncodings, kMemoryEncodings, kSystemEncodings, kFloatEncodings, kVectorEncodings,
           kVectorShiftEncodings, kVectorFloatEncodings, kVectorMemoryEncodings, kCryptoEncodings);

// Two rows that share an instruction: then the first must be a special case of the second, and no
// copy of it. Of the rows [begin, end) with all that follow: compilers count the steps of one
// constant expression, and there are too many for all rows at once.
constexpr bool IsUnambiguous(size_t begin, size_t end) {
  uint32_t masks[kEncodings.size()] = {}, matches[kEncodings.size()] = {};
  for (size_t row = 0; row < kEncodings.size(); ++row) {
    masks[row] = kEncodings[row].mask;
    matches[row] = kEncodings[row].match;
  }
  for (size_t first = begin; first < std::min(end, kEncodings.size()); ++first) {
    const uint32_t mask = masks[first], match = matches[first];
    for (size_t second = first + 1; second < kEncodings.size(); ++second) {
      if (((match ^ matches[second]) & mask & masks[second]) != 0) continue;
      if (mask == masks[second] || (masks[second] & ~mask) != 0) return false;
    }
  }
  return true;
}
constexpr size_t kPart = 64;
template <size_t part>
constexpr bool kPartIsUnambiguous = IsUnambiguous(part* kPart, (part + 1) * kPart);
template <size_t... parts>
constexpr bool AreUnambiguous(std::index_sequence<parts...>) {
  return (kPartIsUnambiguous<parts> && ...);
}
static_assert(AreUnambiguous(std::make_index_sequence<kEncodings.size() / kPart + 1>()));

}  // namespace

std::span<const Encoding> Encodings() { return kEncodings; }

}  // namespace emu::translator::aarch64
