// A list of spans of memory, taken from its front piece by piece.
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace emu {

class SpanCursor {
 public:
  // `spans` outlive this.
  explicit SpanCursor(std::span<const iovec> spans) : spans_(spans) {}

  // Appends the next `bytes`, which are there, to `into`.
  void Take(uint64_t bytes, std::vector<iovec>& into) {
    while (bytes > 0) {
      const iovec& span = spans_.front();
      const uint64_t length = std::min<uint64_t>(bytes, span.iov_len - used_);
      if (length > 0) into.push_back({static_cast<std::byte*>(span.iov_base) + used_, length});
      used_ += length;
      bytes -= length;
      if (used_ == span.iov_len) {
        spans_ = spans_.subspan(1);
        used_ = 0;
      }
    }
  }

 private:
  std::span<const iovec> spans_;
  uint64_t used_ = 0;  // of the first
};

}  // namespace emu
