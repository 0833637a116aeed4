// Ends or suspends disposable VMs: those whose time to live is over, and those that nobody uses.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "daemon/lifetime.h"
#include "daemon/vm_table.h"
#include "vmm/base/log.h"

namespace emu::daemon {

// Looks at all VMs again and again and does what is due then, so that neither a kill of the daemon
// nor an attempt that failed is forgotten: what is due is in the VMs' records. A thread of its own,
// and one for each VM that is being ended. Lives until the process ends.
class Reaper {
 public:
  explicit Reaper(VmTable& vms);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Why : uint8_t { kTtl, kIdle };
  struct Watched {
    uint32_t pid = 0;
    VmActivity last = {};
    Clock::time_point idle_since = {};  // if the record says that it is idle
  };

  void Main();
  void LookAt(const emud::v1::Vm& vm);
  // Whether it has been idle for its timeout. Writes into the record when it becomes idle, and when
  // it is used again.
  bool IsIdleForLong(const emud::v1::Vm& vm);
  // What the last look has seen, or the record of an earlier daemon; false if this is the first.
  bool FindLastLook(const emud::v1::Vm& vm, const VmActivity& now, Watched& watched);
  void NoteIdle(const emud::v1::Vm& vm, const VmActivity& since);
  void NoteUse(const emud::v1::Vm& vm);
  void End(const emud::v1::Vm& vm, Why why);
  absl::Status EndNow(const emud::v1::Vm& vm, Why why);
  static emud::v1::Lifecycle::IdleAction ActionOf(const emud::v1::Vm& vm, Why why);

  VmTable& vms_;
  std::map<std::string, Watched> watched_;  // by uid; the looking thread's
  LogRateLimiter failures_;
  std::mutex mutex_;
  std::set<std::string> ending_ ABSL_GUARDED_BY(mutex_);  // uids
};

}  // namespace emu::daemon
