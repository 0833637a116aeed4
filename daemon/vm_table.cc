#include "daemon/vm_table.h"

#include <sys/random.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/access/caller.h"
#include "daemon/errors.h"
#include "daemon/pools/membership.h"
#include "daemon/restart_policy.h"
#include "daemon/snapshots/clone_spec.h"
#include "daemon/store/secret_store.h"
#include "daemon/uid.h"
#include "daemon/vm_files.h"
#include "daemon/vm_images.h"
#include "daemon/vm_nics.h"
#include "daemon/vm_states.h"
#include "daemon/vm_update.h"
#include "daemon/wall_clock.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Lifecycle;
using emud::v1::Snapshot;
using emud::v1::Vm;
using Kind = VmRecords::Kind;

// Where it can't be kept, tokens are good until this daemon ends.
std::string PageTokenKey(Database& database) {
  Transaction transaction(database, Durability::kDaemon);
  absl::StatusOr<std::string> key = FindOrDrawSecret(transaction, "page_token");
  if (key.ok() && transaction.Commit().ok()) return *std::move(key);
  std::string drawn(kSecretBytes, '\0');
  (void)!getrandom(drawn.data(), drawn.size(), 0);
  return drawn;
}

absl::Status CheckEtag(const std::string& wanted, const Vm& vm) {
  return wanted.empty() || wanted == vm.etag() ? absl::OkStatus() : errors::EtagMismatch(vm.name());
}

}  // namespace

VmTable::VmTable(std::string state_dir, Jailer::Options jail, std::unique_ptr<Database> database,
                 const Images& images, const Volumes& volumes)
    : state_dir_(std::move(state_dir)),
      jailer_(std::move(jail)),
      database_(std::move(database)),
      images_(images),
      volumes_(volumes),
      records_(*database_),
      request_ids_(*database_),
      drain_(*database_),
      page_tokens_(PageTokenKey(*database_)) {}

VmTable::EntryPtr VmTable::AddEntry(const std::string& uid) {
  auto entry = std::make_shared<Entry>(uid, absl::StrCat(state_dir_, "/vms/", uid));
  std::lock_guard lock(mutex_);
  entries_[uid] = entry;
  return entry;
}

void VmTable::RemoveEntry(const EntryPtr& entry) {
  std::lock_guard lock(mutex_);
  entries_.erase(entry->uid);
  console_moved_.notify_all();
}

absl::StatusOr<VmTable::EntryPtr> VmTable::Find(const std::string& name) {
  ASSIGN_OR_RETURN(const VmPtr vm, records_.FindByName(name));
  EntryPtr entry = FindByUid(vm->uid());
  if (entry == nullptr) return errors::VmNotFound(name);
  return entry;
}

VmTable::EntryPtr VmTable::FindByUid(const std::string& uid) {
  std::lock_guard lock(mutex_);
  const auto it = entries_.find(uid);
  return it == entries_.end() ? nullptr : it->second;
}

absl::StatusOr<VmPtr> VmTable::Current(const EntryPtr& entry) const {
  VmPtr vm = records_.Find(entry->uid);
  if (vm == nullptr) return errors::VmNotFound(entry->uid);
  return vm;
}

std::shared_ptr<VmProcess> VmTable::ProcessOf(const EntryPtr& entry) {
  std::lock_guard lock(mutex_);
  return entry->process;
}

absl::Status VmTable::Move(const EntryPtr& entry, const Moving& moving) {
  uint32_t pid = 0;
  std::optional<vm::v1::Response::Sandbox> sandbox;
  {
    std::lock_guard lock(mutex_);
    pid = entry->pid;
    sandbox = entry->sandbox;
  }
  const auto edit = [&](Vm& vm) -> absl::StatusOr<bool> {
    if (!IsLegalMove(vm.state(), moving.to)) return false;
    vm.set_state(moving.to);
    vm.set_state_reason(moving.reason);
    vm.set_pid(HasProcess(moving.to) ? pid : 0);
    vm.clear_sandbox_level();
    vm.clear_sandbox_missing();
    if (HasProcess(moving.to) && sandbox.has_value()) ShowSandbox(*sandbox, vm);
    if (moving.edit) moving.edit(vm);
    return true;
  };
  return records_.Change(entry->uid, {moving.kind, Event::VM_STATE_CHANGED, moving.origin}, edit)
      .status();
}

absl::StatusOr<VmPtr> VmTable::WaitUntil(const EntryPtr& entry,
                                         const VmRecords::Condition& is_enough,
                                         std::chrono::milliseconds timeout) {
  return records_.Wait(entry->uid, is_enough, VmRecords::Clock::now() + timeout);
}

absl::Status VmTable::Complete(const std::string& project, const emud::v1::VmSpec& before,
                               std::span<const ImagePtr> coming, emud::v1::VmSpec& spec) const {
  NameDisks(spec);
  RETURN_IF_ERROR(volumes_.Pin(project, spec));
  RETURN_IF_ERROR(PinImages({images_, coming}, before, spec));
  // Last, as images may wish something else.
  ApplyDefaults(spec);
  return absl::OkStatus();
}

absl::StatusOr<VmPtr> VmTable::Create(const emud::v1::CreateVmRequest& request,
                                      const RequestOrigin& origin, const Snapshot* source,
                                      const PoolPlace* pool) {
  Vm vm;
  vm.set_name(request.name());
  vm.set_project(request.project().empty() ? kDefaultProject : request.project());
  *vm.mutable_spec() = request.spec();
  emud::v1::VmSpec before;
  if (source != nullptr) {
    ASSIGN_OR_RETURN(*vm.mutable_spec(), CloneSpec(source->spec(), request.spec()));
    before = source->spec();
    vm.set_snapshot(source->name());
    vm.set_snapshot_uid(source->uid());
    if (source->has_memory()) vm.set_generation_id(NewUid());
  }
  if (pool != nullptr) {
    vm.set_pool(pool->pool.name());
    vm.set_pool_uid(pool->pool.uid());
    if (pool->is_acquired) *vm.mutable_acquire_time() = WallClockNow();
  }
  *vm.mutable_labels() = request.labels();
  *vm.mutable_annotations() = request.annotations();
  RETURN_IF_ERROR(CheckName(vm.name()));
  RETURN_IF_ERROR(CheckNotes(vm));
  RETURN_IF_ERROR(Complete(vm.project(), before, {}, *vm.mutable_spec()));
  RETURN_IF_ERROR(CheckSpec(vm.spec()));
  RETURN_IF_ERROR(CheckLifecycle(vm.spec().lifecycle()));
  ASSIGN_OR_RETURN(const uint64_t disk_mib, MeasureDisks(vm, state_dir_));
  vm.set_disk_mib(disk_mib);
  if (records_.FindByName(vm.name()).ok()) return errors::NameInUse(vm.name());
  vm.set_state(request.validate_only() ? Vm::STOPPED : Vm::CREATING);
  if (request.validate_only()) return std::make_shared<const Vm>(std::move(vm));
  vm.set_uid(NewUid());
  const emud::v1::VmSpec spec = vm.spec();
  // The intent is stored before anything is made: what a crash leaves is then known.
  const EntryPtr entry = AddEntry(vm.uid());
  std::lock_guard operation(entry->operation);
  if (const auto inserted = records_.Insert(std::move(vm), origin); !inserted.ok()) {
    RemoveEntry(entry);
    return inserted.status();
  }
  absl::Status made = entry->directory.Create();
  if (made.ok()) {
    made = source == nullptr
               ? MakeOverlays(entry->directory.path(), {}, spec)
               : SnapshotFolder(state_dir_, source->uid()).LinkInto(entry->directory, spec);
  }
  const bool goes_on = source != nullptr && source->has_memory();
  if (made.ok() && goes_on && !entry->directory.HasStateOfSnapshot()) {
    made = SnapshotFolder(state_dir_, source->uid()).WhyThereIsNoState(source->name());
  }
  if (made.ok()) {
    made = Move(entry, {goes_on ? Vm::SUSPENDED : Vm::STOPPED, goes_on ? "SNAPSHOT" : "CREATED",
                        Kind::kIntent, origin, PlanExpiry});
  }
  if (!made.ok()) {
    UnmakeOrFail(entry, origin);
    return made;
  }
  return Current(entry);
}

absl::StatusOr<VmPtr> VmTable::Update(const emud::v1::UpdateVmRequest& request,
                                      const RequestOrigin& origin) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(request.vm().name()));
  const auto apply = [&](Vm& vm) -> absl::Status {
    const emud::v1::VmSpec before = vm.spec();
    RETURN_IF_ERROR(CheckEtag(request.vm().etag(), vm));
    RETURN_IF_ERROR(ApplyUpdate(request, vm));
    RETURN_IF_ERROR(Complete(vm.project(), before, {}, *vm.mutable_spec()));
    const bool restarts = vm.spec().lifecycle().restart_policy() > Lifecycle::NEVER;
    if (!restarts) CancelRestart(vm);
    PlanExpiry(vm);
    RETURN_IF_ERROR(CheckLifecycle(vm.spec().lifecycle()));
    RETURN_IF_ERROR(CheckNics(vm.spec()));
    return CheckNotes(vm);
  };
  ASSIGN_OR_RETURN(VmPtr current, Current(entry));
  Vm wanted = *current;
  RETURN_IF_ERROR(apply(wanted));
  std::unique_lock operation(entry->operation, std::defer_lock);
  if (IsOtherMachine(current->spec(), wanted.spec())) {
    operation.lock();
    ASSIGN_OR_RETURN(current, Current(entry));
    if (current->state() == Vm::SUSPENDED) {
      return errors::WrongState(wanted.name(), "update the spec of", "SUSPENDED",
                                "start and stop it first, or stop it with --force");
    }
    if (HasProcess(current->state())) {
      return errors::WrongState(wanted.name(), "update the spec of",
                                Vm::State_Name(current->state()),
                                "stop it first; labels, annotations, spec.lifecycle and forwards "
                                "may change at any time");
    }
    RETURN_IF_ERROR(CheckSpec(wanted.spec()));
    ASSIGN_OR_RETURN(const uint64_t disk_mib, MeasureDisks(wanted, state_dir_));
    wanted.set_disk_mib(disk_mib);
  }
  if (request.validate_only()) return std::make_shared<const Vm>(std::move(wanted));
  if (operation.owns_lock()) {
    const absl::Status made = MakeOverlays(entry->directory.path(), current->spec(), wanted.spec());
    if (!made.ok()) {
      DropOverlays(entry->directory.path(), current->spec());
      return made;
    }
  }
  const auto edit = [&](Vm& vm) -> absl::StatusOr<bool> {
    Vm updated = vm;
    RETURN_IF_ERROR(apply(updated));
    // What was looked at has been changed by another update since.
    if (IsOtherMachine(updated.spec(), wanted.spec())) return errors::EtagMismatch(vm.name());
    updated.set_disk_mib(wanted.disk_mib());
    const bool has_changed = !AreEqual(updated, vm);
    vm = std::move(updated);
    return has_changed;
  };
  absl::StatusOr<VmPtr> changed =
      records_.Change(entry->uid, {Kind::kIntent, Event::VM_UPDATED, origin}, edit);
  if (operation.owns_lock()) {
    DropOverlays(entry->directory.path(), changed.ok() ? (*changed)->spec() : current->spec());
  }
  if (const auto networks = NetworksOf(entry); networks != nullptr) networks->Reconsider();
  return changed;
}

std::shared_ptr<VmNetworks> VmTable::NetworksOf(const EntryPtr& entry) {
  std::lock_guard lock(mutex_);
  return entry->networks;
}

std::vector<emud::v1::NicStatus> VmTable::NicsOf(const std::string& uid) {
  const EntryPtr entry = FindByUid(uid);
  const std::shared_ptr<VmNetworks> networks = entry == nullptr ? nullptr : NetworksOf(entry);
  if (networks == nullptr) return {};
  return networks->statuses();
}

absl::Status VmTable::Delete(const emud::v1::DeleteVmRequest& request,
                             const RequestOrigin& origin) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(request.name()));
  const auto check = [&request](const Vm& vm) -> absl::Status {
    RETURN_IF_ERROR(CheckEtag(request.etag(), vm));
    const bool is_protected = vm.spec().lifecycle().protected_() && !IsInPool(vm);
    return is_protected ? errors::VmProtected(vm.name()) : absl::OkStatus();
  };
  ASSIGN_OR_RETURN(VmPtr vm, Current(entry));
  RETURN_IF_ERROR(check(*vm));
  const bool is_to_end = request.force() && HasProcess(vm->state());
  if (is_to_end) RETURN_IF_ERROR(EndProcess(entry, kByForce, origin));
  std::lock_guard operation(entry->operation);
  const auto edit = [&](Vm& now) -> absl::StatusOr<bool> {
    // Its end has changed its etag.
    if (!is_to_end) RETURN_IF_ERROR(check(now));
    if (now.state() == Vm::DELETING) return false;  // a deletion that the disk cut short
    if (!IsLegalMove(now.state(), Vm::DELETING)) {
      return errors::WrongState(now.name(), "delete", Vm::State_Name(now.state()),
                                "stop it first or delete with force");
    }
    now.set_state(Vm::DELETING);
    now.set_state_reason("");
    CancelRestart(now);
    return true;
  };
  RETURN_IF_ERROR(
      records_.Change(entry->uid, {Kind::kIntent, Event::VM_STATE_CHANGED, origin}, edit).status());
  return Unmake(entry, origin);
}

absl::Status VmTable::Unmake(const EntryPtr& entry, const RequestOrigin& origin) {
  entry->directory.Remove();
  RETURN_IF_ERROR(records_.Erase(entry->uid, origin));
  RemoveEntry(entry);
  return absl::OkStatus();
}

void VmTable::UnmakeOrFail(const EntryPtr& entry, const RequestOrigin& origin) {
  const absl::Status unmade = Unmake(entry, origin);
  if (unmade.ok()) return;
  const auto tell = [&unmade](Vm& vm) {
    vm.mutable_last_exit()->set_message(std::string(unmade.message()));
  };
  (void)Move(entry, {Vm::FAILED, "CREATION_FAILED", Kind::kFact, origin, tell});
}

absl::StatusOr<std::shared_ptr<ConsoleReader>> VmTable::OpenConsole(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  std::lock_guard lock(mutex_);
  if (entry->console == nullptr) {
    ASSIGN_OR_RETURN(entry->console, ConsoleReader::Open(entry->directory.console_path()));
  }
  return entry->console;
}

absl::StatusOr<VmDirectory> VmTable::DirectoryOf(const std::string& name) {
  ASSIGN_OR_RETURN(const EntryPtr entry, Find(name));
  return entry->directory;
}

void VmTable::WaitForConsole() {
  std::unique_lock lock(mutex_);
  console_moved_.wait_for(lock, std::chrono::milliseconds(100));
}

}  // namespace emu::daemon
