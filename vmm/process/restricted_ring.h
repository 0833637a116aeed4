// An io_uring that can read and write certain files, and nothing else.
#pragma once

#include <liburing.h>

#include <memory>
#include <span>

#include "absl/status/statusor.h"

namespace emu {

// The kernel does not ask a thread's filter of system calls about what a ring is given. So the ring
// is restricted before it is enabled, for good: READ, READV and WRITEV of the files that it has
// been given then, by their index.
class RestrictedRing {
 public:
  // UNAVAILABLE if the host allows no rings, or none that can be restricted (Linux 5.10).
  static absl::StatusOr<std::unique_ptr<RestrictedRing>> Create(uint32_t entries,
                                                                std::span<const int> files);
  ~RestrictedRing() { io_uring_queue_exit(&ring_); }
  RestrictedRing(const RestrictedRing&) = delete;
  RestrictedRing& operator=(const RestrictedRing&) = delete;

  io_uring* get() { return &ring_; }

 private:
  RestrictedRing() = default;

  io_uring ring_ = {};
};

}  // namespace emu
