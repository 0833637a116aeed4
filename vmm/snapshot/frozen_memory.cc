#include "vmm/snapshot/frozen_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <numeric>

#include "vmm/base/guest_access.h"

namespace emu::snapshot {
namespace {

// nullptr where the host has none: then every writer waits for its page to be taken.
std::byte* MapRoom(size_t pages) {
  void* room = mmap(nullptr, pages << kPageShift, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return room == MAP_FAILED ? nullptr : static_cast<std::byte*>(room);
}

// Of a page that may be written to meanwhile.
bool IsZero(const std::byte* page) {
  for (size_t at = 0; at < kPageSize; at += 32) {
    const uint64_t words = LoadGuest(page + at, 8) | LoadGuest(page + at + 8, 8) |
                           LoadGuest(page + at + 16, 8) | LoadGuest(page + at + 24, 8);
    if (words != 0) return false;
  }
  return true;
}

}  // namespace

FrozenMemory::FrozenMemory(GuestMemory& memory, size_t room_pages)
    : memory_(memory), room_pages_(room_pages), room_(MapRoom(room_pages)) {
  const std::vector<GuestMemory::RegionInfo> regions = memory.regions();
  for (size_t region = 0; region < regions.size(); ++region) {
    const uint64_t size = regions[region].size_bytes;
    for (uint64_t number = 0; number * kChunkBytes < size; ++number) {
      const uint64_t begin = number * kChunkBytes;
      parts_.push_back({.chunk = {.region = region,
                                  .number = number,
                                  .base = regions[region].base + begin,
                                  .size_bytes = std::min(kChunkBytes, size - begin)}});
    }
  }
  free_places_.resize(room_ != nullptr ? room_pages : 0);
  std::iota(free_places_.rbegin(), free_places_.rend(), 0);
  kept_.reserve(room_pages);
  memory_.SetObserver(WithholdReason::kSnapshot, this);
  memory_.WithholdAll(WithholdReason::kSnapshot);
}

FrozenMemory::~FrozenMemory() {
  memory_.SetObserver(WithholdReason::kSnapshot, nullptr);
  for (const GuestMemory::RegionInfo& region : memory_.regions()) {
    memory_.Lift(region.base, region.size_bytes, WithholdReason::kSnapshot);
  }
  memory_.WakeWriters();
  if (room_ != nullptr) munmap(room_, room_pages_ << kPageShift);
}

std::optional<FrozenMemory::Chunk> FrozenMemory::Next() {
  std::lock_guard lock(mutex_);
  while (first_left_ < parts_.size() && parts_[first_left_].is_taken) ++first_left_;
  if (first_left_ == parts_.size()) return std::nullopt;
  auto next = parts_.begin() + static_cast<ptrdiff_t>(first_left_);
  if (free_places_.size() < room_pages_ / 2) {
    next = std::max_element(next, parts_.end(), [](const Part& left, const Part& right) {
      return left.kept_pages < right.kept_pages;
    });
  }
  next->is_taken = true;
  return next->chunk;
}

// Pages are read while they may be written to. A page that was still withheld afterwards was not:
// what was read of it is what was there. Of the others there is a copy.
void FrozenMemory::Take(const Chunk& chunk, std::span<std::byte> bytes,
                        std::vector<bool>& is_zero) {
  const size_t pages = chunk.size_bytes >> kPageShift;
  is_zero.assign(pages, false);
  const std::byte* const memory = memory_.PageForRead(chunk.base);
  const auto take = [&](size_t page, const std::byte* from) {
    is_zero[page] = IsZero(from);
    if (!is_zero[page]) CopyGuest(bytes.data() + (page << kPageShift), from, kPageSize);
  };
  for (size_t page = 0; page < pages; ++page) take(page, memory + (page << kPageShift));
  memory_.Lift(chunk.base, chunk.size_bytes, WithholdReason::kSnapshot);

  const std::vector<std::pair<size_t, uint32_t>> kept = TakeKept(chunk);
  for (const auto& [page, place] : kept) take(page, KeptPage(place));
  {
    std::lock_guard lock(mutex_);
    for (const auto& [page, place] : kept) free_places_.push_back(place);
  }
  // There is room, or they need none any more.
  memory_.WakeWriters();
}

std::vector<std::pair<size_t, uint32_t>> FrozenMemory::TakeKept(const Chunk& chunk) {
  std::vector<std::pair<size_t, uint32_t>> kept;
  std::lock_guard lock(mutex_);
  Part& part = PartOf(chunk.base);
  for (size_t page = 0; page < chunk.size_bytes >> kPageShift && part.kept_pages > 0; ++page) {
    const auto found = kept_.find((chunk.base + (page << kPageShift)).value);
    if (found == kept_.end()) continue;
    kept.emplace_back(page, found->second);
    kept_.erase(found);
    --part.kept_pages;
  }
  return kept;
}

bool FrozenMemory::HasRoom() {
  std::lock_guard lock(mutex_);
  return !free_places_.empty();
}

void FrozenMemory::BeforeWriteGranted(GuestPhysAddr page) {
  std::lock_guard lock(mutex_);
  const uint32_t place = free_places_.back();
  free_places_.pop_back();
  CopyGuest(KeptPage(place), memory_.PageForRead(page), kPageSize);
  kept_.emplace(page.value, place);
  ++PartOf(page).kept_pages;
}

FrozenMemory::Part& FrozenMemory::PartOf(GuestPhysAddr page) {
  const auto after =
      std::ranges::upper_bound(parts_, page, {}, [](const Part& part) { return part.chunk.base; });
  return *std::prev(after);
}

}  // namespace emu::snapshot
