#include "daemon/pools/pools.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/errors.h"
#include "daemon/labels.h"
#include "daemon/pools/membership.h"
#include "daemon/pools/vm_names.h"
#include "daemon/store/pool_store.h"
#include "daemon/store/snapshot_store.h"
#include "daemon/uid.h"
#include "daemon/vm_files.h"
#include "daemon/wall_clock.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Pool;

constexpr uint32_t kMostWaiting = 1000;

absl::Status CheckBounds(const Pool& pool) {
  if (pool.size() > kMostWaiting) {
    return errors::InvalidField("size", absl::StrCat(pool.size(), " are too many"),
                                absl::StrCat("give at most ", kMostWaiting));
  }
  if (pool.max() == 0 || pool.max() >= pool.size()) return absl::OkStatus();
  return errors::InvalidField(
      "max", absl::StrCat(pool.max(), " are fewer than the ", pool.size(), " that shall wait"),
      "give as many or more, or 0");
}

void SetNewEtag(Pool& pool) { pool.set_etag(absl::StrCat("\"", NewUid(), "\"")); }

std::vector<std::string> PathsOf(const emud::v1::UpdatePoolRequest& request) {
  const std::vector<std::string> paths(request.update_mask().paths().begin(),
                                       request.update_mask().paths().end());
  if (paths == std::vector<std::string>{"*"}) return {"size", "max", "labels"};
  if (!paths.empty()) return paths;
  std::vector<std::string> set;
  if (request.pool().size() != 0) set.emplace_back("size");
  if (request.pool().max() != 0) set.emplace_back("max");
  if (!request.pool().labels().empty()) set.emplace_back("labels");
  return set;
}

absl::Status ApplyPath(const std::string& path, const Pool& from, Pool& to) {
  constexpr absl::string_view kLabels = "labels";
  if (path == "size") {
    to.set_size(from.size());
  } else if (path == "max") {
    to.set_max(from.max());
  } else if (path == kLabels || absl::StartsWith(path, "labels.")) {
    ApplyNotes(absl::string_view(path).substr(kLabels.size()), from.labels(), *to.mutable_labels());
  } else {
    return errors::InvalidField("update_mask", absl::StrCat(path, " can't be updated"),
                                "give size, max, labels or labels.KEY");
  }
  return absl::OkStatus();
}

void LogPool(const char* event, const Pool& pool, const RequestOrigin& origin) {
  LogInfo(event, {{"pool", pool.name()},
                  {"uid", pool.uid()},
                  {"snapshot", pool.snapshot()},
                  {"size", pool.size()},
                  {"max", pool.max()},
                  {"principal", origin.principal},
                  {"request", origin.request_id}});
}

}  // namespace

absl::Status Pools::Load() {
  Transaction transaction(database_, Durability::kDaemon);
  ASSIGN_OR_RETURN(std::vector<Pool> pools, PoolStore(transaction).LoadAll());
  RETURN_IF_ERROR(transaction.Commit());
  for (Pool& pool : pools) Publish(std::move(pool));
  return absl::OkStatus();
}

void Pools::Publish(Pool pool) {
  std::lock_guard lock(mutex_);
  by_name_[pool.name()] = std::move(pool);
}

PoolPtr Pools::Shown(const Pool& pool, const std::vector<VmPtr>& vms) const {
  const auto shown = std::make_shared<Pool>(pool);
  for (const VmPtr& vm : vms) {
    if (vm->pool_uid() != pool.uid()) continue;
    if (IsWaiting(*vm)) shown->set_waiting(shown->waiting() + 1);
    if (!IsInPool(*vm)) shown->set_acquired(shown->acquired() + 1);
  }
  const auto error = errors_.find(pool.uid());
  if (error != errors_.end()) shown->set_error(error->second);
  return shown;
}

absl::StatusOr<PoolPtr> Pools::Find(const std::string& name) const {
  const std::vector<VmPtr> vms = vms_.records().List().vms;
  std::lock_guard lock(mutex_);
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return errors::PoolNotFound(name);
  return Shown(it->second, vms);
}

PoolPtr Pools::FindByUid(const std::string& uid) const {
  const std::vector<VmPtr> vms = vms_.records().List().vms;
  std::lock_guard lock(mutex_);
  const auto it =
      std::ranges::find(by_name_, uid, [](const auto& entry) { return entry.second.uid(); });
  return it == by_name_.end() ? nullptr : Shown(it->second, vms);
}

std::vector<PoolPtr> Pools::List() const {
  const std::vector<VmPtr> vms = vms_.records().List().vms;
  std::lock_guard lock(mutex_);
  std::vector<PoolPtr> all;
  for (const auto& [name, pool] : by_name_) all.push_back(Shown(pool, vms));
  return all;
}

absl::StatusOr<Pool> Pools::Plan(const emud::v1::CreatePoolRequest& request) const {
  RETURN_IF_ERROR(CheckName(request.name()));
  if (NameOfWaiting(request.name()).size() > kLongestVmName) {
    return errors::InvalidField("name", absl::StrCat(request.name(), " is too long"),
                                "give at most 54 characters");
  }
  RETURN_IF_ERROR(CheckLabels(request.labels()));
  Pool pool;
  pool.set_name(request.name());
  pool.set_project(request.project());
  pool.set_size(request.size());
  pool.set_max(request.max());
  *pool.mutable_labels() = request.labels();
  *pool.mutable_spec() = request.spec();
  *pool.mutable_vm_labels() = request.vm_labels();
  RETURN_IF_ERROR(CheckBounds(pool));
  ASSIGN_OR_RETURN(const SnapshotPtr snapshot,
                   snapshots_.FindReady(request.snapshot(), request.project()));
  if (pool.spec().lifecycle().ByteSizeLong() == 0) {
    *pool.mutable_spec()->mutable_lifecycle() = snapshot->spec().lifecycle();
  }
  pool.set_snapshot(snapshot->name());
  pool.set_snapshot_uid(snapshot->uid());
  // What can't be made once is not made again and again.
  emud::v1::CreateVmRequest vm = RequestFor(pool);
  vm.set_validate_only(true);
  RETURN_IF_ERROR(Make(pool, vm, {pool, false}, {}).status());
  if (Find(request.name()).ok()) return errors::AlreadyExists("pool", request.name());
  return pool;
}

absl::StatusOr<PoolPtr> Pools::Create(const emud::v1::CreatePoolRequest& request,
                                      const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(Pool pool, Plan(request));
  if (request.validate_only()) return std::make_shared<const Pool>(std::move(pool));
  pool.set_uid(NewUid());
  SetNewEtag(pool);
  *pool.mutable_create_time() = WallClockNow();
  RETURN_IF_ERROR(Store(pool, origin));
  LogPool("pool-created", pool, origin);
  Publish(pool);
  return Find(pool.name());
}

absl::Status Pools::Store(const Pool& pool, const RequestOrigin& origin) {
  Transaction transaction(database_, Durability::kPowerFailure);
  // In the transaction: a snapshot that is deleted looks for its pools likewise.
  ASSIGN_OR_RETURN(const bool is_there, SnapshotStore(transaction).Has(pool.snapshot_uid()));
  if (!is_there) return errors::SnapshotNotFound(pool.snapshot());
  RETURN_IF_ERROR(PoolStore(transaction).Put(pool));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, pool.uid(), std::chrono::system_clock::now()));
  return transaction.Commit();
}

absl::StatusOr<PoolPtr> Pools::FindUnchanged(const std::string& name,
                                             const std::string& etag) const {
  ASSIGN_OR_RETURN(PoolPtr pool, Find(name));
  if (!etag.empty() && etag != pool->etag()) return errors::EtagMismatch(name);
  return pool;
}

absl::StatusOr<PoolPtr> Pools::Update(const emud::v1::UpdatePoolRequest& request,
                                      const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const PoolPtr before,
                   FindUnchanged(request.pool().name(), request.pool().etag()));
  Pool pool = *before;
  pool.clear_waiting();
  pool.clear_acquired();
  pool.clear_error();
  for (const std::string& path : PathsOf(request)) {
    RETURN_IF_ERROR(ApplyPath(path, request.pool(), pool));
  }
  RETURN_IF_ERROR(CheckBounds(pool));
  RETURN_IF_ERROR(CheckLabels(pool.labels()));
  SetNewEtag(pool);
  RETURN_IF_ERROR(Store(pool, origin));
  LogPool("pool-updated", pool, origin);
  Publish(pool);
  return Find(pool.name());
}

absl::Status Pools::Delete(const emud::v1::DeletePoolRequest& request,
                           const RequestOrigin& origin) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const PoolPtr pool, FindUnchanged(request.name(), request.etag()));
  Transaction transaction(database_, Durability::kPowerFailure);
  RETURN_IF_ERROR(PoolStore(transaction).Remove(pool->uid()));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, pool->uid(), std::chrono::system_clock::now()));
  RETURN_IF_ERROR(transaction.Commit());
  LogPool("pool-deleted", *pool, origin);
  std::lock_guard lock(mutex_);
  by_name_.erase(pool->name());
  errors_.erase(pool->uid());
  acquisitions_.erase(pool->name());
  return absl::OkStatus();
}

void Pools::NoteFilling(const std::string& uid, const absl::Status& outcome) {
  std::lock_guard lock(mutex_);
  const bool is_there = std::ranges::any_of(
      by_name_, [&uid](const auto& entry) { return entry.second.uid() == uid; });
  if (outcome.ok() || !is_there) {
    errors_.erase(uid);
  } else {
    errors_[uid] = std::string(outcome.message());
  }
}

void Pools::WriteMetrics(MetricsText& text) const {
  const std::vector<PoolPtr> pools = List();
  using Type = MetricsText::Type;
  text.Family("emud_pool_size", Type::kGauge, "VMs that shall wait in the pool.");
  for (const PoolPtr& pool : pools) text.Sample({{"pool", pool->name()}}, pool->size());
  text.Family("emud_pool_waiting", Type::kGauge, "VMs that wait in the pool.");
  for (const PoolPtr& pool : pools) text.Sample({{"pool", pool->name()}}, pool->waiting());
  text.Family("emud_pool_acquired", Type::kGauge, "VMs of the pool that are somebody's.");
  for (const PoolPtr& pool : pools) text.Sample({{"pool", pool->name()}}, pool->acquired());
  std::lock_guard lock(mutex_);
  text.Family("emud_pool_acquires_total", Type::kCounter,
              "VMs acquired: those that waited, and those that had to be forked first.");
  for (const auto& [name, acquired] : acquisitions_) {
    text.Sample({{"pool", name}, {"from", "waiting"}},
                static_cast<double>(acquired.waiting.count()));
    text.Sample({{"pool", name}, {"from", "fork"}}, static_cast<double>(acquired.forked.count()));
  }
  text.Family("emud_pool_acquire_seconds", Type::kHistogram, "How long that took.");
  for (const auto& [name, acquired] : acquisitions_) {
    acquired.waiting.Write({{"pool", name}, {"from", "waiting"}}, text);
    acquired.forked.Write({{"pool", name}, {"from", "fork"}}, text);
  }
}

}  // namespace emu::daemon
