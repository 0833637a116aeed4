// Affine grouping: accesses whose addresses differ by constants share one address translation.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "translator/ir/function.h"

namespace emu::translator {

struct AccessGroup {
  ir::ValueId root;
  bool for_write;
  bool in_other_space;
  int64_t first;    // smallest offset from the root
  int64_t end;      // behind the last byte
  uint32_t leader;  // index of the first access, which translates for all
  uint32_t last;    // index of the last
  uint32_t members;
};

// Reads and writes are grouped apart, for a page may be open to one alone, and so are the two data
// spaces. A group ends at calls.
class AccessGroups {
 public:
  // Wider groups would too often lie across the end of a page, where each access goes alone.
  static constexpr int64_t kMaxSpan = 512;

  // 0: every access goes alone.
  void Analyze(const ir::Function& function, int64_t max_span = kMaxSpan);

  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t GroupOf(uint32_t index) const { return group_of_[index]; }  // kNone: goes alone
  // Of this access, from the first byte of its group.
  int32_t OffsetOf(uint32_t index) const { return static_cast<int32_t>(offset_of_[index]); }
  const AccessGroup& group(uint32_t number) const { return groups_[number]; }
  uint32_t size() const { return static_cast<uint32_t>(groups_.size()); }

 private:
  std::vector<AccessGroup> groups_;
  std::vector<uint32_t> group_of_;
  std::vector<int64_t> offset_of_;
  std::vector<uint32_t> open_;
};

}  // namespace emu::translator
