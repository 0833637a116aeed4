#include "translator/runtime/jump_tables.h"

#include <algorithm>
#include <span>

namespace emu::translator {
namespace {

void MakeEmpty(std::span<JumpEntry> entries) {
  for (uint32_t index = 0; index < entries.size(); ++index) {
    entries[index] = {EmptyPc(index), nullptr};
  }
}

}  // namespace

JumpTables::JumpTables() : memory_(kTableCount * kJumpEntries) {
  for (size_t number = 0; number < kTableCount; ++number) {
    tables_[number].entries = &memory_[number * kJumpEntries];
    Clear(tables_[number]);
  }
}

JumpEntry* JumpTables::Select(uint64_t space, uint64_t mode) {
  ++clock_;
  size_t oldest = 0;
  for (size_t number = 0; number < kTableCount; ++number) {
    Table& table = tables_[number];
    if (table.in_use && table.space == space && table.mode == mode) {
      table.last_used = clock_;
      current_ = number;
      return table.entries;
    }
    if (table.last_used < tables_[oldest].last_used) oldest = number;
  }
  Table& table = tables_[oldest];
  if (table.in_use) Clear(table);
  table.space = space;
  table.mode = mode;
  table.in_use = true;
  table.last_used = clock_;
  current_ = oldest;
  return table.entries;
}

JumpEntry* JumpTables::Empty() {
  static std::vector<JumpEntry> empty = [] {
    std::vector<JumpEntry> entries(kJumpEntries);
    MakeEmpty(entries);
    return entries;
  }();
  return empty.data();
}

void JumpTables::Enter(uint64_t pc, const void* code) {
  Table& table = tables_[current_];
  table.entries[JumpIndex(pc)] = {pc, code};
  const uint64_t bit = (pc >> 12) % kFilterBits;
  table.pages[bit / 64] |= uint64_t{1} << (bit % 64);
}

void JumpTables::FlushAll() {
  for (size_t number = 0; number < kTableCount; ++number) {
    Table& table = tables_[number];
    if (!table.in_use) continue;
    Clear(table);
    // The others are taken anew when they are wanted.
    table.in_use = number == current_;
  }
}

void JumpTables::FlushPage(uint64_t page_base) {
  // An instruction that ends on this page begins shortly before it.
  constexpr uint64_t kLongestInstruction = 15;
  for (Table& table : tables_) {
    if (MayHold(table, page_base)) {
      for (uint64_t offset = 0; offset < kPageBytes; ++offset) Forget(table, page_base + offset);
    }
    if (MayHold(table, page_base - kPageBytes)) {
      for (uint64_t before = 1; before < kLongestInstruction; ++before) {
        Forget(table, page_base - before);
      }
    }
  }
}

bool JumpTables::MayHold(const Table& table, uint64_t page_base) {
  const uint64_t bit = (page_base >> 12) % kFilterBits;
  return (table.pages[bit / 64] >> (bit % 64) & 1) != 0;
}

void JumpTables::Forget(Table& table, uint64_t pc) {
  JumpEntry& entry = table.entries[JumpIndex(pc)];
  if (entry.pc == pc) entry.pc = EmptyPc(JumpIndex(pc));
}

void JumpTables::Clear(Table& table) {
  if (std::any_of(table.pages.begin(), table.pages.end(), [](uint64_t w) { return w != 0; }) ||
      !table.in_use) {
    MakeEmpty({table.entries, kJumpEntries});
  }
  table.pages.fill(0);
}

}  // namespace emu::translator
