// How often each cluster of the file is used, and which are free.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "devices/backend/qcow2/count_format.h"
#include "devices/backend/qcow2/table_cache.h"

namespace emu::qcow2 {

// A table of blocks of counts. The table is in memory, blocks are cached. Counts in the file may be
// too high at any time, which only wastes room, and never too low: blocks are written before what
// uses the clusters is. A block or table that is new takes three steps, each on the disk before the
// next begins: WriteBlocks; PublishTable; what uses the clusters.
class Refcounts {
 public:
  explicit Refcounts(ImageFile& file);

  // Reads the table. INVALID_ARGUMENT if it can't be one.
  absl::Status Load();

  // std::nullopt, here and below: the reason has been logged.
  std::optional<uint64_t> Count(uint64_t cluster);

  // Takes one that nobody uses and gives it a count of one. Its offset.
  std::optional<uint64_t> Allocate();
  // Counts it down; tells whether nobody uses it any more.
  std::optional<bool> Release(uint64_t cluster);
  // The cluster holds a block, or a table that the header tells of.
  bool IsTable(uint64_t offset) const;

  bool has_changed() const { return blocks_cache_.is_dirty() || has_new_blocks(); }
  bool has_new_blocks() const { return layout_.table_has_moved || !layout_.new_entries.empty(); }
  [[nodiscard]] bool WriteBlocks();
  [[nodiscard]] bool PublishTable();
  // Where tables lay that have moved, once that is on the disk. They are to be released.
  std::vector<HostRange> TakeRetired() { return std::exchange(layout_.retired, {}); }

 private:
  struct Layout {
    uint64_t table_offset = 0;
    std::vector<uint64_t> table;  // offsets of blocks; 0: none
    std::vector<uint64_t> sorted_blocks;
    std::vector<uint64_t> new_entries;  // of the table that the file does not have yet
    bool table_has_moved = false;       // the file does not know where it is yet
    std::vector<HostRange> retired;
  };

  // The block of `cluster`; nullptr in the optional: there is none, all its counts are zero.
  std::optional<Table*> Block(uint64_t cluster);
  // Makes one for `cluster`, which is where it is put.
  bool CreateBlock(uint64_t cluster);
  bool GrowTable(uint64_t first_free);
  bool MoveTable(uint64_t first_free, uint64_t blocks, uint64_t clusters);
  bool AddBlock(uint64_t index, uint64_t offset);
  bool SetCount(uint64_t cluster, uint64_t count);
  uint64_t Index(uint64_t cluster) const { return cluster / counts_per_block_; }
  HostRange table_place() const { return {layout_.table_offset, layout_.table.size() * 8}; }
  bool IsTaken(uint64_t offset) const;

  uint64_t CountIn(const Table& block, uint64_t cluster) const {
    return format_.Get(block.bytes(), cluster % counts_per_block_);
  }
  void SetIn(Table& block, uint64_t cluster, uint64_t count) const;

  ImageFile& file_;
  uint64_t counts_per_block_;
  CountFormat format_;
  Layout layout_;
  uint64_t next_ = 0;  // no cluster before it is free
  TableCache blocks_cache_;
};

}  // namespace emu::qcow2
