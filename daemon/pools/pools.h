// All pools: what they are is in memory for readers and in the store for the next daemon; which VMs
// wait in them, the VMs' records say.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/metrics/histogram.h"
#include "daemon/snapshots/snapshots.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "daemon/vm_table.h"
#include "emud/v1/pool.pb.h"

namespace emu::daemon {

using PoolPtr = std::shared_ptr<const emud::v1::Pool>;

// For every thread.
class Pools {
 public:
  // Both have been loaded.
  Pools(Database& database, VmTable& vms, const Snapshots& snapshots)
      : database_(database), vms_(vms), snapshots_(snapshots) {}
  // Reads what an earlier daemon stored. First of all.
  absl::Status Load();

  // As the API shows them, with how many VMs there are now.
  absl::StatusOr<PoolPtr> Find(const std::string& name) const;  // POOL_NOT_FOUND
  PoolPtr FindByUid(const std::string& uid) const;              // null if there is none
  std::vector<PoolPtr> List() const;                            // by name

  // Each is one transaction, with the request's id.
  // The request says a project. ALREADY_EXISTS, SNAPSHOT_NOT_FOUND, SNAPSHOT_NOT_READY,
  // INVALID_ARGUMENT.
  absl::StatusOr<PoolPtr> Create(const emud::v1::CreatePoolRequest& request,
                                 const RequestOrigin& origin);
  absl::StatusOr<PoolPtr> Update(const emud::v1::UpdatePoolRequest& request,
                                 const RequestOrigin& origin);  // ETAG_MISMATCH
  // Its VMs that wait are somebody else's to delete: PoolFiller.
  absl::Status Delete(const emud::v1::DeletePoolRequest& request, const RequestOrigin& origin);

  // acquire.cc. One that waits, else one that is made and started now. NAME_IN_USE, POOL_EXHAUSTED,
  // and what Create and Start of VmTable answer.
  absl::StatusOr<VmPtr> Acquire(const emud::v1::AcquireVmRequest& request,
                                const RequestOrigin& origin);
  // Makes one more that waits.
  absl::Status MakeWaiting(const emud::v1::Pool& pool);
  // Shown with the pool until the next one.
  void NoteFilling(const std::string& uid, const absl::Status& outcome);

  void WriteMetrics(MetricsText& text) const;

 private:
  // What the request wants.
  absl::StatusOr<emud::v1::Pool> Plan(const emud::v1::CreatePoolRequest& request) const;
  absl::StatusOr<PoolPtr> FindUnchanged(const std::string& name, const std::string& etag) const;
  absl::Status Store(const emud::v1::Pool& pool, const RequestOrigin& origin);
  void Publish(emud::v1::Pool pool);
  // With how many VMs of it there are in `vms`, and what has failed.
  PoolPtr Shown(const emud::v1::Pool& pool, const std::vector<VmPtr>& vms) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::StatusOr<VmPtr> TakeOne(const emud::v1::Pool& pool,
                                const emud::v1::AcquireVmRequest& request,
                                const RequestOrigin& origin);
  absl::StatusOr<VmPtr> ForkOne(const emud::v1::Pool& pool,
                                const emud::v1::AcquireVmRequest& request,
                                const RequestOrigin& origin);
  // A VM of the pool, under a name of its own.
  static emud::v1::CreateVmRequest RequestFor(const emud::v1::Pool& pool);
  absl::StatusOr<VmPtr> Make(const emud::v1::Pool& pool, const emud::v1::CreateVmRequest& request,
                             VmTable::PoolPlace place, const RequestOrigin& origin) const;

  struct Acquisitions {
    Histogram waiting;  // of VMs that waited
    Histogram forked;   // and of those that were made first
  };

  Database& database_;
  VmTable& vms_;
  const Snapshots& snapshots_;
  std::mutex change_mutex_;  // one change after the other; before mutex_

  mutable std::mutex mutex_;
  std::map<std::string, emud::v1::Pool> by_name_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> errors_ ABSL_GUARDED_BY(mutex_);         // by uid
  std::map<std::string, Acquisitions> acquisitions_ ABSL_GUARDED_BY(mutex_);  // by name
};

}  // namespace emu::daemon
