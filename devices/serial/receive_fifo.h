// What a UART has received and its guest has not read yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "vmm/base/state_visitor.h"

namespace emu {

// The chip's FIFO, and behind it the backlog: what was typed and has found no room yet. The backlog
// is the host's and not the chip's, so it survives a reset; it is part of a snapshot, since nobody
// would type it again.
class ReceiveFifo {
 public:
  // What waits for the guest to read; input beyond it is dropped.
  static constexpr size_t kMaxBacklogBytes = 1 << 20;

  bool empty() const { return fifo_.empty(); }
  size_t size() const { return fifo_.size(); }

  // From the host, into the backlog.
  void Receive(std::span<const std::byte> bytes);
  // From the backlog into the FIFO, up to `capacity`.
  void Refill(size_t capacity);
  // Past the backlog, as a loopback does. False if the FIFO holds `capacity` already.
  bool Push(std::byte byte, size_t capacity);
  // The oldest byte; 0 if there is none.
  uint8_t Pop();
  // The FIFO alone.
  void Clear() { fifo_.clear(); }

  // Fields 10 and 11 of the device.
  void VisitState(StateVisitor& visitor);
  // INVALID_ARGUMENT, in the name of `device`, for more than `capacity` or more than a backlog.
  absl::Status CheckRestored(std::string_view device, size_t capacity) const;

 private:
  std::deque<std::byte> fifo_;
  std::deque<std::byte> backlog_;
};

}  // namespace emu
