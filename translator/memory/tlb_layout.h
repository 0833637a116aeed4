// The software TLB as translated code reads it. Standard layout, checked by offset.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emu::translator {

// One page's translation. An access at `va` hits if va - page_base <= 4096 - its size; its host
// address is then va + addend, known before the comparison is.
struct TlbEntry {
  uint64_t page_base;  // guest-virtual, page aligned; InvalidPage where empty
  uint64_t addend;     // host address - guest-virtual address, modulo 2^64
};
static_assert(sizeof(TlbEntry) == 16 && offsetof(TlbEntry, addend) == 8);

// Entries of the largest bank, for each of reading and writing.
inline constexpr uint32_t kTlbMaxEntries = 32768;
inline constexpr uint32_t kTlbMinEntries = 256;

// A bank in memory: the header, the read entries, the write entries. A bank grows and shrinks by
// its mask alone; the arrays keep their places.
struct TlbBankHeader {
  uint64_t index_mask;  // (entries - 1) * sizeof(TlbEntry)
};
inline constexpr size_t kTlbReadOffset = 64;
inline constexpr size_t kTlbWriteOffset = kTlbReadOffset + kTlbMaxEntries * sizeof(TlbEntry);
inline constexpr size_t kTlbBankBytes = kTlbWriteOffset + kTlbMaxEntries * sizeof(TlbEntry);

// Where a page's entry is, in bytes from its array: the page number folded upon itself, so that
// buffers a power of two apart do not collide.
constexpr uint64_t TlbIndex(uint64_t address, uint64_t index_mask) {
  return ((address >> 8) ^ (address >> 19)) & index_mask;
}

// What an empty entry holds: a page that is looked up in the neighbouring entry, so that no address
// whatever can hit here. `entry` counts from 0; a bank has at least two.
constexpr uint64_t InvalidPage(uint64_t entry) {
  const uint64_t neighbour = entry ^ 1;
  return (neighbour ^ neighbour >> 11) << 12;
}
static_assert(TlbIndex(InvalidPage(3000), (kTlbMaxEntries - 1) * sizeof(TlbEntry)) == 3001 * 16);

}  // namespace emu::translator
