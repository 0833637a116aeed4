#include "daemon/operations/operations.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "daemon/errors.h"
#include "daemon/operations/progress.h"
#include "daemon/store/operation_store.h"
#include "daemon/uid.h"
#include "daemon/wall_clock.h"
#include "google/protobuf/util/time_util.h"
#include "vmm/base/log.h"
#include "vmm/base/status_macros.h"

namespace emu::daemon {
namespace {

using emud::v1::Operation;
using emud::v1::VmResult;

// Each waits for a VM: more would not make a host with few processors faster.
constexpr int kWorkers = 8;
// How soon a wait notices that nobody waits any more.
constexpr std::chrono::milliseconds kPatience(200);

}  // namespace

absl::Status Operations::Load() {
  std::vector<Operation> stored;
  {
    Transaction transaction(database_, Durability::kDaemon);
    ASSIGN_OR_RETURN(stored, OperationStore(transaction).LoadAll());
  }
  for (Operation& operation : stored) {
    // What was being done may not have been: it is done again.
    for (VmResult& vm : *operation.mutable_results()) {
      if (vm.state() == VmResult::RUNNING) vm.set_state(VmResult::PENDING);
    }
    const bool is_done = operation.done();
    const std::string id = operation.id();
    {
      std::lock_guard lock(mutex_);
      by_id_[id] = std::make_shared<const Operation>(std::move(operation));
    }
    if (is_done) continue;
    LogInfo("operation-resumed", {{"operation", id}});
    std::thread([this, id] { Run(id); }).detach();
  }
  return absl::OkStatus();
}

absl::StatusOr<OperationPtr> Operations::Begin(
    emud::v1::OperationMetadata wanted, const std::vector<std::shared_ptr<const emud::v1::Vm>>& vms,
    const RequestOrigin& origin) {
  Operation operation;
  operation.set_id(NewUid());
  *operation.mutable_metadata() = std::move(wanted);
  operation.mutable_metadata()->set_principal(origin.principal);
  *operation.mutable_metadata()->mutable_create_time() = WallClockNow();
  for (const auto& vm : vms) {
    VmResult& result = *operation.add_results();
    result.set_vm(vm->name());
    result.set_vm_uid(vm->uid());
    result.set_project(vm->project());
    result.set_state(VmResult::PENDING);
  }
  CountProgress(operation);
  {
    std::lock_guard change(change_mutex_);
    Forget();
    {
      std::lock_guard lock(mutex_);
      const auto running = std::count_if(by_id_.begin(), by_id_.end(),
                                         [](const auto& row) { return !row.second->done(); });
      if (static_cast<size_t>(running) >= kMaxRunning)
        return errors::TooManyOperations(kMaxRunning);
    }
    RETURN_IF_ERROR(Store(operation, Durability::kPowerFailure, origin));
    std::lock_guard lock(mutex_);
    by_id_[operation.id()] = std::make_shared<const Operation>(operation);
  }
  LogInfo("operation-begun", {{"operation", operation.id()},
                              {"verb", emud::v1::Verb_Name(operation.metadata().verb())},
                              {"vms", operation.results_size()},
                              {"principal", origin.principal},
                              {"request", origin.request_id}});
  std::thread([this, id = operation.id()] { Run(id); }).detach();
  return std::make_shared<const Operation>(std::move(operation));
}

void Operations::Run(const std::string& id) {
  std::vector<std::thread> workers;
  const absl::StatusOr<OperationPtr> operation = Find(id);
  if (operation.ok() && IsWhole(**operation)) return RunWhole(**operation);
  const int vms = operation.ok() ? (*operation)->results_size() : 0;
  workers.reserve(kWorkers);
  for (int i = 0; i < std::min(vms, kWorkers); ++i) {
    workers.emplace_back([this, &id] { Work(id); });
  }
  for (std::thread& worker : workers) worker.join();
  Finish(id);
}

void Operations::RunWhole(const Operation& operation) {
  const std::string& id = operation.id();
  const Job job = {.report =
                       [this, &id](const std::string& stage, uint32_t percent) {
                         Change(id, [&](Operation& now) {
                           now.mutable_metadata()->set_stage(stage);
                           now.mutable_metadata()->set_progress_percent(std::min(percent, 100u));
                         });
                       },
                   .is_cancelled =
                       [this, &id] {
                         const absl::StatusOr<OperationPtr> now = Find(id);
                         return !now.ok() || (*now)->metadata().requested_cancellation();
                       }};
  const absl::Status done = whole_(operation, job);
  if (!done.ok()) {
    Change(id, [&done](Operation& now) { *now.mutable_error() = ToOperationError(done); });
  }
  Finish(id);
}

void Operations::Work(const std::string& id) {
  while (true) {
    const int index = TakeNext(id);
    const absl::StatusOr<OperationPtr> operation = Find(id);
    if (index < 0 || !operation.ok()) return;
    const VmResult& vm = (*operation)->results(index);
    const emud::v1::OperationMetadata& wanted = (*operation)->metadata();
    const absl::Status done = act_(wanted, vm, {wanted.principal(), "", "", ""});
    if (!done.ok()) {
      LogWarning("operation-vm-failed",
                 {{"operation", id}, {"vm", vm.vm()}, {"error", done.message()}});
    }
    Change(id, [index, &done](Operation& now) {
      VmResult& result = *now.mutable_results(index);
      result.set_state(done.ok() ? VmResult::SUCCEEDED : VmResult::FAILED);
      if (!done.ok()) *result.mutable_error() = ToOperationError(done);
    });
  }
}

int Operations::TakeNext(const std::string& id) {
  int taken = -1;
  Change(id, [&taken](Operation& now) {
    if (now.metadata().requested_cancellation()) return;
    for (int i = 0; i < now.results_size() && taken < 0; ++i) {
      if (now.results(i).state() == VmResult::PENDING) taken = i;
    }
    if (taken >= 0) now.mutable_results(taken)->set_state(VmResult::RUNNING);
  });
  return taken;
}

void Operations::Finish(const std::string& id) {
  const OperationPtr done = Change(id, &Conclude);
  if (done == nullptr) return;
  LogInfo("operation-done", {{"operation", id}, {"error", done->error().message()}});
}

OperationPtr Operations::Change(const std::string& id, const Edit& edit) {
  std::lock_guard change(change_mutex_);
  const absl::StatusOr<OperationPtr> before = Find(id);
  if (!before.ok()) return nullptr;
  Operation operation = **before;
  edit(operation);
  CountProgress(operation);
  // What has happened is believed; a daemon that does not know of it does it again.
  if (const absl::Status stored = Store(operation, Durability::kDaemon, {}); !stored.ok()) {
    LogError("operation-not-stored", {{"operation", id}, {"error", stored.message()}});
  }
  std::lock_guard lock(mutex_);
  changed_.notify_all();
  return by_id_[id] = std::make_shared<const Operation>(std::move(operation));
}

absl::Status Operations::Store(const Operation& operation, Durability durability,
                               const RequestOrigin& origin) {
  Transaction transaction(database_, durability);
  RETURN_IF_ERROR(OperationStore(transaction).Put(operation));
  RETURN_IF_ERROR(
      RequestStore(transaction).Begin(origin, operation.id(), std::chrono::system_clock::now()));
  return transaction.Commit();
}

absl::StatusOr<OperationPtr> Operations::Find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return errors::OperationNotFound(id);
  return it->second;
}

std::vector<OperationPtr> Operations::List() const {
  std::lock_guard lock(mutex_);
  std::vector<OperationPtr> all;
  all.reserve(by_id_.size());
  for (auto it = by_id_.rbegin(); it != by_id_.rend(); ++it) all.push_back(it->second);
  return all;
}

absl::StatusOr<OperationPtr> Operations::Wait(const std::string& id,
                                              std::chrono::steady_clock::time_point deadline,
                                              const std::function<bool()>& is_cancelled) const {
  while (true) {
    ASSIGN_OR_RETURN(OperationPtr operation, Find(id));
    const auto now = std::chrono::steady_clock::now();
    if (operation->done() || now >= deadline || is_cancelled()) return operation;
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::min(deadline, now + kPatience));
  }
}

absl::StatusOr<OperationPtr> Operations::Cancel(const std::string& id) {
  RETURN_IF_ERROR(Find(id).status());
  const OperationPtr cancelled = Change(id, [](Operation& now) {
    if (!now.done()) now.mutable_metadata()->set_requested_cancellation(true);
  });
  return cancelled != nullptr ? absl::StatusOr<OperationPtr>(cancelled) : Find(id);
}

absl::Status Operations::Delete(const std::string& id) {
  std::lock_guard change(change_mutex_);
  ASSIGN_OR_RETURN(const OperationPtr operation, Find(id));
  if (!operation->done()) return errors::OperationRuns(id);
  Transaction transaction(database_, Durability::kDaemon);
  RETURN_IF_ERROR(OperationStore(transaction).Remove(id));
  RETURN_IF_ERROR(transaction.Commit());
  std::lock_guard lock(mutex_);
  by_id_.erase(id);
  return absl::OkStatus();
}

// Those that ended long ago, and the oldest where there are too many.
void Operations::Forget() {
  const google::protobuf::Timestamp oldest = ToTimestamp(std::chrono::system_clock::now() - kKept);
  std::vector<std::string> ids;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, operation] : by_id_) {
      const bool is_old =
          operation->metadata().end_time() < oldest || by_id_.size() - ids.size() > kMaxKept;
      if (operation->done() && is_old) ids.push_back(id);
    }
  }
  if (ids.empty()) return;
  Transaction transaction(database_, Durability::kDaemon);
  OperationStore store(transaction);
  for (const std::string& id : ids) (void)store.Remove(id);
  if (!transaction.Commit().ok()) return;  // later, then
  std::lock_guard lock(mutex_);
  for (const std::string& id : ids) by_id_.erase(id);
}

}  // namespace emu::daemon
