// Where guest addresses are entered in translated code, for one vCPU: a table for each address
// space and mode that it fetches from, so that a switch between them changes a pointer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "translator/host/vcpu_frame.h"

namespace emu::translator {

// For the vCPU's own thread, or any thread while the world is stopped.
class JumpTables {
 public:
  static constexpr uint32_t kMinEntries = 1024;
  static constexpr uint32_t kMaxEntries = 65536;

  JumpTables();

  // The table to use from now on; the least recently used one is emptied if there is none yet.
  const JumpTableHeader* Select(uint64_t space, uint64_t mode);
  const JumpTableHeader* current() const { return &HeaderOf(tables_[current_]); }
  uint32_t current_entries() const { return EntriesOf(tables_[current_]); }

  const void* Find(uint64_t pc) const {
    const JumpEntry& entry = EntryFor(tables_[current_], pc);
    return entry.pc == pc ? entry.code : nullptr;
  }
  // The table grows when addresses often take each other's places. True if it has moved.
  bool Enter(uint64_t pc, const void* code);

  void Forget(uint64_t pc);
  // Whatever leads to one of these, in every table; sorted.
  void ForgetCode(std::span<const void* const> code);

  // Nothing moves, for these.
  void FlushAll();
  // In every table; the quicker, the fewer entries the page has.
  void FlushPage(uint64_t page_base);

 private:
  static constexpr size_t kTableCount = 8;
  static constexpr uint64_t kPageBytes = 4096;
  static constexpr size_t kPageCounts = 4096;

  struct Table {
    std::unique_ptr<std::byte[]> memory;  // a header and entries
    uint64_t space = 0;
    uint64_t mode = 0;
    uint64_t last_used = 0;
    uint32_t entered = 0;     // since it was emptied
    uint32_t collisions = 0;  // since it got its size
    bool in_use = false;
    // Entries by the number of their page, modulo kPageCounts.
    std::array<uint32_t, kPageCounts> counts = {};
  };
  static JumpTableHeader& HeaderOf(const Table& table);
  static JumpEntry* ArrayOf(const Table& table);
  static uint32_t EntriesOf(const Table& table);
  static JumpEntry& EntryFor(const Table& table, uint64_t pc) {
    const uint64_t index = JumpIndex(pc, HeaderOf(table).index_mask);
    return ArrayOf(table)[index / sizeof(JumpEntry)];
  }
  static void Allocate(Table& table, uint32_t entries);
  static void MakeEmpty(Table& table);
  static void Grow(Table& table);
  static void Clear(Table& table);
  static uint32_t& CountFor(Table& table, uint64_t pc) {
    return table.counts[pc / kPageBytes % kPageCounts];
  }
  // Those of the addresses from an even one on, all of one page.
  static void ForgetRange(Table& table, uint64_t first, uint64_t size);
  static void Empty(Table& table, JumpEntry& entry);

  std::array<Table, kTableCount> tables_;
  size_t current_ = 0;
  uint64_t clock_ = 0;
};

}  // namespace emu::translator
