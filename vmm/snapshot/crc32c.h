// CRC-32C (RFC 3720 s. 12.1: Castagnoli's polynomial), by the host's own instruction for it.
#pragma once

#include <nmmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace emu {

// Eight bytes in three cycles: 100 MiB in 11 ms, zlib's CRC-32 in 25; every resume waits for it.
// Needs SSE 4.2, which the translator asks for, too.
[[gnu::target("sse4.2")]] inline uint32_t Crc32c(std::span<const std::byte> bytes) {
  uint64_t crc = UINT32_MAX;
  for (; bytes.size() >= sizeof(uint64_t); bytes = bytes.subspan(sizeof(uint64_t))) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof(word));
    crc = _mm_crc32_u64(crc, word);
  }
  for (const std::byte byte : bytes) {
    crc = _mm_crc32_u8(static_cast<uint32_t>(crc), static_cast<uint8_t>(byte));
  }
  return ~static_cast<uint32_t>(crc);
}

}  // namespace emu
