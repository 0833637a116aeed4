#include "daemon/revision_index.h"

#include <algorithm>

namespace emu::daemon {

void RevisionIndex::Change(const VmPtr& vm, uint64_t before) {
  changed_.erase(before);
  changed_[vm->revision()] = vm;
  Advance(vm->revision());
}

void RevisionIndex::Delete(const VmPtr& vm, uint64_t revision) {
  changed_.erase(vm->revision());
  deleted_[revision] = vm;
  Advance(revision);
}

void RevisionIndex::Restore(uint64_t floor, uint64_t newest) {
  floor_ = std::max(floor_, floor);
  Advance(newest);
}

void RevisionIndex::Advance(uint64_t revision) {
  newest_ = std::max(newest_, revision);
  if (newest_ > kept_) floor_ = std::max(floor_, newest_ - kept_);
  deleted_.erase(deleted_.begin(), deleted_.upper_bound(floor_));
}

std::vector<VmDelta> RevisionIndex::After(uint64_t revision, size_t limit) const {
  std::vector<VmDelta> deltas;
  auto changed = changed_.upper_bound(revision);
  auto deleted = deleted_.upper_bound(revision);
  while (deltas.size() < limit && (changed != changed_.end() || deleted != deleted_.end())) {
    const bool is_change =
        deleted == deleted_.end() || (changed != changed_.end() && changed->first < deleted->first);
    auto& next = is_change ? changed : deleted;
    deltas.push_back(
        {is_change ? VmDelta::Kind::kChanged : VmDelta::Kind::kDeleted, next->first, next->second});
    ++next;
  }
  return deltas;
}

}  // namespace emu::daemon
