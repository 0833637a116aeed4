#include "devices/backend/qcow2/table_cache.h"

#include <utility>

#include "vmm/base/bits.h"

namespace emu::qcow2 {
namespace {

// A copy of one table's entry needs two, a walk a third.
constexpr uint64_t kLeastTables = 4;
// Changed entries are written with their neighbours: pages of the host's cache.
constexpr uint64_t kWriteUnitBytes = 4096;

}  // namespace

TableCache::TableCache(ImageFile& file, uint64_t capacity_bytes, Clean clean)
    : file_(file),
      capacity_(std::max(kLeastTables, capacity_bytes / file.cluster_bytes())),
      clean_(std::move(clean)) {}

Table* TableCache::Get(uint64_t offset) {
  if (const auto found = by_offset_.find(offset); found != by_offset_.end()) {
    tables_.splice(tables_.begin(), tables_, found->second);
    return &tables_.front();
  }
  if (!MakeRoom()) return nullptr;
  Table* const table = Insert(offset);
  if (file_.Read(table->bytes(), offset)) return table;
  Forget(offset);
  return nullptr;
}

Table* TableCache::Create(uint64_t offset) {
  Forget(offset);
  if (!MakeRoom()) return nullptr;
  Table* const table = Insert(offset);
  table->MarkDirty(0, table->bytes().size());
  table->is_new_ = true;
  return table;
}

Table* TableCache::Insert(uint64_t offset) {
  tables_.emplace_front(offset, file_.cluster_bytes());
  by_offset_[offset] = tables_.begin();
  return &tables_.front();
}

void TableCache::Forget(uint64_t offset) {
  const auto found = by_offset_.find(offset);
  if (found == by_offset_.end()) return;
  tables_.erase(found->second);
  by_offset_.erase(found);
}

bool TableCache::MakeRoom() {
  if (tables_.size() < capacity_) return true;
  if (tables_.back().is_dirty() && !clean_()) return false;
  // Cleaning may have forgotten some.
  if (tables_.size() >= capacity_) Forget(tables_.back().offset());
  return true;
}

bool TableCache::WriteBack(Which which) {
  for (Table& table : tables_) {
    const bool is_wanted = table.is_dirty() && (table.is_new() || which == Which::kAll);
    if (is_wanted && !Write(table)) return false;
  }
  return true;
}

bool TableCache::is_dirty() const {
  return std::ranges::any_of(tables_, [](const Table& table) { return table.is_dirty(); });
}

bool TableCache::Write(Table& table) {
  const uint64_t begin = AlignDown(table.dirty_begin_, kWriteUnitBytes);
  const uint64_t end =
      std::min<uint64_t>(AlignUp(table.dirty_end_, kWriteUnitBytes), table.bytes().size());
  if (!file_.Write(std::as_const(table).bytes().subspan(begin, end - begin),
                   table.offset() + begin)) {
    return false;
  }
  table.dirty_begin_ = UINT64_MAX;
  table.dirty_end_ = 0;
  table.is_new_ = false;
  return true;
}

}  // namespace emu::qcow2
