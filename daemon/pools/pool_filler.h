// Makes as many VMs wait in each pool as shall, and drops those that nobody will have.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "daemon/pools/pools.h"
#include "daemon/vm_table.h"

namespace emu::daemon {

// What is to be done for one pool, or for VMs of one that is gone.
struct Filling {
  std::vector<std::string> retire;  // uids of VMs
  bool is_one_missing = false;
};

// What `vms`, of `pool`, which is null if it is gone, lack. Those that can't be had any more are
// dropped, and of those that wait the last ones are, where fewer shall.
Filling PlanFilling(const emud::v1::Pool* pool, const std::vector<VmPtr>& vms);

// Looks at what is stored again and again, so that nothing is forgotten when the daemon is killed,
// a VM dies or an attempt fails. A thread of its own, which makes one VM after the other. Lives
// until the process ends.
class PoolFiller {
 public:
  PoolFiller(VmTable& vms, Pools& pools);

 private:
  using Clock = std::chrono::steady_clock;
  // After attempts that failed, for as long as nobody changes the pool.
  struct Backoff {
    std::string etag;
    std::chrono::milliseconds pause{0};
    Clock::time_point next = {};
  };

  void Main();
  // Whether there was anything that could be done.
  bool LookAtAll();
  absl::Status Fill(const emud::v1::Pool* pool, const Filling& filling);
  void NoteOutcome(const std::string& uid, const std::string& etag, const absl::Status& outcome);
  bool IsHeldUp(const std::string& uid, const std::string& etag) const;

  VmTable& vms_;
  Pools& pools_;
  std::map<std::string, Backoff> backoffs_;  // by uid
};

}  // namespace emu::daemon
