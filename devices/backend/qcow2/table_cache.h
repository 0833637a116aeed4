// L2 tables and refcount blocks in memory: so many, and those used last.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <vector>

#include "devices/backend/qcow2/image_file.h"
#include "vmm/base/endian.h"

namespace emu::qcow2 {

// One table as it is in the file, a cluster long.
class Table {
 public:
  Table(uint64_t offset, uint64_t size_bytes) : offset_(offset), bytes_(size_bytes) {}

  uint64_t offset() const { return offset_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::span<std::byte> bytes() { return bytes_; }
  bool is_dirty() const { return dirty_begin_ < dirty_end_; }
  // Nothing in the file refers to it yet.
  bool is_new() const { return is_new_; }

  // The 64 bit word at byte `at`.
  uint64_t Get(uint64_t at) const { return LoadBig<uint64_t>(bytes().subspan(at)); }
  void Set(uint64_t at, uint64_t value) {
    StoreBig(bytes().subspan(at), value);
    MarkDirty(at, at + 8);
  }
  void MarkDirty(uint64_t begin, uint64_t end) {
    dirty_begin_ = std::min(dirty_begin_, begin);
    dirty_end_ = std::max(dirty_end_, end);
  }

 private:
  friend class TableCache;

  uint64_t offset_;
  std::vector<std::byte> bytes_;
  uint64_t dirty_begin_ = UINT64_MAX;
  uint64_t dirty_end_ = 0;
  bool is_new_ = false;
};

// Pointers to tables are good until the next call of Get or Create.
class TableCache {
 public:
  // Called when the table that has to go is dirty: afterwards it is not, or false is returned.
  using Clean = std::function<bool()>;

  TableCache(ImageFile& file, uint64_t capacity_bytes, Clean clean);

  // The table at `offset`, which is one that the file holds; nullptr if it can't be had.
  Table* Get(uint64_t offset);
  // A new table, all zero and wholly dirty, that nothing refers to.
  Table* Create(uint64_t offset);
  bool Has(uint64_t offset) const { return by_offset_.contains(offset); }
  // The cluster is no table any more.
  void Forget(uint64_t offset);

  enum class Which : uint8_t { kNew, kAll };
  // Writes what is dirty. Whoever refers to new tables comes after.
  [[nodiscard]] bool WriteBack(Which which);
  bool is_dirty() const;

 private:
  using Tables = std::list<Table>;

  bool MakeRoom();
  Table* Insert(uint64_t offset);
  bool Write(Table& table);

  ImageFile& file_;
  size_t capacity_;
  Clean clean_;
  Tables tables_;  // the one used last is first
  std::unordered_map<uint64_t, Tables::iterator> by_offset_;
};

}  // namespace emu::qcow2
