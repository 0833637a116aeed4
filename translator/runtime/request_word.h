// Bits that any thread sets, and one thread takes and waits for.
#pragma once

#include <atomic>
#include <cstdint>

namespace emu::translator {

class RequestWord {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;

  // Any thread.
  void Set(uint32_t bits) {
    bits_.fetch_or(bits);
    if (is_awaited_.load()) Wake();
  }
  bool IsEmpty() const { return bits_.load(std::memory_order_relaxed) == 0; }

  // For the one thread. Takes all bits but `kept` away; returns what there was.
  uint32_t Take(uint32_t kept = 0) { return bits_.fetch_and(kept); }
  // Until there is a bit, or until `host_ns` of CLOCK_MONOTONIC; may return before.
  void Wait(uint64_t host_ns = kNever);

 private:
  void Wake();

  std::atomic<uint32_t> bits_ = 0;
  // Set before the bits are looked at for the last time, so that whoever sets one later sees it.
  std::atomic<bool> is_awaited_ = false;
};

}  // namespace emu::translator
