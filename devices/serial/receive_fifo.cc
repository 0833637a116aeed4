#include "devices/serial/receive_fifo.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"

namespace emu {

void ReceiveFifo::Receive(std::span<const std::byte> bytes) {
  const size_t room = kMaxBacklogBytes - std::min(kMaxBacklogBytes, backlog_.size());
  bytes = bytes.first(std::min(room, bytes.size()));
  backlog_.insert(backlog_.end(), bytes.begin(), bytes.end());
}

void ReceiveFifo::Refill(size_t capacity) {
  while (fifo_.size() < capacity && !backlog_.empty()) {
    fifo_.push_back(backlog_.front());
    backlog_.pop_front();
  }
}

bool ReceiveFifo::Push(std::byte byte, size_t capacity) {
  if (fifo_.size() >= capacity) return false;
  fifo_.push_back(byte);
  return true;
}

uint8_t ReceiveFifo::Pop() {
  if (fifo_.empty()) return 0;
  const auto byte = static_cast<uint8_t>(fifo_.front());
  fifo_.pop_front();
  return byte;
}

void ReceiveFifo::VisitState(StateVisitor& visitor) {
  std::vector<std::byte> fifo(fifo_.begin(), fifo_.end());
  visitor.Field(10, "fifo", fifo);
  std::vector<std::byte> backlog(backlog_.begin(), backlog_.end());
  visitor.Field(11, "backlog", backlog);
  if (!visitor.IsReading()) return;
  fifo_.assign(fifo.begin(), fifo.end());
  backlog_.assign(backlog.begin(), backlog.end());
}

absl::Status ReceiveFifo::CheckRestored(std::string_view device, size_t capacity) const {
  if (fifo_.size() > capacity) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: fifo holds more than it has room for", device));
  }
  if (backlog_.size() > kMaxBacklogBytes) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: backlog holds more than 1 MiB", device));
  }
  return absl::OkStatus();
}

}  // namespace emu
