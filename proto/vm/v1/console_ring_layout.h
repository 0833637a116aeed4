// The console ring: a file that the VM process and the daemon both map, and that outlives both.
// Byte number n of the console is at data[n % kConsoleRingBytes]; head is how many were written.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace emu {

inline constexpr uint64_t kConsoleRingMagic = 0x31474e52'554d45ull;  // "EMURNG1"
inline constexpr size_t kConsoleRingBytes = 1 << 20;

// `head` is stored with release after the bytes below it, so a reader that loads it with acquire
// sees them. Bytes may be overwritten while they are read: a reader loads head again afterwards and
// drops what is older than head - kConsoleRingBytes. `writing` is stored before the bytes for that.
struct ConsoleRingLayout {
  uint64_t magic;
  std::atomic<uint64_t> head;
  std::atomic<uint64_t> writing;  // head after the write in progress
  uint8_t reserved[4096 - 24];
  uint8_t data[kConsoleRingBytes];
};
static_assert(sizeof(ConsoleRingLayout) == 4096 + kConsoleRingBytes);
static_assert(offsetof(ConsoleRingLayout, data) == 4096);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

}  // namespace emu
