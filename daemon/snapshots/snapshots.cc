#include "daemon/snapshots/snapshots.h"

#include <errno.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/images/sparse_file.h"
#include "daemon/labels.h"
#include "daemon/quota.h"
#include "daemon/store/image_store.h"
#include "daemon/store/pool_store.h"
#include "daemon/store/snapshot_store.h"
#include "daemon/uid.h"
#include "daemon/vm_files.h"
#include "daemon/vm_images.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Snapshot;

constexpr uint64_t kMib = 1 << 20;

// Until it is known, as much as it may become.
uint64_t DiskMib(const Snapshot& snapshot) {
  const uint64_t known_bytes = snapshot.memory_bytes() + snapshot.disk_bytes();
  if (snapshot.state() == Snapshot::READY || known_bytes != 0) {
    return (known_bytes + kMib - 1) / kMib;
  }
  return snapshot.has_memory() ? snapshot.spec().machine().memory_mib() : 0;
}

// In the transaction: an image that is deleted looks for its snapshots likewise. `coming` are
// the uids of those that are stored in it later.
absl::Status CheckImagesOf(const Snapshot& snapshot, const std::set<std::string>& coming,
                           Transaction& transaction) {
  for (const std::string& uid : ImagesOf(snapshot.spec())) {
    ASSIGN_OR_RETURN(const bool is_there, ImageStore(transaction).HasImage(uid));
    if (!is_there && !coming.contains(uid)) return errors::ImageNotFound(uid);
  }
  return absl::OkStatus();
}

void SetNewEtag(Snapshot& snapshot) { snapshot.set_etag(absl::StrCat("\"", NewUid(), "\"")); }

}  // namespace

absl::Status Snapshots::Load() {
  const std::string folder = state_dir_ + "/snapshots";
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FileError(folder, errno);
  Transaction transaction(database_, Durability::kDaemon);
  SnapshotStore store(transaction);
  ASSIGN_OR_RETURN(std::vector<Snapshot> snapshots, store.LoadAll());
  for (const Snapshot& snapshot : snapshots) {
    if (snapshot.state() == Snapshot::READY) continue;
    LogInfo("snapshot-dropped", {{"snapshot", snapshot.name()}, {"uid", snapshot.uid()}});
    RETURN_IF_ERROR(store.Remove(snapshot.uid()));
  }
  // Rows that can't be read keep their files.
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string uid = entry.path().filename().string();
    ASSIGN_OR_RETURN(const bool is_known, store.Has(uid));
    if (!is_known) SnapshotFolder(state_dir_, uid).Remove();
  }
  RETURN_IF_ERROR(transaction.Commit());
  for (Snapshot& snapshot : snapshots) {
    if (snapshot.state() == Snapshot::READY) Publish(std::move(snapshot));
  }
  return absl::OkStatus();
}

void Snapshots::Publish(Snapshot snapshot) {
  auto shown = std::make_shared<const Snapshot>(std::move(snapshot));
  std::lock_guard lock(mutex_);
  by_name_[shown->name()] = std::move(shown);
}

absl::StatusOr<SnapshotPtr> Snapshots::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return errors::SnapshotNotFound(name);
  return it->second;
}

absl::StatusOr<SnapshotPtr> Snapshots::FindReady(const std::string& name,
                                                 const std::string& project) const {
  ASSIGN_OR_RETURN(SnapshotPtr snapshot, Find(name));
  if (snapshot->project() != project) return errors::SnapshotNotFound(name);
  if (snapshot->state() != Snapshot::READY) return errors::SnapshotNotReady(name);
  return snapshot;
}

SnapshotPtr Snapshots::FindByUid(const std::string& uid) const {
  std::lock_guard lock(mutex_);
  const auto it =
      std::ranges::find(by_name_, uid, [](const auto& entry) { return entry.second->uid(); });
  return it == by_name_.end() ? nullptr : it->second;
}

std::vector<SnapshotPtr> Snapshots::List() const {
  std::lock_guard lock(mutex_);
  std::vector<SnapshotPtr> all;
  for (const auto& [name, snapshot] : by_name_) all.push_back(snapshot);
  return all;
}

uint64_t Snapshots::DiskMibOf(const std::string& project) const {
  uint64_t mib = 0;
  for (const SnapshotPtr& snapshot : List()) {
    if (snapshot->project() == project) mib += DiskMib(*snapshot);
  }
  return mib;
}

absl::StatusOr<SnapshotPtr> Snapshots::Begin(Snapshot wanted) {
  RETURN_IF_ERROR(CheckName(wanted.name()));
  RETURN_IF_ERROR(CheckLabels(wanted.labels()));
  std::lock_guard change(change_mutex_);
  if (Find(wanted.name()).ok()) return errors::AlreadyExists("snapshot", wanted.name());
  wanted.set_uid(NewUid());
  SetNewEtag(wanted);
  wanted.set_state(Snapshot::CREATING);
  *wanted.mutable_create_time() = WallClockNow();
  RETURN_IF_ERROR(Store(wanted));
  Publish(wanted);
  return Find(wanted.name());
}

absl::Status Snapshots::Store(const Snapshot& snapshot) {
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(ReserveDisk(transaction, snapshot.project(), DiskMib(snapshot)));
  RETURN_IF_ERROR(CheckImagesOf(snapshot, {}, transaction));
  RETURN_IF_ERROR(SnapshotStore(transaction).Put(snapshot, DiskMib(snapshot)));
  return transaction.Commit();
}

absl::Status Snapshots::Finish(Snapshot taken) {
  std::lock_guard change(change_mutex_);
  taken.set_state(Snapshot::READY);
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(SnapshotStore(transaction).Put(taken, DiskMib(taken)));
  RETURN_IF_ERROR(transaction.Commit());
  LogInfo("snapshot-taken", {{"snapshot", taken.name()},
                             {"uid", taken.uid()},
                             {"vm", taken.vm()},
                             {"halted_us", taken.halted_us()},
                             {"memory_bytes", taken.memory_bytes()}});
  Publish(std::move(taken));
  return absl::OkStatus();
}

absl::StatusOr<SnapshotPtr> Snapshots::FinishImport(Snapshot made, const std::string& upload_id,
                                                    Images& images,
                                                    std::vector<Images::Prepared> coming,
                                                    const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  made.set_state(Snapshot::READY);
  std::set<std::string> coming_uids;
  for (const Images::Prepared& one : coming) coming_uids.insert(one.image.uid());
  const auto write = [&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(CheckImagesOf(made, coming_uids, transaction));
    RETURN_IF_ERROR(SnapshotStore(transaction).Put(made, DiskMib(made)));
    RETURN_IF_ERROR(ImageStore(transaction).RemoveUpload(upload_id));
    return RequestStore(transaction).Begin(origin, made.uid(), std::chrono::system_clock::now());
  };
  RETURN_IF_ERROR(images.Keep(std::move(coming), origin, write));
  images.uploads().Forget(upload_id);
  LogInfo("snapshot-imported", {{"snapshot", made.name()},
                                {"uid", made.uid()},
                                {"principal", origin.principal},
                                {"request", origin.request_id}});
  const std::string name = made.name();
  Publish(std::move(made));
  return Find(name);
}

absl::StatusOr<SnapshotPtr> Snapshots::FindUnchanged(const std::string& name,
                                                     const std::string& etag) const {
  ASSIGN_OR_RETURN(SnapshotPtr snapshot, Find(name));
  if (!etag.empty() && etag != snapshot->etag()) return errors::EtagMismatch(name);
  if (snapshot->state() != Snapshot::READY) return errors::SnapshotNotReady(name);
  return snapshot;
}

absl::StatusOr<SnapshotPtr> Snapshots::Update(const emud::v1::UpdateSnapshotRequest& request,
                                              const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const SnapshotPtr before,
                   FindUnchanged(request.snapshot().name(), request.snapshot().etag()));
  Snapshot snapshot = *before;
  std::vector<std::string> paths(request.update_mask().paths().begin(),
                                 request.update_mask().paths().end());
  if (paths.empty() || paths == std::vector<std::string>{"*"}) paths = {"labels", "annotations"};
  for (const absl::string_view path : paths) {
    const absl::string_view field = path.substr(0, path.find('.'));
    if (field == "labels") {
      ApplyNotes(path.substr(field.size()), request.snapshot().labels(),
                 *snapshot.mutable_labels());
    } else if (field == "annotations") {
      ApplyNotes(path.substr(field.size()), request.snapshot().annotations(),
                 *snapshot.mutable_annotations());
    } else {
      return errors::InvalidField("update_mask", absl::StrCat(path, " can't be updated"),
                                  "give labels, annotations, or one of them with its key");
    }
  }
  RETURN_IF_ERROR(CheckLabels(snapshot.labels()));
  SetNewEtag(snapshot);
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(SnapshotStore(transaction).Put(snapshot, DiskMib(snapshot)));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, snapshot.uid(), std::chrono::system_clock::now()));
  RETURN_IF_ERROR(transaction.Commit());
  Publish(snapshot);
  return Find(snapshot.name());
}

void Snapshots::Drop(const std::string& uid) {
  std::lock_guard change(change_mutex_);
  SnapshotFolder(state_dir_, uid).Remove();
  Transaction transaction(database_, Durability::kDaemon);
  const absl::Status removed = SnapshotStore(transaction).Remove(uid);
  // The next daemon drops what this one can't.
  if (!removed.ok() || !transaction.Commit().ok()) {
    LogWarning("snapshot-not-dropped", {{"uid", uid}});
  }
  std::lock_guard lock(mutex_);
  std::erase_if(by_name_, [&uid](const auto& entry) { return entry.second->uid() == uid; });
}

absl::Status Snapshots::Delete(const emud::v1::DeleteSnapshotRequest& request,
                               const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const SnapshotPtr snapshot, FindUnchanged(request.name(), request.etag()));
  // In the transaction: no pool comes to make VMs of it in between.
  Transaction transaction(database_, Durability::kPowerFailure);
  ASSIGN_OR_RETURN(const std::vector<std::string> pools,
                   PoolStore(transaction).UsersOf(snapshot->uid()));
  if (!pools.empty()) return errors::SnapshotInUse(snapshot->name(), pools);
  RETURN_IF_ERROR(SnapshotStore(transaction).Remove(snapshot->uid()));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, snapshot->uid(), std::chrono::system_clock::now()));
  RETURN_IF_ERROR(transaction.Commit());
  // What a kill leaves of it here, the next daemon drops.
  SnapshotFolder(state_dir_, snapshot->uid()).Remove();
  LogInfo("snapshot-deleted", {{"snapshot", snapshot->name()},
                               {"uid", snapshot->uid()},
                               {"principal", origin.principal},
                               {"request", origin.request_id}});
  std::lock_guard lock(mutex_);
  by_name_.erase(snapshot->name());
  return absl::OkStatus();
}

}  // namespace emu::daemon
