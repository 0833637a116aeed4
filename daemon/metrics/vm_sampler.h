// What VMs have done and take of their host, read without asking any of them too often.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "daemon/vm_table.h"
#include "emud/v1/stats.pb.h"

namespace emu::daemon {

// For every thread. A VM's processors are held for the microseconds that its counters are read, so
// that all who ask within kFresh share one reading.
class VmSampler {
 public:
  static constexpr std::chrono::milliseconds kFresh{500};
  // One that does not answer so long is left out, and not asked again for kSilence; all of them
  // together hold up one look no longer than kLongestLook.
  static constexpr std::chrono::milliseconds kPatience{1000};
  static constexpr std::chrono::milliseconds kLongestLook{3000};
  static constexpr std::chrono::seconds kSilence{10};

  explicit VmSampler(VmTable& vms) : vms_(vms) {}

  // In the order of `vms`.
  std::vector<emud::v1::VmUsage> Sample(const std::vector<VmPtr>& vms);

 private:
  using Clock = std::chrono::steady_clock;
  struct Reading {
    Clock::time_point until;  // when it is to be read anew
    uint32_t pid = 0;
    bool has_answered = false;
    emud::v1::VmStats counters;
  };

  emud::v1::VmUsage SampleOne(const emud::v1::Vm& vm, Clock::time_point deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads its counters anew, if that is due.
  const Reading& Read(const emud::v1::Vm& vm, Clock::time_point deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  VmTable& vms_;
  std::mutex mutex_;  // held while VMs are asked: who comes meanwhile wants the same
  std::map<std::string, Reading> readings_ ABSL_GUARDED_BY(mutex_);  // by uid
};

}  // namespace emu::daemon
