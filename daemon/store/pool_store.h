// The table pools: what they are called, and what they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/pool.pb.h"

namespace emu::daemon {

// As long as its transaction.
class PoolStore {
 public:
  explicit PoolStore(Transaction& transaction) : transaction_(transaction) {}

  // New, or in place of what it was.
  absl::Status Put(const emud::v1::Pool& pool);
  absl::Status Remove(const std::string& uid);
  // Rows that can't be read are logged and left where they are.
  absl::StatusOr<std::vector<emud::v1::Pool>> LoadAll();
  absl::StatusOr<std::optional<emud::v1::Pool>> Find(const std::string& uid);
  // The names of those that make VMs of a snapshot.
  absl::StatusOr<std::vector<std::string>> UsersOf(const std::string& snapshot_uid);

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
