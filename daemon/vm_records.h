// All VMs as the API shows them: in memory for readers, in the store for the next daemon. Every
// change of any of them gets the next revision, so that changes have one order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "daemon/revision_index.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "emud/v1/event.pb.h"
#include "emud/v1/vm.pb.h"

namespace emu::daemon {

// For every thread. Changes wait for the disk, one after the other; readers never do.
class VmRecords {
 public:
  // An intent is true once it is stored, and refused where the store refuses it. A fact has
  // happened: it is believed anyhow, and stored as soon as the store takes it.
  enum class Kind : uint8_t { kIntent, kFact };
  struct Cause {
    Kind kind;
    emud::v1::Event::Type event;
    RequestOrigin origin;
  };
  // Returns whether it has changed anything, or why it must not. Called with changes held up: it
  // calls nobody.
  using Edit = std::function<absl::StatusOr<bool>(emud::v1::Vm&)>;
  using Condition = std::function<bool(const emud::v1::Vm&)>;
  using Clock = std::chrono::steady_clock;

  explicit VmRecords(Database& database);
  // Reads what an earlier daemon stored. First of all.
  absl::Status Load();

  // Each is one transaction: the row, its event, the request's id.
  // ALREADY_EXISTS/NAME_IN_USE, PROJECT_NOT_FOUND, QUOTA_EXCEEDED, POOL_NOT_FOUND, POOL_EXHAUSTED.
  absl::StatusOr<VmPtr> Insert(emud::v1::Vm vm, const RequestOrigin& origin);
  // VM_NOT_FOUND, QUOTA_EXCEEDED, NAME_IN_USE where `edit` gives it another name; else what `edit`
  // or the store answers, and nothing has changed.
  absl::StatusOr<VmPtr> Change(const std::string& uid, const Cause& cause, const Edit& edit);
  // Its name is free then. Of one that was never made the requests are forgotten, too.
  absl::Status Erase(const std::string& uid, const RequestOrigin& origin);

  absl::StatusOr<VmPtr> FindByName(const std::string& name) const;
  VmPtr Find(const std::string& uid) const;  // null if there is none
  struct Snapshot {
    std::vector<VmPtr> vms;  // by name
    uint64_t revision;       // whose state they are
  };
  Snapshot List() const;
  // Returns when `is_enough`. VM_NOT_FOUND when it goes, WAIT_TIMED_OUT.
  absl::StatusOr<VmPtr> Wait(
      const std::string& uid, const Condition& is_enough, Clock::time_point deadline,
      const std::function<bool()>& is_cancelled = [] { return false; });

  // Up to `limit` changes after `revision`, each VM once, in order. REVISION_COMPACTED.
  absl::StatusOr<std::vector<VmDelta>> ChangesAfter(uint64_t revision, size_t limit) const;
  // Likewise every single event; 0: from the oldest. Reads the store.
  absl::StatusOr<std::vector<emud::v1::Event>> EventsAfter(uint64_t revision, int limit);
  uint64_t newest_revision() const;
  // Returns when there is one above, or after `timeout`.
  void WaitForRevisionAbove(uint64_t revision, std::chrono::milliseconds timeout) const;

 private:
  enum class Row : uint8_t { kPut, kRemove };
  struct Write {
    Row row;
    const emud::v1::Vm& vm;
    const Cause& cause;
    const emud::v1::Vm* before = nullptr;  // absent: the VM is new
  };

  absl::Status Commit(const Write& write) ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mutex_);
  // Whether the VM's project is there and may have what the VM takes. PROJECT_NOT_FOUND,
  // QUOTA_EXCEEDED.
  absl::Status Reserve(Transaction& transaction, const Write& write) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mutex_);
  // Whether the images that it has now, and had not, are still there: IMAGE_NOT_FOUND. An image
  // that is deleted looks for its VMs in a transaction likewise.
  static absl::Status CheckImages(Transaction& transaction, const Write& write);
  // Likewise the volumes: VOLUME_NOT_FOUND.
  static absl::Status CheckVolumes(Transaction& transaction, const Write& write);
  // Whether the pool that a new VM is for is still there, and may have one more: POOL_NOT_FOUND,
  // POOL_EXHAUSTED.
  absl::Status CheckPool(Transaction& transaction, const Write& write) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mutex_);
  void Publish(const VmPtr& vm, const VmPtr& before);

  Database& database_;
  std::mutex commit_mutex_;  // before mutex_
  // Events of facts that the store did not take.
  std::deque<emud::v1::Event> unsaved_ ABSL_GUARDED_BY(commit_mutex_);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, VmPtr> by_name_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, VmPtr> by_uid_ ABSL_GUARDED_BY(mutex_);
  RevisionIndex index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
