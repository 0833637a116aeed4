// All VMs of this daemon: their records, their processes, and what moves them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/console_reader.h"
#include "daemon/host_drain.h"
#include "daemon/images/images.h"
#include "daemon/jailer.h"
#include "daemon/lifetime.h"
#include "daemon/query/page_token.h"
#include "daemon/request_ids.h"
#include "daemon/snapshots/snapshot_folder.h"
#include "daemon/store/database.h"
#include "daemon/vm_networks.h"
#include "daemon/vm_process.h"
#include "daemon/vm_records.h"
#include "daemon/volumes/volumes.h"
#include "emud/v1/pool.pb.h"
#include "emud/v1/snapshot.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Every function is for every thread and may block: on the disk, and Start and Stop on the VM.
// Lives until the process ends, since watcher threads call it.
class VmTable {
 public:
  // What a VM is made for: to wait there, or as somebody's at once.
  struct PoolPlace {
    const emud::v1::Pool& pool;
    bool is_acquired;
  };

  // `images` and `volumes` have been loaded.
  VmTable(std::string state_dir, Jailer::Options jail, std::unique_ptr<Database> database,
          const Images& images, const Volumes& volumes);

  // Takes up what an earlier daemon left: running VMs, unfinished starts, creations and deletions.
  // A VM that is silent is waited for a quarter second, and goes on being taken up after that.
  absl::Status Recover();

  // Mutations. `origin` is noted with the intent. `source`, of the request's project, is what the
  // VM goes on from, if it is given; `pool` what it is made for.
  absl::StatusOr<VmPtr> Create(const emud::v1::CreateVmRequest& request,
                               const RequestOrigin& origin,
                               const emud::v1::Snapshot* source = nullptr,
                               const PoolPlace* pool = nullptr);
  absl::StatusOr<VmPtr> Update(const emud::v1::UpdateVmRequest& request,
                               const RequestOrigin& origin);
  // Of one that is suspended: it goes on, whose disks may have changed only if that is accepted.
  enum class ChangedDisks : uint8_t { kRefuse, kAccept };
  absl::StatusOr<VmPtr> Start(const std::string& name, ChangedDisks changed_disks,
                              const RequestOrigin& origin);
  // Of one that waits for its restart: it is not restarted. By force, of one that is suspended: it
  // is discarded what was saved. With grace, a guest that runs is asked by its power button, and
  // has so long to obey.
  struct StopOptions {
    bool force = false;
    std::chrono::milliseconds grace{0};
  };
  absl::StatusOr<VmPtr> Stop(const std::string& name, const StopOptions& options,
                             const RequestOrigin& origin);
  // SUSPEND_FAILED: it goes on as before.
  absl::StatusOr<VmPtr> Suspend(const std::string& name, const RequestOrigin& origin,
                                const std::string& reason = "USER");
  // vm_snapshots.cc. What a snapshot of the VM as it is will have; SNAPSHOT_FAILED, WRONG_STATE.
  absl::StatusOr<emud::v1::Snapshot> PlanSnapshot(const std::string& name);
  // Takes what was planned, into its folder; `taken` says what came of it. After an error there is
  // no folder. SNAPSHOT_FAILED, VM_NOT_RESPONDING, WRONG_STATE.
  absl::Status TakeSnapshot(emud::v1::Snapshot& taken);
  // Makes `spec`, which comes from elsewhere, one of this host's: what its images, by their names
  // here, are. `coming` are those that are about to be. INVALID_ARGUMENT, IMAGE_NOT_FOUND,
  // VOLUME_NOT_FOUND.
  absl::Status AdoptSpec(const std::string& project, std::span<const ImagePtr> coming,
                         emud::v1::VmSpec& spec) const;
  // The VM becomes what it was.
  absl::StatusOr<VmPtr> GoBack(const std::string& name, const emud::v1::Snapshot& snapshot,
                               const RequestOrigin& origin);
  // vm_waiting.cc. Starts one that IsInPool and was just made: it waits when this returns.
  absl::StatusOr<VmPtr> StartWaiting(const std::string& name);
  // One that IsWaiting is somebody's, with what `edit` changes, and goes on. Null if it does not
  // wait any more. NAME_IN_USE, INVALID_ARGUMENT.
  absl::StatusOr<VmPtr> Acquire(const std::string& uid,
                                const std::function<void(emud::v1::Vm&)>& edit,
                                const RequestOrigin& origin);
  // Deletes one that IsInPool, unless somebody has acquired it meanwhile.
  absl::Status Retire(const std::string& uid);
  // Of one that nobody uses, or whose time is over, which `reason` says; by force where it does not
  // obey.
  absl::Status StopByItself(const std::string& uid, const std::string& reason,
                            std::chrono::milliseconds grace = std::chrono::milliseconds(0));
  absl::StatusOr<VmPtr> Pause(const std::string& name);
  absl::StatusOr<VmPtr> Resume(const std::string& name);
  absl::StatusOr<VmPtr> Reset(const std::string& name);
  absl::Status Delete(const emud::v1::DeleteVmRequest& request, const RequestOrigin& origin);

  // Reading and waiting for what the API shows.
  VmRecords& records() { return records_; }
  RequestIds& request_ids() { return request_ids_; }
  const PageTokens& page_tokens() const { return page_tokens_; }
  Jailer& jailer() { return jailer_; }
  HostDrain& drain() { return drain_; }

  // Asks the VM's process. `verb`, for the error, is what was to be done to it; `passed`, a
  // descriptor, goes along. FAILED_PRECONDITION/WRONG_STATE without a process, else what that
  // answers.
  absl::StatusOr<vm::v1::Response> Ask(const std::string& name, const std::string& verb,
                                       vm::v1::Request request, int passed = -1,
                                       std::chrono::milliseconds timeout = std::chrono::seconds(5));
  // Returns the path of a new socket, where gdb is answered by the VM's process.
  absl::StatusOr<std::string> OpenGdb(const std::string& name);
  absl::StatusOr<std::shared_ptr<ConsoleReader>> OpenConsole(const std::string& name);
  absl::StatusOr<VmDirectory> DirectoryOf(const std::string& name);
  absl::Status TypeIntoConsole(const std::string& name, const std::string& bytes);
  // Returns when a console has moved, or after a tenth of a second.
  void WaitForConsole();

  // Who is attached to a VM's console holds what this returns; null if there is no such VM.
  std::shared_ptr<const void> Attach(const std::string& uid);
  // Nothing if it has no process.
  std::optional<VmActivity> ActivityOf(const std::string& uid);
  // Whether a gdb is attached. Asks the VM's process.
  bool HasGdb(const std::string& name);
  // Of one that has a process: what has become of its network cards.
  std::vector<emud::v1::NicStatus> NicsOf(const std::string& uid);
  // Of one that is SUSPENDING, or that a snapshot is taken of.
  emud::v1::SaveProgress SavingOf(const std::string& uid);

 private:
  struct Entry {
    Entry(std::string vm_uid, const std::string& directory_path)
        : uid(std::move(vm_uid)), directory(directory_path) {}
    const std::string uid;
    const VmDirectory directory;
    std::mutex operation;                  // one Start, Stop, ... at a time; before any other lock
    std::shared_ptr<VmProcess> process;    // and the rest: under mutex_
    std::shared_ptr<VmNetworks> networks;  // with the process, if it has any
    std::shared_ptr<ConsoleReader> console;
    uint32_t pid = 0;
    uint64_t inputs = 0;
    // One more holder for each who is attached.
    const std::shared_ptr<const char> attached = std::make_shared<const char>();
    std::optional<vm::v1::Response::Sandbox> sandbox;  // that its process has told
    // Somebody waits for the answer to a suspension: what the process says of its state meanwhile
    // may be from before.
    bool is_suspension_asked = false;
    emud::v1::SaveProgress saving;
  };
  using EntryPtr = std::shared_ptr<Entry>;  // shared: a watcher may outlive the row

  struct Moving {
    emud::v1::Vm::State to;
    std::string reason;
    VmRecords::Kind kind = VmRecords::Kind::kFact;
    RequestOrigin origin = {};
    std::function<void(emud::v1::Vm&)> edit = {};  // what else changes, after the state has
  };

  absl::StatusOr<EntryPtr> Find(const std::string& name);
  EntryPtr FindByUid(const std::string& uid);  // null if there is none
  EntryPtr AddEntry(const std::string& uid);
  void RemoveEntry(const EntryPtr& entry);
  // VM_NOT_FOUND once it is deleted.
  absl::StatusOr<VmPtr> Current(const EntryPtr& entry) const;
  std::shared_ptr<VmProcess> ProcessOf(const EntryPtr& entry);
  std::shared_ptr<VmNetworks> NetworksOf(const EntryPtr& entry);
  void KeepNetworks(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process);
  // Nothing happens where the move is illegal.
  absl::Status Move(const EntryPtr& entry, const Moving& moving);
  absl::StatusOr<VmPtr> WaitUntil(const EntryPtr& entry, const VmRecords::Condition& is_enough,
                                  std::chrono::milliseconds timeout);

  // Whatever `spec` leaves out. What `before`, the VM's spec so far, has of its images stays.
  absl::Status Complete(const std::string& project, const emud::v1::VmSpec& before,
                        std::span<const ImagePtr> coming, emud::v1::VmSpec& spec) const;

  // vm_moves.cc: on somebody's word.
  absl::StatusOr<VmPtr> Command(const std::string& name, const std::string& verb,
                                vm::v1::Request request, emud::v1::Vm::State target);
  absl::Status Launch(const EntryPtr& entry, const Moving& starting,
                      ChangedDisks changed_disks = ChangedDisks::kRefuse);
  absl::Status Spawn(const EntryPtr& entry, VmLaunch launch);
  // What came to no process: STOPPED, or still SUSPENDED.
  absl::Status FailStart(const EntryPtr& entry);
  // The process is ready: its guest's first instruction follows.
  void BeginGuest(const EntryPtr& entry, VmProcess& process);
  absl::StatusOr<VmPtr> AwaitStart(const EntryPtr& entry, const std::string& name);
  // A new life of the VM, in its record.
  static void BeginAnew(emud::v1::Vm& starting);
  // `reason`: kByForce, or why it is asked to end. `grace`: for the guest, to power off by itself.
  absl::Status EndProcess(const EntryPtr& entry, const std::string& reason,
                          const RequestOrigin& origin,
                          std::chrono::milliseconds grace = std::chrono::milliseconds(0));
  // vm_suspend.cc.
  absl::StatusOr<VmPtr> Discard(const EntryPtr& entry, const RequestOrigin& origin);
  // vm_snapshots.cc: puts a new file on top of each disk's, to be written to from now on, and has
  // the VM's process save itself meanwhile, where there is one.
  absl::Status Freeze(const EntryPtr& entry, const emud::v1::Vm& vm, const SnapshotFolder& folder,
                      emud::v1::Snapshot& taken);
  // Of one that is going back: what was prepared takes its place, however often it is done.
  absl::Status ArriveBack(const EntryPtr& entry);
  absl::Status AskToSuspend(const EntryPtr& entry, VmProcess& process, const UniqueFd& state,
                            const Moving& suspending);

  // What Hello tells of the process, for when its state is stored.
  void NoteHello(const EntryPtr& entry, const VmProcess& process, const vm::v1::Response& answer);
  absl::Status Unmake(const EntryPtr& entry, const RequestOrigin& origin);
  // Of one that was being made: where it can't be taken back, it is FAILED.
  void UnmakeOrFail(const EntryPtr& entry, const RequestOrigin& origin);

  // vm_upkeep.cc: by itself.
  void Adopt(const EntryPtr& entry);
  // Of one that was taken up: UNKNOWN unless it says soon what it does.
  void DoubtIfSilent(const EntryPtr& entry);
  void Watch(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process);
  void OnState(const EntryPtr& entry, vm::v1::State state, const vm::v1::DiskError& disk_error);
  // The process has told its pid and its state: what is stored follows, and what an earlier daemon
  // did not come to say is said.
  void OnHello(const EntryPtr& entry, VmProcess& process, const vm::v1::Response& answer);
  void OnEnd(const EntryPtr& entry);
  void StartAnew(const EntryPtr& entry);
  void RestartWhenDue(const EntryPtr& entry);
  void Restart(const EntryPtr& entry, const google::protobuf::Timestamp& due);

  const std::string state_dir_;
  Jailer jailer_;
  const std::unique_ptr<Database> database_;
  const Images& images_;
  const Volumes& volumes_;
  VmRecords records_;
  RequestIds request_ids_;
  HostDrain drain_;
  const PageTokens page_tokens_;

  std::mutex mutex_;
  std::condition_variable console_moved_;
  std::map<std::string, EntryPtr> entries_ ABSL_GUARDED_BY(mutex_);  // by uid
};

}  // namespace emu::daemon
