// Snapshots of VMs, and VMs that become what they were at one.
//
//   a new file lies on top of each disk's -> the process halts, has its registers and memory, goes
//   on with the new files -> it has written its state -> the snapshot is READY
//
// Whoever dies in between leaves a VM whose disks are whole: a file on top that nothing was written
// to is none.
//
//   what it was is prepared beside what it is -> STOPPED for kGoingBack stored -> it takes its
//   place
//   -> SUSPENDED or STOPPED
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/disk_overlays.h"
#include "daemon/errors.h"
#include "daemon/images/sparse_file.h"
#include "daemon/lifetime.h"
#include "daemon/restart_policy.h"
#include "daemon/snapshots/clone_spec.h"
#include "daemon/state_sources.h"
#include "daemon/uid.h"
#include "daemon/vm_files.h"
#include "daemon/vm_images.h"
#include "daemon/vm_states.h"
#include "daemon/vm_table.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"
#include "vmm/disk_files/disk_locks.h"

namespace emu::daemon {
namespace {

using emud::v1::Disk;
using emud::v1::Event;
using emud::v1::Snapshot;
using emud::v1::Vm;
using std::chrono::milliseconds;
using Kind = VmRecords::Kind;

// For memory of many GiB and a slow disk.
constexpr milliseconds kSaveTimeout(600'000);
constexpr char kVerb[] = "take a snapshot of";

VmDirectory PreparedIn(const VmDirectory& vm) { return VmDirectory(vm.path() + "/going-back"); }

std::vector<DiskOverlays> OverlaysOf(const Vm& vm, const VmDirectory& directory) {
  std::vector<DiskOverlays> overlays;
  for (const Disk& disk : vm.spec().disks()) {
    if (HasOverlay(disk)) overlays.emplace_back(directory.disks_path(), disk);
  }
  return overlays;
}

absl::Status CheckDisks(const Vm& vm, const VmDirectory& directory) {
  const auto refuse = [&vm](const std::string& disk, const std::string& why) {
    return errors::SnapshotFailed(
        vm.name(), absl::FailedPreconditionError(absl::StrCat("disk ", disk, " ", why)));
  };
  for (const Disk& disk : vm.spec().disks()) {
    if (disk.readonly() || HasOverlay(disk)) continue;
    return refuse(disk.id(),
                  disk.volume().empty()
                      ? "is a file of the host's that is written to; import it as an image, "
                        "or make it read-only"
                      : "is a volume, which outlives the VM; take it from the VM, or make it "
                        "read-only");
  }
  for (const DiskOverlays& overlays : OverlaysOf(vm, directory)) {
    if (overlays.count() < DiskOverlays::kMost) continue;
    return refuse(overlays.disk_id(),
                  absl::StrCat("lies on the files of ", DiskOverlays::kMost,
                               " snapshots, which is the most; export it as an image, and make a "
                               "VM of that"));
  }
  return absl::OkStatus();
}

absl::Status CheckState(const Vm& vm) {
  const Vm::State state = vm.state();
  if (state == Vm::RUNNING || state == Vm::PAUSED || state == Vm::STOPPED || state == Vm::CRASHED) {
    return absl::OkStatus();
  }
  return errors::WrongState(vm.name(), kVerb, Vm::State_Name(state),
                            state == Vm::SUSPENDED ? "start it first" : "wait for it");
}

// What is said for the first time is said of the snapshot.
absl::Status AsFailure(const std::string& name, const absl::Status& why) {
  if (why.ok() || !errors::ReasonOf(why).empty()) return why;
  if (absl::IsDeadlineExceeded(why)) return errors::VmNotResponding(name, kVerb);
  return errors::SnapshotFailed(name, why);
}

// The process has said so before it has changed anything.
bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status);
}

// Its files on top, which are to be kept open until they are sent.
absl::StatusOr<std::vector<ImageLayer>> OpenTops(const std::vector<DiskOverlays>& disks) {
  std::vector<ImageLayer> tops;
  for (const DiskOverlays& disk : disks) {
    ASSIGN_OR_RETURN(ImageLayer top, disk.OpenTop("spec.disks"));
    tops.push_back(std::move(top));
  }
  RETURN_IF_ERROR(disk_files::SeparateLocks(tops));
  return tops;
}

// The state needs some of those that it could; its process says which.
absl::Status KeepSources(const vm::v1::SavedState& saved, const SnapshotFolder& folder,
                         Snapshot& taken) {
  std::vector<size_t> kept;
  for (const std::string& uid : saved.source_uids()) {
    const auto& known = taken.state_uids();
    const auto found = std::find(known.begin(), known.end(), uid);
    const size_t number = static_cast<size_t>(found - known.begin()) + 1;
    if (found == known.end() || (!kept.empty() && number <= kept.back())) {
      return absl::InternalError("its process names another memory than it was given");
    }
    kept.push_back(number);
  }
  taken.clear_state_uids();
  taken.add_state_uids(saved.uid());
  for (const std::string& uid : saved.source_uids()) taken.add_state_uids(uid);
  return folder.KeepSources(kept);
}

// Has the process write its state, and from that instant on to the files on top.
absl::Status Save(VmProcess& process, const std::vector<DiskOverlays>& disks,
                  const SnapshotFolder& folder, Snapshot& taken) {
  ASSIGN_OR_RETURN(const UniqueFd state, folder.NewState());
  ASSIGN_OR_RETURN(const UniqueFd code, folder.NewCode());
  ASSIGN_OR_RETURN(const std::vector<ImageLayer> tops, OpenTops(disks));
  vm::v1::Request request;
  request.mutable_snapshot()->set_code(true);
  std::vector<int> passed = {state.get(), code.get()};
  for (size_t i = 0; i < disks.size(); ++i) {
    request.mutable_snapshot()->add_overlays(disks[i].disk_id());
    passed.push_back(tops[i].file.get());
    passed.push_back(tops[i].lock.get());
  }
  // The parent, and those of its sources in their order.
  ASSIGN_OR_RETURN(const std::vector<UniqueFd> parents, OpenStateSources(folder.state_path()));
  for (const UniqueFd& parent : parents) passed.push_back(parent.get());
  ASSIGN_OR_RETURN(const vm::v1::Response saved,
                   process.Call(std::move(request), kSaveTimeout, passed));
  taken.set_halted_us(saved.saved().halted_us());
  return KeepSources(saved.saved(), folder, taken);
}

// Where there is no such file, nothing happens.
absl::Status MoveFile(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!std::filesystem::exists(from, error)) return absl::OkStatus();
  std::filesystem::rename(from, to, error);
  return error ? errors::Host(to, error.value()) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<Snapshot> VmTable::PlanSnapshot(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  RETURN_IF_ERROR(CheckState(*vm));
  RETURN_IF_ERROR(CheckDisks(*vm, entry->directory));
  Snapshot plan;
  plan.set_project(vm->project());
  plan.set_vm(vm->name());
  plan.set_vm_uid(vm->uid());
  plan.set_parent(vm->snapshot());
  plan.set_parent_uid(vm->snapshot_uid());
  *plan.mutable_spec() = vm->spec();
  plan.set_has_memory(HasProcess(vm->state()));
  return plan;
}

absl::Status VmTable::TakeSnapshot(Snapshot& taken) {
  const EntryPtr entry = FindByUid(taken.vm_uid());
  if (entry == nullptr) return errors::VmNotFound(taken.vm());
  std::lock_guard operation(entry->operation);
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  // It may have moved since it was planned.
  RETURN_IF_ERROR(CheckState(*vm));
  RETURN_IF_ERROR(CheckDisks(*vm, entry->directory));
  *taken.mutable_spec() = vm->spec();
  taken.set_has_memory(HasProcess(vm->state()));
  const SnapshotFolder folder(state_dir_, taken.uid());
  absl::Status frozen = folder.Create();
  if (frozen.ok()) frozen = folder.CopySmallFiles(entry->directory);
  if (!taken.has_memory()) {
    taken.clear_memory_parent_uid();
    taken.clear_state_uids();
  }
  if (frozen.ok() && !taken.memory_parent_uid().empty()) {
    frozen = folder.LinkParent(SnapshotFolder(state_dir_, taken.memory_parent_uid()));
  }
  if (frozen.ok()) frozen = Freeze(entry, *vm, folder, taken);
  if (frozen.ok()) frozen = folder.Sync();
  if (!frozen.ok()) {
    folder.Remove();
    return AsFailure(vm->name(), frozen);
  }
  taken.set_memory_bytes(folder.memory_bytes());
  taken.set_disk_bytes(folder.disk_bytes());
  const auto note = [&taken](Vm& now) -> absl::StatusOr<bool> {
    now.set_snapshot(taken.name());
    now.set_snapshot_uid(taken.uid());
    return true;
  };
  return records_.Change(entry->uid, {Kind::kFact, Event::VM_UPDATED, {}}, note).status();
}

absl::Status VmTable::Freeze(const EntryPtr& entry, const Vm& vm, const SnapshotFolder& folder,
                             Snapshot& taken) {
  std::vector<DiskOverlays> disks = OverlaysOf(vm, entry->directory);
  size_t added = 0;
  absl::Status frozen;
  for (DiskOverlays& disk : disks) {
    frozen = disk.LinkInto(folder.disks_path());
    if (frozen.ok()) frozen = disk.Add();
    if (!frozen.ok()) break;
    ++added;
  }
  if (frozen.ok() && !disks.empty()) frozen = SyncFolder(entry->directory.disks_path());
  const bool is_asked = frozen.ok() && taken.has_memory();
  if (is_asked) {
    const std::shared_ptr<VmProcess> process = ProcessOf(entry);
    {
      std::lock_guard lock(mutex_);
      entry->saving.Clear();
    }
    frozen = process == nullptr ? absl::AbortedError("the VM has ended")
                                : Save(*process, disks, folder, taken);
  }
  const bool is_untouched = !is_asked || IsRefusal(frozen);
  for (size_t i = 0; i < added && !frozen.ok() && is_untouched; ++i) disks[i].DropTop();
  return frozen;
}

absl::Status VmTable::AdoptSpec(const std::string& project, std::span<const ImagePtr> coming,
                                emud::v1::VmSpec& spec) const {
  RETURN_IF_ERROR(Complete(project, {}, coming, spec));
  RETURN_IF_ERROR(CheckSpec(spec));
  return CheckLifecycle(spec.lifecycle());
}

absl::StatusOr<VmPtr> VmTable::GoBack(const std::string& name, const Snapshot& snapshot,
                                      const RequestOrigin& origin) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard operation(entry->operation);
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  if (vm->state() != Vm::STOPPED && vm->state() != Vm::SUSPENDED && vm->state() != Vm::CRASHED) {
    return errors::WrongState(name, "take back", Vm::State_Name(vm->state()), "stop it first");
  }
  const VmDirectory prepared = PreparedIn(entry->directory);
  prepared.Remove();
  if (mkdir(prepared.path().c_str(), 0700) != 0) return FileError(prepared.path(), errno);
  RETURN_IF_ERROR(SnapshotFolder(state_dir_, snapshot.uid()).LinkInto(prepared, snapshot.spec()));
  if (prepared.HasStateOfSnapshot() != snapshot.has_memory()) {
    return SnapshotFolder(state_dir_, snapshot.uid()).WhyThereIsNoState(snapshot.name());
  }
  Vm wanted = *vm;
  *wanted.mutable_spec() = SpecGoneBack(snapshot.spec(), vm->spec());
  ASSIGN_OR_RETURN(const uint64_t disk_mib, MeasureDisks(wanted, state_dir_));
  const auto go_back = [&](Vm& now) -> absl::StatusOr<bool> {
    *now.mutable_spec() = SpecGoneBack(snapshot.spec(), now.spec());
    now.set_disk_mib(disk_mib);
    now.set_snapshot(snapshot.name());
    now.set_snapshot_uid(snapshot.uid());
    if (snapshot.has_memory()) now.set_generation_id(NewUid());
    now.set_state(Vm::STOPPED);
    now.set_state_reason(kGoingBack);
    CancelRestart(now);
    return true;
  };
  RETURN_IF_ERROR(
      records_.Change(entry->uid, {Kind::kIntent, Event::VM_STATE_CHANGED, origin}, go_back)
          .status());
  RETURN_IF_ERROR(ArriveBack(entry));
  return Current(entry);
}

absl::Status VmTable::ArriveBack(const EntryPtr& entry) {
  const VmDirectory& directory = entry->directory;
  const VmDirectory prepared = PreparedIn(directory);
  ASSIGN_OR_RETURN(const VmPtr vm, Current(entry));
  if (vm->state_reason() != kGoingBack) {
    prepared.Remove();  // it did not come to that
    return absl::OkStatus();
  }
  // What was saved before is discarded once, and not what comes in its place.
  const std::string discarded = prepared.path() + "/discarded";
  std::error_code error;
  if (std::filesystem::exists(prepared.path(), error) &&
      !std::filesystem::exists(discarded, error)) {
    RETURN_IF_ERROR(directory.RemoveState());
    if (mkdir(discarded.c_str(), 0700) != 0) return FileError(discarded, errno);
  }
  if (std::filesystem::exists(prepared.disks_path(), error)) {
    std::filesystem::remove_all(directory.disks_path(), error);
    RETURN_IF_ERROR(MoveFile(prepared.disks_path(), directory.disks_path()));
  }
  RETURN_IF_ERROR(MoveFile(prepared.variables_path(), directory.variables_path()));
  RETURN_IF_ERROR(MoveFile(prepared.seed_path(), directory.seed_path()));
  RETURN_IF_ERROR(MoveFile(prepared.snapshot_code_path(), directory.snapshot_code_path()));
  RETURN_IF_ERROR(
      MoveStateSources(prepared.snapshot_state_path(), directory.snapshot_state_path()));
  RETURN_IF_ERROR(MoveFile(prepared.snapshot_state_path(), directory.snapshot_state_path()));
  RETURN_IF_ERROR(SyncFolder(directory.path()));
  const bool has_memory = directory.HasStateOfSnapshot();
  const auto arrive = [has_memory](Vm& now) -> absl::StatusOr<bool> {
    now.set_state(has_memory ? Vm::SUSPENDED : Vm::STOPPED);
    now.set_state_reason("SNAPSHOT");
    return true;
  };
  RETURN_IF_ERROR(
      records_.Change(entry->uid, {Kind::kIntent, Event::VM_STATE_CHANGED, {}}, arrive).status());
  prepared.Remove();
  return absl::OkStatus();
}

}  // namespace emu::daemon
