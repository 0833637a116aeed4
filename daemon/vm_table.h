// All VMs of this daemon: their records, their states, and what moves them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/console_reader.h"
#include "daemon/store/state_store.h"
#include "daemon/vm_process.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// Every function is for every thread and may block: on the disk, and Start and Stop on the VM.
// Lives until the process ends, since watcher threads call it.
class VmTable {
 public:
  VmTable(std::string state_dir, std::string vm_program, std::unique_ptr<StateStore> store);

  // Takes up what an earlier daemon left: running VMs, unfinished creations and deletions.
  absl::Status Recover();

  absl::StatusOr<emud::v1::Vm> Create(const emud::v1::CreateVmRequest& request);
  absl::StatusOr<emud::v1::Vm> Get(const std::string& name);
  std::vector<emud::v1::Vm> List();
  absl::StatusOr<emud::v1::Vm> Start(const std::string& name);
  absl::StatusOr<emud::v1::Vm> Stop(const std::string& name, bool force);
  absl::StatusOr<emud::v1::Vm> Pause(const std::string& name);
  absl::StatusOr<emud::v1::Vm> Resume(const std::string& name);
  absl::StatusOr<emud::v1::Vm> Reset(const std::string& name);
  absl::Status Delete(const std::string& name, bool force);

  // Waits until `is_enough` says so of the VM; NOT_FOUND when it goes, DEADLINE_EXCEEDED.
  absl::StatusOr<emud::v1::Vm> Wait(const std::string& name,
                                    const std::function<bool(const emud::v1::Vm&)>& is_enough,
                                    std::chrono::steady_clock::time_point deadline,
                                    const std::function<bool()>& is_cancelled);

  absl::StatusOr<std::shared_ptr<ConsoleReader>> OpenConsole(const std::string& name);
  absl::StatusOr<VmDirectory> DirectoryOf(const std::string& name);
  // Asks the process of a VM; what it answers, if it lives. `verb` is for the error.
  // `passed` goes along, if it is a descriptor.
  absl::StatusOr<vm::v1::Response> Ask(const std::string& name, const std::string& verb,
                                       vm::v1::Request request, int passed = -1);
  // Opens a socket for gdb, and passes who connects on to the VM's process; its path.
  absl::StatusOr<std::string> OpenGdb(const std::string& name);
  absl::Status TypeIntoConsole(const std::string& name, const std::string& bytes);
  // Returns when a console has moved, or a VM's state, or after a tenth of a second.
  void WaitForConsole();

 private:
  struct Entry {
    explicit Entry(std::string directory_path) : directory(std::move(directory_path)) {}
    const VmDirectory directory;
    std::mutex operation;  // one Start, Stop, ... at a time; taken before mutex_
    emud::v1::Vm vm;       // and the rest: under mutex_
    std::shared_ptr<VmProcess> process;
    std::shared_ptr<ConsoleReader> console;
    bool killed_by_us = false;
  };
  using EntryPtr = std::shared_ptr<Entry>;  // shared: a watcher may outlive the row

  absl::StatusOr<EntryPtr> Find(const std::string& name);
  EntryPtr AddEntry(emud::v1::Vm vm);
  // Moves and stores; nothing happens where the move is illegal.
  absl::Status Move(const EntryPtr& entry, emud::v1::Vm::State to, const std::string& reason);
  void Watch(const EntryPtr& entry, const std::shared_ptr<VmProcess>& process);
  void OnState(const EntryPtr& entry, vm::v1::State state);
  // The process has told its pid and its state: what is stored follows, and what an earlier daemon
  // did not come to say is said.
  void OnHello(const EntryPtr& entry, VmProcess& process, const vm::v1::Response& answer);
  void OnEnd(const EntryPtr& entry);
  void Adopt(const EntryPtr& entry);
  absl::Status Launch(const EntryPtr& entry);
  absl::StatusOr<emud::v1::Vm> Command(const std::string& name, const std::string& verb,
                                       vm::v1::Request request, emud::v1::Vm::State target);
  absl::Status EndProcess(const EntryPtr& entry, bool force);
  emud::v1::Vm Copy(const EntryPtr& entry);

  const std::string state_dir_;
  const std::string vm_program_;
  const std::unique_ptr<StateStore> store_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, EntryPtr> vms_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
