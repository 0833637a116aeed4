// One VM process as the daemon sees it: its control socket, its death.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/vm_directory.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"

namespace emu::daemon {

// A watcher thread of its own per VM, so that a VM that hangs delays nobody else; it keeps the
// object alive (that is why it is shared) until the process has ended and `on_end` has returned.
class VmProcess : public std::enable_shared_from_this<VmProcess> {
 public:
  struct Observer {
    std::function<void(vm::v1::State)> on_state;  // watcher's thread
    std::function<void()> on_console;             // the same
    std::function<void()> on_end;                 // the same, last
  };

  // `monitor` and `vm` are pidfds; either may be absent if that process is gone or not known.
  VmProcess(UniqueFd control, UniqueFd monitor, UniqueFd vm);

  void Watch(Observer observer);

  // Sends a request and waits for its answer. DEADLINE_EXCEEDED if the VM is silent, ABORTED if it
  // is gone, else what the VM answered.
  absl::StatusOr<vm::v1::Response> Call(vm::v1::Request request, std::chrono::milliseconds timeout);
  // Opens the VM's pidfd, once Hello has told its number.
  void SetVmPid(int pid);
  // SIGKILL to both of its processes.
  void Kill();

 private:
  void WatcherMain(const Observer& observer);
  bool DrainControl(const Observer& observer);
  void FailPending();

  const UniqueFd control_;
  const UniqueFd monitor_;
  std::mutex mutex_;
  UniqueFd vm_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_seq_ ABSL_GUARDED_BY(mutex_) = 1;
  bool disconnected_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, std::optional<vm::v1::Response>> pending_ ABSL_GUARDED_BY(mutex_);
  std::condition_variable answered_;
};

// What a VM process is started with; the config's descriptor numbers are filled in here.
struct VmLaunch {
  vm::v1::VmConfig config;
  UniqueFd firmware;
  UniqueFd kernel;
  UniqueFd initrd;
  std::vector<UniqueFd> disks;  // in the config's order
};

// Starts `program` so that it outlives the daemon.
absl::StatusOr<std::shared_ptr<VmProcess>> SpawnVm(const std::string& program, VmLaunch launch,
                                                   const VmDirectory& directory);
// Takes up a process that an earlier daemon started; NOT_FOUND if none is alive. `pid` becomes the
// VM's.
absl::StatusOr<std::shared_ptr<VmProcess>> AdoptVm(const std::string& uid,
                                                   const VmDirectory& directory);

}  // namespace emu::daemon
