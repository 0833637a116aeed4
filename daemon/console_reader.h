// The daemon's view of a console ring (proto/vm/v1/console_ring_layout.h).
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/vm/v1/console_ring_layout.h"

namespace emu::daemon {

// Read is for every thread: readers do not know of each other.
class ConsoleReader {
 public:
  // Makes an empty ring at `path`.
  static absl::Status CreateFile(const std::string& path);
  static absl::StatusOr<std::shared_ptr<ConsoleReader>> Open(const std::string& path);
  ~ConsoleReader();

  struct Bytes {
    uint64_t offset;  // of the first byte; beyond what was asked for if that is overwritten
    std::string data;
  };
  // At most `limit` bytes from `offset`; empty if there are none yet.
  Bytes Read(uint64_t offset, size_t limit) const;
  std::string Tail(size_t limit) const;
  uint64_t head() const { return ring_->head.load(std::memory_order_acquire); }

 private:
  explicit ConsoleReader(const ConsoleRingLayout* ring) : ring_(ring) {}
  const ConsoleRingLayout* const ring_;
};

}  // namespace emu::daemon
