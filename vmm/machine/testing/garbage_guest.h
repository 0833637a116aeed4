// A guest that reads and writes anything anywhere.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "vmm/base/test_seed.h"
#include "vmm/machine/machine.h"

namespace emu {

// 200,000 accesses all over a board's `map`, their values often addresses in `ram`; time runs, and
// the machine is reset now and then. `other` may do one access of another kind instead: then it
// returns true.
template <typename Map>
void RunGarbageGuest(
    Machine& machine, const Map& map, GuestPhysAddr ram,
    const std::function<bool(std::mt19937_64& random, uint64_t value)>& other =
        [](std::mt19937_64&, uint64_t) { return false; }) {
  std::mt19937_64 random(TestSeed());
  AddressSpace& space = machine.address_space();
  machine.Start();
  for (int i = 0; i < 200'000; ++i) {
    const auto& row = map[random() % map.size()];
    const uint64_t size = random() % 2 == 0 ? 0x100 : std::max<uint64_t>(row.size, 0x10'0000);
    const GuestPhysAddr address = row.base + random() % size;
    uint64_t value = random() % 2 == 0 ? random() : random() % 16;
    if (random() % 4 == 0) value = ram.value + random() % 0x10'0000;
    const uint32_t width = uint32_t{1} << (random() % 4);
    if (!other(random, value)) {
      if (random() % 2 == 0) {
        space.Write(address, width, value);
      } else {
        space.Read(address, width, &value);
      }
    }
    if (i % 64 == 0) machine.clock().RunExpired();
    if (i % 50'000 == 0) {
      ASSERT_TRUE(machine.Reset().ok());
    }
  }
  machine.Pause();
}

}  // namespace emu
