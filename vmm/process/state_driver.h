// The one thread that moves a VM between its states.
//
//              Start                    (first instruction)
//   kStopped ─────────> kStarting ─────────────────────────> kRunning <──┐ Resume
//      ^                                                      │   │      │
//      │                                     Stop, guest exit │   └──> kPaused
//      │                                                      v  Pause   │
//      └───────────────────────────────────────────────── kStopping <────┘ Stop
//
//   kRunning, kPaused ── Suspend ──> kSuspending ──> kSuspended, for good
//                 ^─── it failed, or Resume ──┘
//
// A snapshot is taken in kRunning and in kPaused and changes neither.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "devices/backend/char_stream.h"
#include "vmm/machine/machine.h"
#include "vmm/machine/machine_config.h"
#include "vmm/process/host_io.h"
#include "vmm/process/io_loop.h"
#include "vmm/process/snapshot_taker.h"
#include "vmm/process/thread_role.h"

namespace emu {

class VcpuThread;

enum class VmState { kStopped, kStarting, kRunning, kPaused, kStopping, kSuspending, kSuspended };

std::string_view VmStateName(VmState state);

// Why the guest left, or asked to be reset.
struct GuestExit {
  enum class Cause { kPowerOff, kReset, kFailed };
  Cause cause = Cause::kPowerOff;
  uint32_t code = 0;  // for kFailed: what the guest wrote, or 1 if the machine could not reset
};

// Commands are taken from any thread, answered at once and done in order on the driver's own
// thread; one that makes no sense in the state it meets (Resume of a stopped VM) does nothing.
class StateDriver {
 public:
  using Observer = std::function<void(VmState, std::optional<GuestExit>)>;

  // Builds the machine, loads its boot files and makes every thread it will ever need, all of them
  // parked. `console` and `loop` outlive the driver. Errors are Machine::Create's.
  static absl::StatusOr<std::unique_ptr<StateDriver>> Create(
      MachineConfig config, CharStream& console, IoLoop& loop,
      Machine::TranslatorFactory new_translator = &translator::Translator::Create);
  // Stops the VM, waits for its threads. The loop must not be inside this machine's handlers: stop
  // it first, or destroy the driver on the loop's thread.
  ~StateDriver();

  void Start();
  // It is PAUSED as soon as it has started: its first instruction waits for Resume.
  void StartPaused();
  void Pause();
  void Resume();
  void Reset();
  void Stop();

  // Saves the machine. If that fails, or a Resume comes meanwhile, the VM goes on as before. A
  // snapshot that is being taken is finished first.
  void Suspend(StateSave save);
  // Saves the machine as it is now, and goes on at once. A Stop ends it with CANCELLED; a guest
  // that powers itself off waits for it, and a reset does not concern it. FAILED_PRECONDITION while
  // another is taken, and for a disk that is written to and gets no overlay: it would not stay as
  // it is.
  void TakeSnapshot(StateSave save);

  // Runs `work` on the driver's thread, in the order of commands: nobody moves the VM meanwhile,
  // but its processors may run.
  void Do(std::function<void()> work);

  // Before Start: runs `work` on each of the VM's threads, the loop's aside, one after another, and
  // returns when all have done it.
  void RunOnEachThread(const std::function<void(ThreadRole)>& work);

  // For a debugger, in work given to Do. While it holds the processors they do not run, whatever
  // the VM's state, and time stands still. Released, those that `runs` names by index run when the
  // state says so.
  void HoldProcessors();
  void ReleaseProcessors(std::vector<bool> runs);
  // Called on the driver's thread when a processor has stopped for a debugger, with all of them
  // held. False: nobody is there, go on.
  using DebugObserver = std::function<bool(uint32_t vcpu)>;
  void SetDebugObserver(DebugObserver observer);

  // Called on the driver's thread after each change of state, with no lock held; once more in
  // kRunning with Cause::kReset when the guest has reset itself. Set before Start.
  void SetObserver(Observer observer);

  VmState state() const { return state_.load(std::memory_order_acquire); }
  // Of one that is paused because a disk failed: it goes on with Resume, and tries again.
  std::optional<DiskError> disk_error() const;
  Machine& machine() { return *machine_; }

 private:
  enum class Command {
    kStart,
    kStartPaused,
    kPause,
    kResume,
    kReset,
    kStop,
    kSuspend,
    kSnapshot,
    kSnapshotWritten,
    kGuestExit,
    kDebugStop,
    kDiskError,
    kWork,
    kQuit
  };
  struct Order {
    Command command;
    GuestExit exit = {};                   // of kGuestExit
    uint32_t vcpu = 0;                     // of kDebugStop
    std::function<void()> work = {};       // of kWork
    std::unique_ptr<StateSave> save = {};  // of kSuspend and kSnapshot
    DiskError disk_error = {};             // of kDiskError
  };

  explicit StateDriver(IoLoop& loop);

  void Give(Order order);
  void ThreadMain();
  void Obey(Order& order);
  void DoStart(VmState to);
  void DoStop(std::optional<GuestExit> exit);
  void DoReset(std::optional<GuestExit> exit);
  void DoSuspend(const StateSave& save);
  absl::Status Save(const StateSave& save);
  void DoSnapshot(StateSave& save);
  absl::Status BeginSnapshot(StateSave& save);
  absl::Status CheckIsNotEnding() const;
  void DoDebugStop(uint32_t vcpu);
  void DoDiskError(const DiskError& error);
  void Go();
  void Halt();
  void ForgetGuestExit();
  void Move(VmState to, std::optional<GuestExit> exit = std::nullopt,
            std::optional<DiskError> error = std::nullopt);

  IoLoop& loop_;
  std::unique_ptr<HostIo> host_io_;
  std::unique_ptr<Machine> machine_;
  std::vector<std::unique_ptr<VcpuThread>> vcpu_threads_;
  std::atomic<VmState> state_ = VmState::kStopped;
  std::atomic<bool> is_save_unwanted_ = false;
  // The driver's thread:
  SnapshotTaker snapshots_{[this] { Give({Command::kSnapshotWritten}); }};
  bool fresh_ = true;  // the machine is as after a reset
  bool held_ = false;  // by a debugger
  bool going_ = false;
  std::vector<bool> runs_;  // which processors a debugger lets run; all where it says nothing

  mutable std::mutex mutex_;
  std::condition_variable ordered_;
  std::deque<Order> orders_ ABSL_GUARDED_BY(mutex_);
  bool guest_exit_queued_ ABSL_GUARDED_BY(mutex_) = false;
  bool disk_error_queued_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<DiskError> disk_error_ ABSL_GUARDED_BY(mutex_);
  Observer observer_ ABSL_GUARDED_BY(mutex_);
  DebugObserver debug_observer_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace emu
