// Where guest addresses are entered in translated code, for one vCPU: a table for each address
// space and mode that it fetches from, so that a switch between them changes a pointer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "translator/host/vcpu_frame.h"

namespace emu::translator {

// For the vCPU's own thread, or any thread while the world is stopped.
class JumpTables {
 public:
  JumpTables();

  // The table to use from now on; the least recently used one is emptied if there is none yet.
  JumpEntry* Select(uint64_t space, uint64_t mode);
  JumpEntry* current() const { return tables_[current_].entries; }
  // A table in which nothing is ever found.
  static JumpEntry* Empty();

  const void* Find(uint64_t pc) const {
    const JumpEntry& entry = current()[JumpIndex(pc)];
    return entry.pc == pc ? entry.code : nullptr;
  }
  void Enter(uint64_t pc, const void* code);

  void Forget(uint64_t pc) { Forget(tables_[current_], pc); }

  void FlushAll();
  void FlushPage(uint64_t page_base);  // in every table; quick where no code of that page is known

 private:
  static constexpr size_t kTableCount = 8;
  static constexpr uint64_t kPageBytes = 4096;
  static constexpr size_t kFilterBits = 8192;

  struct Table {
    JumpEntry* entries = nullptr;
    uint64_t space = 0;
    uint64_t mode = 0;
    uint64_t last_used = 0;
    bool in_use = false;
    // Of pages that have an entry, by page number modulo kFilterBits.
    std::array<uint64_t, kFilterBits / 64> pages = {};
  };
  static void Clear(Table& table);
  static bool MayHold(const Table& table, uint64_t page_base);  // by the filter
  static void Forget(Table& table, uint64_t pc);

  std::array<Table, kTableCount> tables_;
  std::vector<JumpEntry> memory_;
  size_t current_ = 0;
  uint64_t clock_ = 0;
};

}  // namespace emu::translator
