// Work that goes on after its request was answered: one verb for many VMs, or one long job.
//
//   Begin: stored -> runner: up to 8 VMs at a time -> each VM's result stored -> done
//   a new daemon: what is not done yet has a runner again
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
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "emud/v1/operation.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

using OperationPtr = std::shared_ptr<const emud::v1::Operation>;

// For every thread. Lives until the process ends, since runners call it.
class Operations {
 public:
  static constexpr size_t kMaxRunning = 16;
  static constexpr size_t kMaxKept = 1000;  // done ones; the oldest are forgotten for new ones
  static constexpr std::chrono::hours kKept{24};

  // Does the operation's verb to one VM. All verbs may be done again: to a VM that is as it should
  // be nothing happens. `origin` has the principal.
  using Act =
      std::function<absl::Status(const emud::v1::OperationMetadata& wanted,
                                 const emud::v1::VmResult& vm, const RequestOrigin& origin)>;

  // Of one long job: says how far it is, and hears whether it is wanted still. As long as the call.
  struct Job {
    std::function<void(const std::string& stage, uint32_t percent)> report;
    std::function<bool()> is_cancelled;
  };
  // Does all of an operation that is not about VMs. It may be done again, too.
  using Whole = std::function<absl::Status(const emud::v1::Operation& operation, const Job& job)>;

  Operations(Database& database, Act act, Whole whole)
      : database_(database), act_(std::move(act)), whole_(std::move(whole)) {}
  // Reads what an earlier daemon stored, and goes on with it. First of all.
  absl::Status Load();

  // Stores the intent, with its request id, and begins. TOO_MANY_OPERATIONS; STORAGE_FULL.
  absl::StatusOr<OperationPtr> Begin(emud::v1::OperationMetadata wanted,
                                     const std::vector<std::shared_ptr<const emud::v1::Vm>>& vms,
                                     const RequestOrigin& origin);
  absl::StatusOr<OperationPtr> Find(const std::string& id) const;  // OPERATION_NOT_FOUND
  std::vector<OperationPtr> List() const;                          // the newest first
  // Returns when it is done, at `deadline`, or when nobody waits any more.
  absl::StatusOr<OperationPtr> Wait(const std::string& id,
                                    std::chrono::steady_clock::time_point deadline,
                                    const std::function<bool()>& is_cancelled) const;
  absl::StatusOr<OperationPtr> Cancel(const std::string& id);
  absl::Status Delete(const std::string& id);  // OPERATION_RUNS

 private:
  using Edit = std::function<void(emud::v1::Operation&)>;

  void Run(const std::string& id);
  void RunWhole(const emud::v1::Operation& operation);
  void Work(const std::string& id);
  // The first VM that is still to be done, now RUNNING; -1 if there is none, or it was cancelled.
  int TakeNext(const std::string& id);
  void Finish(const std::string& id);
  OperationPtr Change(const std::string& id, const Edit& edit);
  absl::Status Store(const emud::v1::Operation& operation, Durability durability,
                     const RequestOrigin& origin);
  void Forget();

  Database& database_;
  const Act act_;
  const Whole whole_;
  std::mutex change_mutex_;  // before mutex_
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, OperationPtr> by_id_ ABSL_GUARDED_BY(mutex_);  // the oldest first
};

}  // namespace emu::daemon
