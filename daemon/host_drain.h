// A host that is about to be shut down: what becomes of its VMs, and that none starts.
#pragma once

#include <atomic>
#include <chrono>

#include "absl/status/status.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

class VmTable;

// Every thread.
class HostDrain {
 public:
  explicit HostDrain(Database& database) : database_(database) {}
  // Reads what an earlier daemon stored. First of all.
  absl::Status Load();

  bool is_on() const { return is_on_; }
  // Stored before it is so. STORAGE_FULL.
  absl::Status Set(bool is_on);

 private:
  Database& database_;
  std::atomic<bool> is_on_ = false;
};

// Does to a VM what it wants of a host that is drained; nothing to one that has no process.
// `grace`: for a guest that is asked to power off.
absl::Status DrainVm(VmTable& vms, const emud::v1::Vm& vm, std::chrono::milliseconds grace,
                     const RequestOrigin& origin);
// Whether it is to be started again afterwards.
bool IsDrained(const emud::v1::Vm& vm);

}  // namespace emu::daemon
