// What a disk has done for its guest.
#pragma once

#include <cstdint>

namespace emu {

// Since the device was made; a reset of it changes nothing. Requests are counted when they are
// answered, each under its kind, or under `failed` alone. No part of a snapshot.
struct DiskCounters {
  uint64_t reads = 0;
  uint64_t read_bytes = 0;
  uint64_t writes = 0;
  uint64_t written_bytes = 0;
  uint64_t flushes = 0;
  uint64_t discards = 0;
  uint64_t write_zeroes = 0;
  uint64_t failed = 0;  // I/O errors, and requests that make no sense
};

}  // namespace emu
