#include "translator/runtime/breakpoints.h"

#include <algorithm>

#include "vmm/base/address.h"

namespace emu::translator {
namespace {

// FNV-1a, by halfwords; never 0. Two sets of offsets that collide would show each other's stops:
// one pair in 2^32.
uint32_t Hash(const std::vector<uint16_t>& offsets) {
  uint32_t hash = 2166136261;
  for (const uint16_t offset : offsets) hash = (hash ^ offset) * 16777619;
  return hash == 0 ? 1 : hash;
}

uint16_t OffsetOf(uint64_t pc) { return static_cast<uint16_t>(pc & kPageOffsetMask); }

}  // namespace

size_t Breakpoints::size() const {
  size_t count = 0;
  for (const auto& [base, page] : pages_) count += page.offsets.size();
  return count;
}

void Breakpoints::Add(uint64_t pc) {
  Page& page = pages_[pc & ~kPageOffsetMask];
  const auto place = std::ranges::lower_bound(page.offsets, OffsetOf(pc));
  if (place == page.offsets.end() || *place != OffsetOf(pc)) {
    page.offsets.insert(place, OffsetOf(pc));
  }
  page.variant = Hash(page.offsets);
}

void Breakpoints::Remove(uint64_t pc) {
  const auto found = pages_.find(pc & ~kPageOffsetMask);
  if (found == pages_.end()) return;
  Page& page = found->second;
  std::erase(page.offsets, OffsetOf(pc));
  page.variant = Hash(page.offsets);
  if (page.offsets.empty()) pages_.erase(found);
}

std::vector<uint64_t> Breakpoints::all() const {
  std::vector<uint64_t> addresses;
  for (const auto& [base, page] : pages_) {
    for (const uint16_t offset : page.offsets) addresses.push_back(base + offset);
  }
  return addresses;
}

const Breakpoints::Page* Breakpoints::Find(uint64_t pc) const {
  const auto found = pages_.find(pc & ~kPageOffsetMask);
  if (found == pages_.end()) return nullptr;
  return std::ranges::binary_search(found->second.offsets, OffsetOf(pc)) ? &found->second : nullptr;
}

Breakpoints::InPage Breakpoints::PageOf(uint64_t pc) const {
  if (empty()) return {};
  const auto found = pages_.find(pc & ~kPageOffsetMask);
  if (found == pages_.end()) return {};
  return {found->second.variant, found->second.offsets};
}

}  // namespace emu::translator
