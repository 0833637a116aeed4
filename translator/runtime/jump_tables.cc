#include "translator/runtime/jump_tables.h"

#include <algorithm>
#include <utility>

namespace emu::translator {

JumpTables::JumpTables() { Select(0, 0); }

JumpTableHeader& JumpTables::HeaderOf(const Table& table) {
  // SAFETY: the memory starts with the header.
  return *reinterpret_cast<JumpTableHeader*>(table.memory.get());
}

JumpEntry* JumpTables::ArrayOf(const Table& table) {
  // SAFETY: the entries lie behind the header, which is a multiple of them.
  return reinterpret_cast<JumpEntry*>(table.memory.get() + sizeof(JumpTableHeader));
}

uint32_t JumpTables::EntriesOf(const Table& table) {
  return static_cast<uint32_t>(HeaderOf(table).index_mask / sizeof(JumpEntry) + 1);
}

const JumpTableHeader* JumpTables::Select(uint64_t space, uint64_t mode) {
  ++clock_;
  size_t oldest = 0;
  for (size_t number = 0; number < kTableCount; ++number) {
    Table& table = tables_[number];
    if (table.in_use && table.space == space && table.mode == mode) {
      table.last_used = clock_;
      current_ = number;
      return current();
    }
    if (table.last_used < tables_[oldest].last_used) oldest = number;
  }
  Table& table = tables_[oldest];
  Allocate(table, kMinEntries);
  Clear(table);
  table.space = space;
  table.mode = mode;
  table.in_use = true;
  table.last_used = clock_;
  current_ = oldest;
  return current();
}

void JumpTables::Allocate(Table& table, uint32_t entries) {
  table.memory = std::make_unique_for_overwrite<std::byte[]>(sizeof(JumpTableHeader) +
                                                             entries * sizeof(JumpEntry));
  HeaderOf(table) = {.index_mask = uint64_t{entries - 1} * sizeof(JumpEntry), .unused = 0};
  table.collisions = 0;
}

void JumpTables::MakeEmpty(Table& table) {
  for (uint32_t number = 0; number < EntriesOf(table); ++number) {
    ArrayOf(table)[number] = {EmptyPc(number), nullptr};
  }
}

bool JumpTables::Enter(uint64_t pc, const void* code) {
  Table& table = tables_[current_];
  ++table.entered;
  JumpEntry* entry = &EntryFor(table, pc);
  const bool collides = entry->code != nullptr && entry->pc != pc;
  const uint32_t entries = EntriesOf(table);
  const bool grows = collides && ++table.collisions > entries / 4 && entries < kMaxEntries;
  if (grows) {
    Grow(table);
    entry = &EntryFor(table, pc);
  }
  if (entry->code != nullptr) --CountFor(table, entry->pc);
  ++CountFor(table, pc);
  *entry = {pc, code};
  return grows;
}

// An address stays where it was, or goes as far behind as the table was large.
void JumpTables::Grow(Table& table) {
  const Table old = {.memory = std::move(table.memory)};
  const uint32_t old_entries = EntriesOf(old);
  Allocate(table, 2 * old_entries);
  MakeEmpty(table);
  for (uint32_t number = 0; number < old_entries; ++number) {
    const JumpEntry& entry = ArrayOf(old)[number];
    if (entry.code != nullptr) EntryFor(table, entry.pc) = entry;
  }
}

void JumpTables::FlushAll() {
  for (size_t number = 0; number < kTableCount; ++number) {
    Table& table = tables_[number];
    if (number == current_) {
      if (table.entered != 0) Clear(table);
    } else {
      table.in_use = false;  // the next that is selected takes it
      table.last_used = 0;
    }
  }
}

void JumpTables::FlushPage(uint64_t page_base) {
  // An instruction that ends on this page begins shortly before it.
  constexpr uint64_t kBefore = 14;
  for (Table& table : tables_) {
    if (!table.in_use) continue;
    ForgetRange(table, page_base, kPageBytes);
    ForgetRange(table, page_base - kBefore, kBefore);
  }
}

// An even address and the one behind it have the same place (JumpIndex).
void JumpTables::ForgetRange(Table& table, uint64_t first, uint64_t size) {
  const uint32_t& count = CountFor(table, first);
  for (uint64_t offset = 0; offset < size && count != 0; offset += 2) {
    JumpEntry& entry = EntryFor(table, first + offset);
    if (entry.code != nullptr && entry.pc - first < size) Empty(table, entry);
  }
}

void JumpTables::Forget(uint64_t pc) {
  JumpEntry& entry = EntryFor(tables_[current_], pc);
  if (entry.pc == pc) Empty(tables_[current_], entry);
}

void JumpTables::ForgetCode(std::span<const void* const> code) {
  for (Table& table : tables_) {
    if (!table.in_use) continue;
    for (uint32_t number = 0; number < EntriesOf(table); ++number) {
      JumpEntry& entry = ArrayOf(table)[number];
      if (entry.code == nullptr || entry.code < code.front() || entry.code > code.back()) continue;
      if (std::ranges::binary_search(code, entry.code)) Empty(table, entry);
    }
  }
}

void JumpTables::Empty(Table& table, JumpEntry& entry) {
  --CountFor(table, entry.pc);
  entry = {EmptyPc(static_cast<uint64_t>(&entry - ArrayOf(table))), nullptr};
}

// A table that had stayed half empty becomes smaller, so that the next time costs less.
void JumpTables::Clear(Table& table) {
  const uint32_t entries = EntriesOf(table);
  if (table.entered < entries / 2 && entries > kMinEntries) {
    HeaderOf(table).index_mask = uint64_t{entries / 2 - 1} * sizeof(JumpEntry);
  }
  MakeEmpty(table);
  table.entered = 0;
  table.collisions = 0;
  table.counts.fill(0);
}

}  // namespace emu::translator
