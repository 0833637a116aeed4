// All snapshots: what they are is in memory for readers and in the store for the next daemon; their
// files are in folders of their own.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/images/images.h"
#include "daemon/snapshots/snapshot_folder.h"
#include "daemon/store/database.h"
#include "daemon/store/request_store.h"
#include "emud/v1/snapshot.pb.h"

namespace emu::daemon {

using SnapshotPtr = std::shared_ptr<const emud::v1::Snapshot>;

// For every thread.
class Snapshots {
 public:
  Snapshots(std::string state_dir, Database& database)
      : state_dir_(std::move(state_dir)), database_(database) {}
  // Reads what an earlier daemon stored, drops what it did not finish. First of all.
  absl::Status Load();

  absl::StatusOr<SnapshotPtr> Find(const std::string& name) const;  // SNAPSHOT_NOT_FOUND
  // Likewise of one that is READY and of that project. SNAPSHOT_NOT_READY.
  absl::StatusOr<SnapshotPtr> FindReady(const std::string& name, const std::string& project) const;
  SnapshotPtr FindByUid(const std::string& uid) const;  // null if there is none
  std::vector<SnapshotPtr> List() const;                // by name

  // Stores that `wanted` is to be; it is CREATING until Finish or Drop. INVALID_ARGUMENT of its
  // name, ALREADY_EXISTS, QUOTA_EXCEEDED, IMAGE_NOT_FOUND.
  absl::StatusOr<SnapshotPtr> Begin(emud::v1::Snapshot wanted);
  // It is READY, as `taken` says. Where that can't be stored, there is none.
  absl::Status Finish(emud::v1::Snapshot taken);
  void Drop(const std::string& uid);
  // What an import has made is READY, with the images that came along, and the upload is gone: all
  // of it or nothing. IMAGE_NOT_FOUND, ALREADY_EXISTS, QUOTA_EXCEEDED.
  absl::StatusOr<SnapshotPtr> FinishImport(emud::v1::Snapshot made, const std::string& upload_id,
                                           Images& images, std::vector<Images::Prepared> coming,
                                           const RequestOrigin& origin);

  // Labels and annotations. INVALID_FIELD, ETAG_MISMATCH.
  absl::StatusOr<SnapshotPtr> Update(const emud::v1::UpdateSnapshotRequest& request,
                                     const RequestOrigin& origin);

  // With the request's id. SNAPSHOT_NOT_READY, SNAPSHOT_IN_USE, ETAG_MISMATCH.
  absl::Status Delete(const emud::v1::DeleteSnapshotRequest& request, const RequestOrigin& origin);

  const std::string& state_dir() const { return state_dir_; }
  // What snapshots have of their project's quota.
  uint64_t DiskMibOf(const std::string& project) const;

 private:
  absl::StatusOr<SnapshotPtr> FindUnchanged(const std::string& name, const std::string& etag) const;
  absl::Status Store(const emud::v1::Snapshot& snapshot);
  void Publish(emud::v1::Snapshot snapshot);

  const std::string state_dir_;
  Database& database_;
  // While rows and files are made to agree. Before mutex_.
  std::mutex change_mutex_;

  mutable std::mutex mutex_;
  std::map<std::string, SnapshotPtr> by_name_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace emu::daemon
