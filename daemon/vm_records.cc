#include "daemon/vm_records.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/quota.h"
#include "daemon/store/access_store.h"
#include "daemon/store/event_store.h"
#include "daemon/store/image_store.h"
#include "daemon/store/pool_store.h"
#include "daemon/store/vm_store.h"
#include "daemon/store/volume_store.h"
#include "daemon/vm_images.h"
#include "daemon/volumes/volumes.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Event;
using emud::v1::Vm;

constexpr size_t kMaxUnsaved = 1024;
// How soon a wait notices that nobody waits any more.
constexpr std::chrono::milliseconds kPatience(200);

void SetRevision(Vm& vm, uint64_t revision) {
  vm.set_revision(revision);
  vm.set_etag(absl::StrCat("\"", absl::Hex(revision), "\""));
}

Event MakeEvent(const Vm& vm, const VmRecords::Cause& cause) {
  Event event;
  event.set_revision(vm.revision());
  *event.mutable_time() = vm.update_time();
  event.set_type(cause.event);
  event.set_vm(vm.name());
  event.set_vm_uid(vm.uid());
  event.set_project(vm.project());
  event.set_state(vm.state());
  event.set_state_reason(vm.state_reason());
  const bool has_ended = vm.state() == Vm::CRASHED || vm.state() == Vm::STOPPED;
  if (has_ended) event.set_message(vm.last_exit().message());
  event.set_principal(cause.origin.principal);
  event.set_request_id(cause.origin.request_id);
  return event;
}

// One line for each change, whoever made it, with the ids that other lines and events have.
void LogChange(const Vm& vm, const VmPtr& before, const VmRecords::Cause& cause) {
  const RequestOrigin& origin = cause.origin;
  const auto state = before == nullptr ? Vm::STATE_UNSPECIFIED : before->state();
  std::string event = absl::AsciiStrToLower(Event::Type_Name(cause.event));
  std::replace(event.begin(), event.end(), '_', '-');
  LogInfo(event, {{"vm", vm.name()},
                  {"uid", vm.uid()},
                  {"from", Vm::State_Name(state)},
                  {"to", Vm::State_Name(vm.state())},
                  {"reason", vm.state_reason()},
                  {"revision", vm.revision()},
                  {"principal", origin.principal},
                  {"request", origin.request_id}});
}

}  // namespace

VmRecords::VmRecords(Database& database) : database_(database), index_(EventStore::kKept) {}

absl::Status VmRecords::Load() {
  Transaction transaction(database_, Durability::kDaemon);
  ASSIGN_OR_RETURN(std::vector<Vm> vms, VmStore(transaction).LoadAll());
  EventStore events(transaction);
  ASSIGN_OR_RETURN(const uint64_t oldest, events.Oldest());
  ASSIGN_OR_RETURN(const std::vector<Event> kept, events.ReadAfter(0, EventStore::kKept));
  RETURN_IF_ERROR(transaction.Commit());
  std::lock_guard lock(mutex_);
  for (Vm& vm : vms) {
    SetRevision(vm, vm.revision());
    const auto loaded = std::make_shared<const Vm>(std::move(vm));
    by_name_[loaded->name()] = by_uid_[loaded->uid()] = loaded;
    index_.Change(loaded, 0);
  }
  for (const Event& event : kept) {
    if (event.type() != Event::VM_DELETED) continue;
    auto gone = std::make_shared<Vm>();
    gone->set_name(event.vm());
    gone->set_uid(event.vm_uid());
    gone->set_project(event.project().empty() ? "default" : event.project());
    index_.Delete(gone, event.revision());
  }
  // An older daemon's file has VMs, but nobody knows what came before.
  index_.Restore(oldest > 0 ? oldest - 1 : index_.newest(),
                 kept.empty() ? 0 : kept.back().revision());
  return absl::OkStatus();
}

absl::Status VmRecords::Reserve(Transaction& transaction, const Write& write) const {
  emud::v1::Quota now;
  emud::v1::Quota wanted = UsageOf(write.vm);
  if (write.before != nullptr) now = UsageOf(*write.before);
  if (google::protobuf::util::MessageDifferencer::Equals(now, wanted)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const emud::v1::Project project,
                   AccessStore(transaction).FindProject(write.vm.project()));
  for (const VmPtr& other : List().vms) {
    if (other->project() != project.name() || other->uid() == write.vm.uid()) continue;
    AddTo(now, UsageOf(*other));
    AddTo(wanted, UsageOf(*other));
  }
  emud::v1::Quota stored;
  ASSIGN_OR_RETURN(const uint64_t stored_mib, StoredDiskMib(transaction, project.name()));
  stored.set_disk_mib(stored_mib);
  AddTo(now, stored);
  AddTo(wanted, stored);
  return CheckQuota(project, now, wanted);
}

absl::Status VmRecords::CheckImages(Transaction& transaction, const Write& write) {
  const std::vector<std::string> had =
      write.before == nullptr ? std::vector<std::string>() : ImagesOf(write.before->spec());
  for (const std::string& uid : ImagesOf(write.vm.spec())) {
    if (std::ranges::find(had, uid) != had.end()) continue;
    ASSIGN_OR_RETURN(const bool is_there, ImageStore(transaction).HasImage(uid));
    if (!is_there) return errors::ImageNotFound(uid);
  }
  return absl::OkStatus();
}

absl::Status VmRecords::CheckVolumes(Transaction& transaction, const Write& write) {
  for (const emud::v1::Disk& disk : write.vm.spec().disks()) {
    const bool had = write.before != nullptr && HasVolume(*write.before, disk.volume());
    if (disk.volume().empty() || had) continue;
    ASSIGN_OR_RETURN(const bool is_there, VolumeStore(transaction).Has(disk.volume()));
    if (!is_there) return errors::VolumeNotFound(disk.volume());
  }
  return absl::OkStatus();
}

absl::Status VmRecords::CheckPool(Transaction& transaction, const Write& write) const {
  if (write.before != nullptr || write.vm.pool_uid().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<emud::v1::Pool> pool,
                   PoolStore(transaction).Find(write.vm.pool_uid()));
  if (!pool.has_value()) return errors::PoolNotFound(write.vm.pool());
  const std::vector<VmPtr> vms = List().vms;
  const auto there = std::ranges::count_if(
      vms, [&](const VmPtr& vm) { return vm->pool_uid() == write.vm.pool_uid(); });
  if (pool->max() == 0 || static_cast<uint64_t>(there) < pool->max()) return absl::OkStatus();
  return errors::PoolExhausted(pool->name(),
                               absl::StrCat("there are ", there, " VMs of it, its max"));
}

absl::Status VmRecords::Commit(const Write& write) {
  // Facts, too: a revision that somebody has seen must not be given out again.
  Transaction transaction(database_, Durability::kPowerFailure);
  const bool is_intent = write.cause.kind == Kind::kIntent;
  if (write.row == Row::kPut && is_intent) {
    RETURN_IF_ERROR(Reserve(transaction, write));
    RETURN_IF_ERROR(CheckImages(transaction, write));
    RETURN_IF_ERROR(CheckVolumes(transaction, write));
    RETURN_IF_ERROR(CheckPool(transaction, write));
  }
  VmStore vms(transaction);
  EventStore events(transaction);
  RequestStore requests(transaction);
  for (const Event& late : unsaved_) {
    RETURN_IF_ERROR(events.Append(late));
    const VmPtr vm = Find(late.vm_uid());
    if (vm != nullptr) RETURN_IF_ERROR(vms.Put(*vm));
  }
  RETURN_IF_ERROR(write.row == Row::kPut ? vms.Put(write.vm) : vms.Remove(write.vm.uid()));
  RETURN_IF_ERROR(events.Append(MakeEvent(write.vm, write.cause)));
  if (write.row == Row::kRemove && write.vm.state() == Vm::CREATING) {
    RETURN_IF_ERROR(requests.ForgetVm(write.vm.uid()));
  } else {
    RETURN_IF_ERROR(
        requests.Begin(write.cause.origin, write.vm.uid(), std::chrono::system_clock::now()));
  }
  RETURN_IF_ERROR(transaction.Commit());
  unsaved_.clear();
  return absl::OkStatus();
}

void VmRecords::Publish(const VmPtr& vm, const VmPtr& before) {
  std::lock_guard lock(mutex_);
  if (before != nullptr) by_name_.erase(before->name());
  by_name_[vm->name()] = by_uid_[vm->uid()] = vm;
  index_.Change(vm, before == nullptr ? 0 : before->revision());
  changed_.notify_all();
}

absl::StatusOr<VmPtr> VmRecords::Insert(Vm vm, const RequestOrigin& origin) {
  std::lock_guard commit(commit_mutex_);
  if (FindByName(vm.name()).ok()) return errors::NameInUse(vm.name());
  *vm.mutable_create_time() = *vm.mutable_update_time() = WallClockNow();
  SetRevision(vm, newest_revision() + 1);
  RETURN_IF_ERROR(Commit({Row::kPut, vm, {Kind::kIntent, Event::VM_CREATED, origin}}));
  const auto inserted = std::make_shared<const Vm>(std::move(vm));
  LogChange(*inserted, nullptr, {Kind::kIntent, Event::VM_CREATED, origin});
  Publish(inserted, nullptr);
  return inserted;
}

absl::StatusOr<VmPtr> VmRecords::Change(const std::string& uid, const Cause& cause,
                                        const Edit& edit) {
  std::lock_guard commit(commit_mutex_);
  const VmPtr before = Find(uid);
  if (before == nullptr) return errors::VmNotFound(uid);
  const auto vm = std::make_shared<Vm>(*before);
  ASSIGN_OR_RETURN(const bool has_changed, edit(*vm));
  if (!has_changed) return before;
  const bool is_renamed = vm->name() != before->name();
  if (is_renamed && FindByName(vm->name()).ok()) return errors::NameInUse(vm->name());
  *vm->mutable_update_time() = WallClockNow();
  SetRevision(*vm, newest_revision() + 1);
  if (const absl::Status stored = Commit({Row::kPut, *vm, cause, before.get()}); !stored.ok()) {
    if (cause.kind == Kind::kIntent) return stored;
    LogError("vm-state-not-stored", {{"vm", vm->name()}, {"error", stored.message()}});
    unsaved_.push_back(MakeEvent(*vm, cause));
    if (unsaved_.size() > kMaxUnsaved) unsaved_.pop_front();
  }
  LogChange(*vm, before, cause);
  Publish(vm, before);
  return vm;
}

absl::Status VmRecords::Erase(const std::string& uid, const RequestOrigin& origin) {
  std::lock_guard commit(commit_mutex_);
  const VmPtr before = Find(uid);
  if (before == nullptr) return absl::OkStatus();
  Vm gone = *before;
  *gone.mutable_update_time() = WallClockNow();
  SetRevision(gone, newest_revision() + 1);
  const Cause deletion = {Kind::kIntent, Event::VM_DELETED, origin};
  RETURN_IF_ERROR(Commit({Row::kRemove, gone, deletion}));
  LogChange(gone, before, deletion);
  std::lock_guard lock(mutex_);
  by_name_.erase(gone.name());
  by_uid_.erase(uid);
  index_.Delete(before, gone.revision());
  changed_.notify_all();
  return absl::OkStatus();
}

absl::StatusOr<VmPtr> VmRecords::FindByName(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return errors::VmNotFound(name);
  return it->second;
}

VmPtr VmRecords::Find(const std::string& uid) const {
  std::lock_guard lock(mutex_);
  const auto it = by_uid_.find(uid);
  return it == by_uid_.end() ? nullptr : it->second;
}

VmRecords::Snapshot VmRecords::List() const {
  std::lock_guard lock(mutex_);
  Snapshot snapshot = {{}, index_.newest()};
  snapshot.vms.reserve(by_name_.size());
  for (const auto& [name, vm] : by_name_) snapshot.vms.push_back(vm);
  return snapshot;
}

absl::StatusOr<VmPtr> VmRecords::Wait(const std::string& uid, const Condition& is_enough,
                                      Clock::time_point deadline,
                                      const std::function<bool()>& is_cancelled) {
  std::string name = uid;
  std::unique_lock lock(mutex_);
  while (true) {
    const auto it = by_uid_.find(uid);
    if (it == by_uid_.end()) return errors::VmNotFound(name);
    const VmPtr vm = it->second;
    name = vm->name();
    if (is_enough(*vm)) return vm;
    const Clock::time_point now = Clock::now();
    if (now >= deadline || is_cancelled()) {
      return errors::WaitTimedOut(name, Vm::State_Name(vm->state()));
    }
    changed_.wait_until(lock, std::min(deadline, now + kPatience));
  }
}

absl::StatusOr<std::vector<VmDelta>> VmRecords::ChangesAfter(uint64_t revision,
                                                             size_t limit) const {
  std::lock_guard lock(mutex_);
  if (!index_.IsKnown(revision)) return errors::RevisionCompacted(revision, index_.floor());
  return index_.After(revision, limit);
}

absl::StatusOr<std::vector<Event>> VmRecords::EventsAfter(uint64_t revision, int limit) {
  std::vector<Event> events;
  {
    Transaction transaction(database_, Durability::kDaemon);
    ASSIGN_OR_RETURN(events, EventStore(transaction).ReadAfter(revision, limit));
    RETURN_IF_ERROR(transaction.Commit());
  }
  // Afterwards: what is known now was there to be read.
  std::lock_guard lock(mutex_);
  if (revision != 0 && !index_.IsKnown(revision)) {
    return errors::RevisionCompacted(revision, index_.floor());
  }
  return events;
}

uint64_t VmRecords::newest_revision() const {
  std::lock_guard lock(mutex_);
  return index_.newest();
}

void VmRecords::WaitForRevisionAbove(uint64_t revision, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout,
                    [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return index_.newest() > revision; });
}

}  // namespace emu::daemon
