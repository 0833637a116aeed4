// Data that a debugger wants to know the accesses to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "translator/debug.h"
#include "vmm/base/address.h"

namespace emu::translator {

// Of one VM, by virtual address in whatever address space. Changed while the world is stopped. The
// TLB holds no page that is watched, so that its accesses take the slow path and are looked at
// there.
class Watchpoints {
 public:
  bool empty() const { return points_.empty(); }

  void Add(const StopPoint& point) { points_.push_back(point); }
  void Remove(const StopPoint& point) { std::erase(points_, point); }
  void Clear() { points_.clear(); }
  size_t size() const { return points_.size(); }

  bool WatchesPage(uint64_t page_base) const {
    return std::ranges::any_of(points_, [page_base](const StopPoint& point) {
      return Overlap(point.address, point.size_bytes, page_base, kPageSize);
    });
  }

  // The first that an access hits, or nullptr.
  const StopPoint* Find(uint64_t address, uint32_t bytes, bool reads, bool writes) const {
    const auto found = std::ranges::find_if(points_, [&](const StopPoint& point) {
      const bool is_of_interest = (reads && point.kind != StopPoint::Kind::kWrite) ||
                                  (writes && point.kind != StopPoint::Kind::kRead);
      return is_of_interest && Overlap(point.address, point.size_bytes, address, bytes);
    });
    return found == points_.end() ? nullptr : &*found;
  }

 private:
  static bool Overlap(uint64_t left, uint64_t left_size, uint64_t right, uint64_t right_size) {
    return left - right < right_size || right - left < left_size;
  }

  std::vector<StopPoint> points_;
};

}  // namespace emu::translator
