// Who types into a console: one at a time.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"

namespace emu::daemon {

// For every thread. A session is one attached client; the same person may have several.
class Keyboard {
 public:
  // Never given twice. Counts as attached until Leave.
  uint64_t Join();
  void Leave(uint64_t session);

  // True if `session` has the keyboard now, because it had it or nobody did. `principal` is what
  // others are told.
  bool Claim(uint64_t session, const std::string& principal);
  void Take(uint64_t session, const std::string& principal);
  bool IsHeldBy(uint64_t session) const;
  std::string holder() const;  // empty: nobody
  uint32_t sessions() const;

 private:
  mutable std::mutex mutex_;
  uint64_t next_session_ ABSL_GUARDED_BY(mutex_) = 1;
  uint32_t sessions_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t holder_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: nobody
  std::string principal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
