// The table snapshots: what they are called, and what they are.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/snapshot.pb.h"

namespace emu::daemon {

// As long as its transaction.
class SnapshotStore {
 public:
  explicit SnapshotStore(Transaction& transaction) : transaction_(transaction) {}

  // `disk_mib`: what it has of its project's quota.
  absl::Status Put(const emud::v1::Snapshot& snapshot, uint64_t disk_mib);
  absl::Status Remove(const std::string& uid);
  // Rows that can't be read are logged and left where they are.
  absl::StatusOr<std::vector<emud::v1::Snapshot>> LoadAll();
  absl::StatusOr<bool> Has(const std::string& uid);

  // What the snapshots of a project have of its quota.
  absl::StatusOr<uint64_t> DiskMibOf(const std::string& project);

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
