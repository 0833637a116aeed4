// Which transfers of an image's clusters are still under way.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "absl/base/thread_annotations.h"

namespace emu::qcow2 {

// A cluster that an epoch's transfers may be reading or writing is used for nothing else before the
// epoch is over. Any thread; nobody waits.
class TransferEpochs {
 public:
  // Transfers begin, in the epoch that is returned.
  uint64_t Begin() {
    std::lock_guard lock(mutex_);
    ++under_way_[now_];
    return now_;
  }
  void End(uint64_t epoch) {
    std::lock_guard lock(mutex_);
    const auto found = under_way_.find(epoch);
    if (--found->second == 0) under_way_.erase(found);
  }

  // The present one, after which another begins.
  uint64_t Close() {
    std::lock_guard lock(mutex_);
    return now_++;
  }
  // With all before it.
  bool IsOver(uint64_t epoch) const {
    std::lock_guard lock(mutex_);
    return under_way_.empty() || under_way_.begin()->first > epoch;
  }

 private:
  mutable std::mutex mutex_;
  uint64_t now_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, uint64_t> under_way_ ABSL_GUARDED_BY(mutex_);  // how many, by epoch
};

}  // namespace emu::qcow2
