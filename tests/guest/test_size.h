// How much a test does, as its environment asks.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace emu::testing {

inline uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != 0 ? std::strtoull(text, nullptr, 0) : otherwise;
}
// The full counts.
inline bool IsLong() { return FromEnvironment("EMU_TEST_LONG", 0) != 0; }

}  // namespace emu::testing
