// The seed of a test that chooses at random.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace emu {

// EMU_SEED, or another one in each run; printed, so that a failure can be repeated.
inline uint64_t TestSeed() {
  const char* const given = std::getenv("EMU_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 0) : uint64_t{std::random_device()()};
  std::printf("EMU_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace emu
