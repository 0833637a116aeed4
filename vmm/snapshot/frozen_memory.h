// The memory of a machine as it was at one instant, while the machine goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "vmm/base/guest_memory.h"

namespace emu::snapshot {

// The unit of checks and of sharing: a huge page's size.
inline constexpr uint64_t kChunkBytes = 2 << 20;
inline constexpr size_t kChunkPages = kChunkBytes >> kPageShift;

// Withholds every page (kSnapshot). Whoever writes to one before it was taken copies it away first,
// into room for so many pages; where that is used up, writers wait until a chunk has been taken.
class FrozenMemory final : private WriteGateObserver {
 public:
  static constexpr size_t kRoomPages = (32 << 20) >> kPageShift;

  // Nobody holds a permission to write to `memory`, which outlives this. One at a time.
  explicit FrozenMemory(GuestMemory& memory, size_t room_pages = kRoomPages);
  // Pages are as they were before, withheld for nobody here.
  ~FrozenMemory() override;
  FrozenMemory(const FrozenMemory&) = delete;
  FrozenMemory& operator=(const FrozenMemory&) = delete;

  struct Chunk {
    size_t region;    // of GuestMemory::regions()
    uint64_t number;  // in the region
    GuestPhysAddr base;
    uint64_t size_bytes;  // kChunkBytes, but for a region's last one
  };
  // The chunk that is to be taken next, each once: in their order, but where room gets scarce those
  // that take most of it. One thread calls this and Take.
  std::optional<Chunk> Next();
  // Copies what was there into `bytes`, of the chunk's size, and gives the pages back. Pages of
  // zeroes are not copied but marked in `is_zero`.
  void Take(const Chunk& chunk, std::span<std::byte> bytes, std::vector<bool>& is_zero);

 private:
  struct Part {
    Chunk chunk;
    bool is_taken = false;
    size_t kept_pages = 0;
  };

  bool HasRoom() override;
  void BeforeWriteGranted(GuestPhysAddr page) override;
  Part& PartOf(GuestPhysAddr page) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::byte* KeptPage(uint32_t place) const { return room_ + (size_t{place} << kPageShift); }
  // Where the pages of `chunk` lie that were copied away: their numbers in it and their places.
  std::vector<std::pair<size_t, uint32_t>> TakeKept(const Chunk& chunk);

  GuestMemory& memory_;
  const size_t room_pages_;
  std::byte* const room_;
  std::mutex mutex_;  // a leaf, under the gate's
  std::vector<Part> parts_ ABSL_GUARDED_BY(mutex_);
  size_t first_left_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<uint32_t> free_places_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, uint32_t> kept_ ABSL_GUARDED_BY(mutex_);  // places by page
};

}  // namespace emu::snapshot
