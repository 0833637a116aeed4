// Access to bytes of guest memory that other threads may be accessing too: guest processors and
// devices. What order such accesses are seen in is the guest's affair; these functions are where
// our own code takes part. The thread sanitizer sees neither these accesses nor those of translated
// code, which is said here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace emu {
namespace guest_access {

template <typename Word>
inline bool IsAligned(const std::byte* host) {
  // SAFETY: only the number is used.
  return reinterpret_cast<uintptr_t>(host) % sizeof(Word) == 0;
}

template <typename Word>
[[gnu::no_sanitize("thread")]] inline Word LoadMisaligned(const std::byte* host) {
  Word word;
  __builtin_memcpy(&word, host, sizeof word);
  return word;
}
template <typename Word>
[[gnu::no_sanitize("thread")]] inline void StoreMisaligned(std::byte* host, Word word) {
  __builtin_memcpy(host, &word, sizeof word);
}

template <typename Word>
[[gnu::no_sanitize("thread")]] inline Word Load(const std::byte* host) {
  if (!IsAligned<Word>(host)) return LoadMisaligned<Word>(host);
  // SAFETY: aligned, and bytes of guest memory have no type.
  return __atomic_load_n(reinterpret_cast<const Word*>(host), __ATOMIC_RELAXED);
}
template <typename Word>
[[gnu::no_sanitize("thread")]] inline void Store(std::byte* host, Word word) {
  if (!IsAligned<Word>(host)) return StoreMisaligned(host, word);
  // SAFETY: as above.
  __atomic_store_n(reinterpret_cast<Word*>(host), word, __ATOMIC_RELAXED);
}

}  // namespace guest_access

// `bytes` (1 to 8) little-endian bytes. Aligned ones of 1, 2, 4 and 8 are one access: nobody sees
// half of a store, and none is made twice. (memcpy of a size that is known at run time only may
// write a byte twice, and so undo what another processor wrote in between.)
inline uint64_t LoadGuest(const std::byte* host, uint32_t bytes) {
  switch (bytes) {
    case 1:
      return guest_access::Load<uint8_t>(host);
    case 2:
      return guest_access::Load<uint16_t>(host);
    case 4:
      return guest_access::Load<uint32_t>(host);
    case 8:
      return guest_access::Load<uint64_t>(host);
    default: {  // part of an access that crosses pages
      uint64_t value = 0;
      for (uint32_t at = 0; at < bytes; ++at) {
        value |= uint64_t{guest_access::Load<uint8_t>(host + at)} << (8 * at);
      }
      return value;
    }
  }
}
inline void StoreGuest(std::byte* host, uint32_t bytes, uint64_t value) {
  switch (bytes) {
    case 1:
      return guest_access::Store(host, static_cast<uint8_t>(value));
    case 2:
      return guest_access::Store(host, static_cast<uint16_t>(value));
    case 4:
      return guest_access::Store(host, static_cast<uint32_t>(value));
    case 8:
      return guest_access::Store(host, value);
    default:
      for (uint32_t at = 0; at < bytes; ++at) {
        guest_access::Store(host + at, static_cast<uint8_t>(value >> (8 * at)));
      }
  }
}

// Copies between guest memory and ours, byte by byte in no order.
inline void CopyGuest(std::byte* to, const std::byte* from, size_t size) {
#ifdef __SANITIZE_THREAD__
  for (size_t at = 0; at < size; ++at)
    guest_access::Store(to + at, guest_access::Load<uint8_t>(from + at));
#else
  std::memcpy(to, from, size);
#endif
}

}  // namespace emu
