// The first bytes of a state file. Little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vmm/snapshot/crc32c.h"

namespace emu::snapshot {

inline constexpr uint64_t kStateMagic = 0x31455441'5453554d;  // "MUSTATE1"

struct StateHeader {
  uint64_t magic = 0;
  uint32_t format = 0;
  uint32_t header_crc32c = 0;  // of all the others
  uint64_t manifest_offset = 0;
  uint64_t manifest_bytes = 0;
  uint32_t manifest_crc32c = 0;
  uint32_t reserved = 0;

  uint32_t Crc() const {
    StateHeader others = *this;
    others.header_crc32c = 0;
    return Crc32c(std::as_bytes(std::span(&others, 1)));
  }
};
static_assert(sizeof(StateHeader) == 40);
inline constexpr StateHeader kNoHeader = {};

}  // namespace emu::snapshot
