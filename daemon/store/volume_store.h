// The table volumes: what they are called, and what they are.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/database.h"
#include "emud/v1/volume.pb.h"

namespace emu::daemon {

// As long as its transaction.
class VolumeStore {
 public:
  explicit VolumeStore(Transaction& transaction) : transaction_(transaction) {}

  absl::Status Put(const emud::v1::Volume& volume);
  absl::Status Remove(const std::string& uid);
  // Rows that can't be read are logged and left where they are.
  absl::StatusOr<std::vector<emud::v1::Volume>> LoadAll();
  absl::StatusOr<bool> Has(const std::string& name);

  // What the volumes of a project have of its quota.
  absl::StatusOr<uint64_t> DiskMibOf(const std::string& project);

 private:
  Transaction& transaction_;
};

}  // namespace emu::daemon
