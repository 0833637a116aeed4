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
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/cgroups.h"
#include "daemon/vm_directory.h"
#include "vm/v1/vm_control.pb.h"
#include "vmm/base/unique_fd.h"
#include "vmm/disk_files/image_format.h"

namespace emu::daemon {

// A watcher thread of its own per VM, so that a VM that hangs delays nobody else; it keeps the
// object alive (that is why it is shared) until the process has ended and `on_end` has returned.
class VmProcess : public std::enable_shared_from_this<VmProcess> {
 public:
  struct Observer {
    // Watcher's thread.
    std::function<void(const vm::v1::Event::StateChanged&)> on_state;
    std::function<void()> on_console;                                 // the same
    std::function<void(const vm::v1::Event::SaveAdvanced&)> on_save;  // the same
    // The same: an answer to Hello that no Call waits for, because it is late, or because the
    // watcher has connected anew.
    std::function<void(const vm::v1::Response&)> on_hello;
    std::function<void()> on_end;  // the same, last
  };

  // `monitor` and `vm` are pidfds; either may be absent if that process is gone or not known. The
  // watcher connects anew where `control` is absent or breaks.
  VmProcess(VmDirectory directory, UniqueFd control, UniqueFd monitor, UniqueFd vm);

  void Watch(Observer observer);

  // Sends a request and waits for its answer. DEADLINE_EXCEEDED if the VM is silent, ABORTED if it
  // is gone, else what the VM answered.
  // `passed`, descriptors, go along.
  absl::StatusOr<vm::v1::Response> Call(vm::v1::Request request, std::chrono::milliseconds timeout,
                                        const std::vector<int>& passed = {});
  // Sends a request whose answer nobody waits for. What can't be sent is lost.
  void Tell(vm::v1::Request request);
  // The number of the VM process, which counts its own differently; 0 if it is gone, or its monitor
  // has not come to writing it down for a second.
  uint32_t pid() const;
  // From now on, until the process ends, the watcher accepts at `listener` and hands the
  // connections to the VM process. In place of any listener before.
  void PassOnGdb(UniqueFd listener);
  // Ends the VM process with SIGKILL, and its monitor where that one hangs too or is all there is:
  // the VM process dies with it.
  void Kill();

 private:
  void WatcherMain(const Observer& observer);
  bool DrainControl(const Observer& observer);
  bool Reconnect();
  // The VM's pidfd; -1 while its number is not known.
  int FindVm();
  std::shared_ptr<const UniqueFd> GdbListener();
  void AcceptGdb(int listener);
  std::chrono::milliseconds MonitorGrace();
  void KillMonitor();
  bool Send(uint64_t seq, vm::v1::Request request, const std::vector<int>& passed = {})
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FailPending();

  const VmDirectory directory_;
  const UniqueFd monitor_;
  std::mutex mutex_;
  UniqueFd control_ ABSL_GUARDED_BY(mutex_);  // changed by the watcher only
  UniqueFd vm_ ABSL_GUARDED_BY(mutex_);       // set once
  // Shared: the watcher may be waiting at one that is being replaced.
  std::shared_ptr<const UniqueFd> gdb_listener_ ABSL_GUARDED_BY(mutex_);
  bool killed_ ABSL_GUARDED_BY(mutex_) = false;
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
  UniqueFd flash;
  UniqueFd variables;  // what the firmware remembers
  // In the config's order: each disk's image, and what lies below it.
  std::vector<std::vector<ImageLayer>> disks;
  UniqueFd state;  // to go on from; absent: from a reset
  std::vector<UniqueFd> state_sources;
  UniqueFd code;  // translations of that state's machine
  CgroupLimits limits = {};
  VmCgroups cgroups = {};
};

// The record's identity, which a process that was spawned a moment ago has still to write: waited
// for a second.
ProcessIdentity AwaitIdentity(const VmDirectory& directory);

// The first request of every connection.
vm::v1::Request HelloRequest();

// The pidfd of the VM process that `directory`'s record names; absent if there is none alive.
UniqueFd OpenRecordedVm(const VmDirectory& directory);

// Starts `program` so that it outlives the daemon.
absl::StatusOr<std::shared_ptr<VmProcess>> SpawnVm(const std::string& program, VmLaunch launch,
                                                   const VmDirectory& directory);
// Takes up a process that an earlier daemon started; NOT_FOUND if none is alive.
absl::StatusOr<std::shared_ptr<VmProcess>> AdoptVm(const std::string& uid,
                                                   const VmDirectory& directory);

}  // namespace emu::daemon
