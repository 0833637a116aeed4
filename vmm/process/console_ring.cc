#include "vmm/process/console_ring.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace emu {

absl::StatusOr<std::unique_ptr<ConsoleRing>> ConsoleRing::Map(UniqueFd file) {
  struct stat info = {};
  if (fstat(file.get(), &info) != 0 ||
      info.st_size < static_cast<off_t>(sizeof(ConsoleRingLayout))) {
    return absl::InvalidArgumentError("console ring: the file is too short");
  }
  void* map =
      mmap(nullptr, sizeof(ConsoleRingLayout), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (map == MAP_FAILED) return absl::ErrnoToStatus(errno, "console ring: mmap");
  auto* ring = static_cast<ConsoleRingLayout*>(map);
  if (ring->magic != kConsoleRingMagic) {
    munmap(map, sizeof(ConsoleRingLayout));
    return absl::InvalidArgumentError("console ring: the file holds something else");
  }
  return std::unique_ptr<ConsoleRing>(new ConsoleRing(ring));
}

ConsoleRing::~ConsoleRing() { munmap(ring_, sizeof(ConsoleRingLayout)); }

void ConsoleRing::Write(std::span<const std::byte> bytes) {
  {
    std::lock_guard lock(write_mutex_);
    while (!bytes.empty()) {
      const uint64_t head = ring_->head.load(std::memory_order_relaxed);
      const size_t at = head % kConsoleRingBytes;
      const size_t count = std::min(bytes.size(), kConsoleRingBytes - at);
      // Announced before the bytes change, so that a reader of the old ones notices.
      ring_->writing.store(head + count, std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_seq_cst);
      std::memcpy(ring_->data + at, bytes.data(), count);
      ring_->head.store(head + count, std::memory_order_release);
      bytes = bytes.subspan(count);
    }
  }
  if (listener_) listener_();
}

void ConsoleRing::Deliver(std::span<const std::byte> bytes) {
  if (receiver_) receiver_(bytes);
}

}  // namespace emu
